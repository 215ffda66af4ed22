-- Revert certhall:partner from pg
BEGIN;

GRANT EXECUTE ON FUNCTION hall.project_import TO certhall_admin;
DROP TRIGGER IF EXISTS partner_told ON hall.orders;
CREATE OR REPLACE FUNCTION hall.order_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT order_base_json(o) || order_items_json(o) || order_reissue_json(o) || order_finauth_json(o) || order_money_json(o)
           || order_parcel_json(o) || jsonb_build_object('can', order_can(o)) $$;

CREATE OR REPLACE FUNCTION hall.project_face(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('slug', slug, 'project_id', project_id, 'name', name, 'title', title, 'form_title', form_title,
        'intro', intro, 'login_ways', login_ways, 'self_registration', self_registration, 'business', business,
        'hotline_text', hotline_text, 'steps', steps_json(id), 'links', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'label', l.label, 'url', l.url) ORDER BY l.pos), '[]') FROM project_link l WHERE l.project = id))
      FROM project WHERE id = wanted $$;

CREATE OR REPLACE FUNCTION hall.row_import(target regclass, given jsonb, fixed jsonb, place text, others text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    whole jsonb := jsonb_strip_nulls(given) - others || fixed;
    wrong text;
    names text;
BEGIN
    SELECT k INTO wrong FROM jsonb_object_keys(given - others) k
     WHERE k NOT IN (SELECT columns_of(target)) OR fixed ? k LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('项目文件里的 %s/%s 不是已知的项目。', place, wrong), place || '/' || wrong);
    END IF;
    SELECT string_agg(quote_ident(k), ', ') INTO names FROM jsonb_object_keys(whole) k;
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $1)', target, names, names, target)
      USING whole;
END $$;

DROP FUNCTION IF EXISTS hall.project_take,
    hall.project_check,
    hall.document_changes,
    hall.project_document,
    hall.member_unfit,
    hall.project_refuse,
    hall.partner_report,
    hall.desk_report,
    hall.report_orders,
    hall.regions_import,
    hall.calendar_json,
    hall.calendar_missing,
    hall.calendar_import,
    hall.order_partner_json,
    hall.partners_json,
    hall.partner_orders,
    hall.partner_event_end,
    hall.partner_event_work,
    hall.partner_told,
    hall.partner_order,
    hall.was_handed_in,
    hall.partner_hook_put,
    hall.partner_sweep,
    hall.ticket_keeps,
    hall.ticket_fill,
    hall.ticket_read,
    hall.ticket_of_link,
    hall.ticket_open,
    hall.ticket_new,
    hall.partner_enter,
    hall.partner_keys,
    hall.partner_key_read,
    hall.partner_key_list,
    hall.partner_key_end,
    hall.partner_key_new,
    hall.project_of_slug;
DELETE FROM hall.sealed_column WHERE place IN ('partner_key.secret', 'ticket.form', 'partner_hook.secret');
DROP TABLE IF EXISTS hall.partner_event, hall.partner_hook, hall.ticket, hall.partner_nonce, hall.partner_key;
DROP INDEX IF EXISTS hall.orders_project_created, hall.orders_created, hall.payment_paid_at, hall.refund_ended_at;
ALTER TABLE hall.orders DROP COLUMN IF EXISTS reference, DROP COLUMN IF EXISTS locked;
ALTER TABLE hall.region DROP COLUMN IF EXISTS gone;
ALTER TABLE hall.project_field DROP COLUMN IF EXISTS locked;
ALTER TABLE hall.project_field ALTER COLUMN required DROP DEFAULT;
ALTER TABLE hall.project_type DROP COLUMN IF EXISTS partner_name;
ALTER TABLE hall.project DROP COLUMN IF EXISTS platform, DROP COLUMN IF EXISTS next_button, DROP COLUMN IF EXISTS confirm_type;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_partner') THEN
        EXECUTE 'DROP OWNED BY certhall_partner';
    END IF;
END $$;

COMMIT;
