-- Verify certhall:seal_filing_at on pg
SELECT 'hall.seal_filing_at'::regclass;
