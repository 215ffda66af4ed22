-- Verify certhall:people on pg
SELECT 'hall.account'::regclass,
       'hall.staff'::regclass,
       'hall.session'::regclass;
