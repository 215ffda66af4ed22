-- Gifts are reserved while there are any, once for a unit, and returned to the stock when the order ends.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project('{"gifts": [{"years": 1, "name": "充电宝", "needs_seal": true, "stock": 2},
                                       {"years": 3, "name": "耳机", "needs_seal": false, "stock": 1}]}') AS project,
       pg_temp.new_project('{"gifts": [{"years": 1, "name": "充电宝", "needs_seal": false, "stock": 5}]}') AS elsewhere,
       pg_temp.new_account() AS account, pg_temp.new_staff('finance') AS finance \gset

-- Makes a paid order for that unit, with so many years, with or without a seal, and returns its gift.
CREATE FUNCTION pg_temp.buy(project uuid, account uuid, unit text, years int, seal bool) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, jsonb_build_object('state', 'unpaid', 'years', years, 'seal_wanted', seal,
                                    'unit_hash', sha256(unit::bytea)));
BEGIN
    PERFORM pg_temp.be_system();
    PERFORM hall.order_paid(o, 'paid');
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.gift_of(wanted uuid) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(gift, '-') FROM hall.orders WHERE id = wanted $$;
CREATE FUNCTION pg_temp.stock(wanted uuid, y int) RETURNS int LANGUAGE sql AS $$ SELECT stock FROM hall.project_gift WHERE project = wanted AND years = y $$;

SELECT is(pg_temp.gift_of(pg_temp.buy(:'project', :'account', 'unit a', 1, false)), '-', 'without a seal none, where one is asked for');
SELECT is(pg_temp.stock(:'project', 1), 2, 'and none is taken');
SELECT pg_temp.buy(:'project', :'account', 'unit b', 1, true) AS b \gset
SELECT is(pg_temp.gift_of(:'b'), '充电宝', 'with the seal there is one');
SELECT is(pg_temp.stock(:'project', 1), 1, 'taken from the stock');
SELECT is(pg_temp.gift_of(pg_temp.buy(:'project', :'account', 'unit b', 1, true)), '-', 'the same unit gets no second one');
SELECT is(pg_temp.gift_of(pg_temp.buy(:'project', :'account', 'unit b', 3, true)), '-', 'nor another one');
SELECT is(pg_temp.gift_of(pg_temp.buy(:'elsewhere', :'account', 'unit b', 1, true)), '充电宝', 'another project has its own');
SELECT is(pg_temp.gift_of(pg_temp.buy(:'project', :'account', 'unit c', 3, false)), '耳机', 'three years bring another gift');
SELECT is(pg_temp.gift_of(pg_temp.buy(:'project', :'account', 'unit d', 3, false)), '-', 'out of stock');
SELECT is(pg_temp.stock(:'project', 3), 0, 'never below zero');
SELECT is(pg_temp.outcome(format('UPDATE hall.project_gift SET stock = -1 WHERE project = %L', :'project')), '23514', 'not even by hand');
SELECT is(pg_temp.gift_of(pg_temp.buy(:'project', :'account', 'unit e', 2, true)), '-', 'two years bring none');

-- A second payment of the same order takes no second gift.
UPDATE hall.orders SET state = 'unpaid' WHERE id = :'b';
SELECT hall.order_paid(:'b', 'paid');
SELECT is(pg_temp.stock(:'project', 1), 1, 'paid again: no second gift');

-- The gift returns to the stock.
SELECT pg_temp.be_staff(:'finance', 'finance');
UPDATE hall.orders SET refund = 'done' WHERE id = :'b';
SELECT hall.advance(:'b', 'refund');
SELECT is(pg_temp.stock(:'project', 1), 2, 'a refund puts it back');
SELECT is(pg_temp.gift_of(:'b'), '-', 'and takes it off the order');
UPDATE hall.orders SET subject = subject WHERE id = :'b';
SELECT is(pg_temp.stock(:'project', 1), 2, 'once');
SELECT pg_temp.new_order(:'project', :'account', jsonb_build_object('state', 'unpaid', 'paid', 'none')) AS n \gset
SELECT pg_temp.be_system();
SELECT hall.advance(:'n', 'cancel');
SELECT is(pg_temp.stock(:'project', 1), 2, 'cancelling without a gift puts none back');

-- A new import of the project keeps the count.
SELECT hall.project_import((SELECT jsonb_build_object('slug', slug, 'project_id', project_id, 'name', name, 'title', title, 'form_title', form_title,
    'business', business, 'login_ways', login_ways, 'self_registration', true, 'seal_mode', seal_mode, 'payment_ways', payment_ways,
    'finauth', finauth, 'account_asked', account_asked, 'review_days', 1, 'couriers', couriers, 'courier_payment', courier_payment,
    'agreements', '[]'::jsonb, 'steps', '[]'::jsonb, 'types', '[]'::jsonb, 'fields', '[]'::jsonb, 'papers', '[]'::jsonb,
    'gifts', '[{"years": 1, "name": "新充电宝", "needs_seal": true, "stock": 200}]'::jsonb) FROM hall.project WHERE id = :'project'));
SELECT results_eq(format('SELECT years, name, stock FROM hall.project_gift WHERE project = %L', :'project'), $$ VALUES (1, '新充电宝', 2) $$,
                  'an import renames, but counts nothing anew');

SELECT * FROM finish();
ROLLBACK;
