-- Verify certhall:seal on pg
SELECT project, pos, business, code, version FROM hall.project_notice WHERE false;
SELECT mail_region, annex_printed, counts_from FROM hall.orders WHERE false;
SELECT template, per_item FROM hall.project_material WHERE false;
SELECT 'hall.limit_keep(hall.orders, timestamptz)'::regprocedure, 'hall.order_agreed(uuid, jsonb)'::regprocedure;
