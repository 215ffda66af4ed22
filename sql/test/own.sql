-- Rights of rows: whoever reads an order's page reads their own, whatever a statement asks for. A module that is broken into leaves
-- its conditions out.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS mine, pg_temp.new_account() AS theirs, pg_temp.new_staff('reviewer') AS reviewer,
       pg_temp.new_staff('producer') AS producer \gset
INSERT INTO hall.outlet (code, name, place) VALUES ('tapout', '测试网点', '深圳');
UPDATE hall.staff SET outlet = NULL WHERE id = :'producer';
INSERT INTO hall.staff (id, name, display_name, roles, outlet)
VALUES (gen_random_uuid(), 'tapoutlet', '网点', '{outlet}', 'tapout') RETURNING id AS outlet \gset
SELECT pg_temp.new_order(:'project', :'mine') AS draft, pg_temp.new_order(:'project', :'mine', '{"state": "in_review", "paid": "paid"}') AS own,
       pg_temp.new_order(:'project', :'theirs', '{"state": "accepted", "paid": "paid"}') AS other,
       pg_temp.new_order(:'project', :'theirs', '{"state": "accepted", "paid": "paid", "outlet": "tapout"}') AS outlets \gset
INSERT INTO hall.order_history (order_id, event, text) SELECT id, 'test', '一行' FROM hall.orders WHERE id IN (:'draft', :'own', :'other', :'outlets');
INSERT INTO hall.order_item (order_id, item, cert_type, years) SELECT id, 1, 'institution', 1 FROM hall.orders WHERE id IN (:'draft', :'own', :'other', :'outlets');

-- The orders, of these four, that the caller can read by a view.
CREATE FUNCTION pg_temp.read(view text, key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE seen text;
BEGIN
    EXECUTE format('SELECT string_agg(DISTINCT n.name, '' '' ORDER BY n.name) FROM pg_temp.named n JOIN hall.%I v ON v.%I = n.id', view, key) INTO seen;
    RETURN seen;
END $$;
CREATE TEMP TABLE named AS SELECT * FROM (VALUES ('draft', :'draft'::uuid), ('other', :'other'), ('outlets', :'outlets'), ('own', :'own')) v(name, id);
-- Those that the caller can read by a function of the page.
CREATE FUNCTION pg_temp.page_read(function text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE seen text;
BEGIN
    EXECUTE format('SELECT string_agg(DISTINCT n.name, '' '' ORDER BY n.name) FROM pg_temp.named n CROSS JOIN LATERAL hall.%I(n.id)', function) INTO seen;
    RETURN seen;
END $$;
CREATE TEMP TABLE page AS SELECT unnest('{order_page,order_papers,order_lines,order_form}'::text[]) AS name;
CREATE TEMP TABLE view AS SELECT * FROM (VALUES ('own_identity', 'order_id')) v(name, key);
CREATE TEMP TABLE desk AS SELECT * FROM (VALUES ('desk_order', 'id')) v(name, key);

SELECT pg_temp.be_applicant(:'mine', :'project') \g /dev/null
SELECT is(pg_temp.read(name, key), 'draft own', 'an applicant reads their own in ' || name) FROM view;
SELECT is(pg_temp.read(name, key), NULL, 'and nothing in ' || name) FROM desk;
SELECT is(pg_temp.page_read(name), 'draft own', 'and by ' || name) FROM page;
SELECT is(pg_temp.read('own_unit_order', 'id'), 'own', 'of units what was handed in');
SELECT is((SELECT array_agg(id) FROM hall.own_account), ARRAY[:'mine'::uuid], 'and the account itself');
SELECT pg_temp.be_applicant(:'mine', pg_temp.new_project()) \g /dev/null
SELECT is(pg_temp.page_read(name), NULL, 'on the pages of another project nothing by ' || name) FROM page;
SELECT pg_temp.be_applicant(:'mine', NULL) \g /dev/null
SELECT is(pg_temp.page_read(name), 'draft own', 'on those of no project all of them by ' || name) FROM page;
SELECT is(pg_temp.read('own_identity', 'order_id'), NULL, 'how far the phone is, on the pages of the project alone');
SELECT pg_temp.be_applicant(:'theirs', :'project') \g /dev/null
SELECT is(pg_temp.page_read(name), 'other outlets', 'another reads theirs by ' || name) FROM page;
SELECT is(pg_temp.read(name, key), 'other outlets', 'another reads theirs in ' || name) FROM view;

SELECT pg_temp.be_staff(:'reviewer', 'reviewer') \g /dev/null
SELECT is(pg_temp.read(name, key), 'other outlets own', 'a reviewer reads all that was handed in, in ' || name) FROM desk;
SELECT is(pg_temp.read(name, key), NULL, 'and nothing as an applicant in ' || name) FROM view;
SELECT is(pg_temp.page_read(name), 'other outlets own', 'and by ' || name) FROM page;
SELECT pg_temp.be_staff(:'producer', 'producer') \g /dev/null
SELECT is(pg_temp.read(name, key), 'other own', 'a producer of the CA nothing that an outlet makes, in ' || name) FROM desk;
SELECT is(pg_temp.page_read(name), 'other own', 'nor by ' || name) FROM page;
SELECT pg_temp.be_staff(:'outlet', 'outlet') \g /dev/null
SELECT is(pg_temp.read(name, key), 'outlets', 'an outlet''s its own, in ' || name) FROM desk;
SELECT is(pg_temp.page_read(name), 'outlets', 'and no more by ' || name) FROM page;

-- An id of another kind of caller gives no rights: neither that of staff as an applicant, nor an unknown one.
SELECT pg_temp.be('account', :'reviewer', '{applicant}', :'project') \g /dev/null
SELECT is(pg_temp.page_read(name), NULL, 'a member of staff is no applicant by ' || name) FROM page;
SELECT is(pg_temp.read(name, key), NULL, 'nor in ' || name) FROM view;
SELECT pg_temp.be('link', :'mine', '{phone}', :'project') \g /dev/null
SELECT is(pg_temp.page_read(name), NULL, 'nor is a link by ' || name) FROM page;
SELECT is(pg_temp.read(name, key), NULL, 'or in ' || name) FROM view;
SELECT is((SELECT count(*) FROM hall.own_account) + (SELECT count(*) FROM hall.own_unit_order), 0::bigint, 'or of an account');
INSERT INTO hall.identity (id, order_id, expires_at) VALUES (gen_random_uuid(), :'own', now() + interval '1 hour') RETURNING id AS phone \gset
SELECT pg_temp.be('link', :'phone', '{phone}', :'project') \g /dev/null
SELECT is((SELECT array_agg(identity || ' ' || role) FROM hall.link_identity), ARRAY[:'phone' || ' agent'], 'a link reads what it stands for');
SELECT pg_temp.be('link', :'phone', '{phone}', NULL) \g /dev/null
SELECT is_empty('SELECT FROM hall.link_identity', 'on the pages of its project alone');
SELECT pg_temp.be('account', :'phone', '{applicant}', :'project') \g /dev/null
SELECT is_empty('SELECT FROM hall.link_identity', 'and nobody does by its id');
SELECT hall.keep('caller', NULL) \g /dev/null
SELECT is_empty('SELECT FROM hall.link_identity UNION ALL SELECT FROM hall.own_account UNION ALL SELECT FROM hall.own_certificate UNION ALL SELECT FROM hall.own_hand_over', 'nobody reads nothing of phones and accounts');
SELECT is(pg_temp.read(name, key), NULL, 'nobody reads nothing in ' || name) FROM (SELECT * FROM view UNION ALL SELECT * FROM desk) v;
SELECT is(pg_temp.page_read(name), NULL, 'nor by ' || name) FROM page;

SELECT * FROM finish();
ROLLBACK;
