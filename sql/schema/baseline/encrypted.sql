-- The encrypted columns (core/crypto/ring.h): place, table, column, and the column that identifies the row.

SELECT hall.encrypted_column_add(v.place, v."table", v."column", v."row")
  FROM (VALUES
    ('order.form', 'orders', 'form', 'id'),
    ('account.phone', 'account', 'phone_encrypted', 'id'),
    ('bank_account.encrypted', 'bank_account', 'encrypted', 'order_id'),
    ('message.content', 'message', 'content', 'id'),
    ('paper.key', 'paper', 'file_key', 'id'),
    ('licence_check.seen', 'licence_check', 'seen', 'paper_id'),
    ('revocation.note', 'revocation', 'note', 'id'),
    ('revocation.answer', 'revocation', 'answer', 'id'),
    ('act.statement', 'act', 'statement', 'id'),
    ('sealpicture.name', 'sealpicture', 'name', 'id'),
    ('sealpicture.png', 'sealpicture', 'png', 'id'),
    ('sealpicture.svg', 'sealpicture', 'svg', 'id'),
    ('payout_code.encrypted', 'payout_code', 'encrypted', 'payout'),
    ('legal_person.encrypted', 'legal_person', 'encrypted', 'order_id'),
    ('transfer.payer', 'transfer', 'payer', 'payment_id'),
    ('transfer.reason', 'transfer', 'reason', 'payment_id'),
    ('voucher.key', 'voucher', 'file_key', 'id'),
    ('refund_request.reason', 'refund_request', 'reason', 'id'),
    ('invoice.buyer', 'invoice', 'buyer', 'id'),
    ('account.profile', 'account', 'profile', 'id'),
    ('partner_key.secret', 'partner_key', 'secret', 'id'),
    ('ticket.form', 'ticket', 'form', 'id'),
    ('partner_hook.secret', 'partner_hook', 'secret', 'id')
  ) v(place, "table", "column", "row");
