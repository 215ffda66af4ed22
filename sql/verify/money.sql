-- Verify certhall:money on pg
SELECT 'hall.transfer'::regclass, 'hall.voucher'::regclass, 'hall.refund_request'::regclass, 'hall.money_open'::regclass,
       'hall.transfer_confirm(uuid, uuid, int, int, date, text, bytea, bool, bytea)'::regprocedure,
       'hall.refund_approve(uuid, int, text)'::regprocedure;
