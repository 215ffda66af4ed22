-- Verify certhall:resolution_subject on pg
SELECT code, name, place, id FROM hall.outlet WHERE false;
SELECT 1 / (pg_get_constraintdef(oid) LIKE '%partner_hook%')::int FROM pg_constraint WHERE conname = 'resolution_what_check';
