-- Verify certhall:certificate_listed on pg
SELECT 1 / (count(*) = 1)::int FROM pg_index WHERE indexrelid = 'hall.certificate_listed'::regclass AND indnatts > indnkeyatts;
