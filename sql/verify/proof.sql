-- Verify certhall:proof on pg
SELECT legal_auth, legal_auth_after FROM hall.project WHERE false;
SELECT suspended_at, looked_at FROM hall.payout WHERE false;
SELECT payout, sealed, hash, state, tries, expires_at FROM hall.payout_code WHERE false;
SELECT finauth, payout, person, goes FROM hall.pin_delivery WHERE false;
SELECT order_id, sealed, masked FROM hall.legal_person WHERE false;
SELECT offered, short, grams FROM hall.bank_branch WHERE false;
SELECT 'hall.bank_gram'::regclass, 'hall.bank_synonym'::regclass, 'hall.bank_import'::regclass, 'hall.payout_code_put'::regproc,
       'hall.payout_suspended'::regproc, 'hall.code_end'::regproc, 'hall.code_try'::regproc, 'hall.code_link'::regproc,
       'hall.link_code_try'::regproc, 'hall.legal_start'::regproc, 'hall.legal_passed'::regproc, 'hall.desk_payouts'::regproc,
       'hall.desk_payout'::regproc, 'hall.bank_exact'::regproc, 'hall.bank_near'::regproc, 'hall.bank_import_end'::regproc;
