-- Verify certhall:verification on pg
SELECT 'hall.public_count'::regclass, 'hall.serial_status(text, int)'::regprocedure, 'hall.certificates_known(bytea[])'::regprocedure;
