-- The sealed columns (core/crypto/seal.h): place, table, column, and the column that names the row.

SELECT hall.seal_column(v.place, v."table", v."column", v."row")
  FROM (VALUES
    ('order.form', 'orders', 'form', 'id'),
    ('account.phone', 'account', 'phone_sealed', 'id'),
    ('bank_account.sealed', 'bank_account', 'sealed', 'order_id'),
    ('message.content', 'message', 'content', 'id'),
    ('material.key', 'material', 'file_key', 'id'),
    ('licence_check.seen', 'licence_check', 'seen', 'material_id'),
    ('revocation.note', 'revocation', 'note', 'id'),
    ('revocation.answer', 'revocation', 'answer', 'id'),
    ('stamp.name', 'stamp', 'name', 'id'),
    ('stamp.png', 'stamp', 'png', 'id'),
    ('stamp.svg', 'stamp', 'svg', 'id'),
    ('payout_code.sealed', 'payout_code', 'sealed', 'payout'),
    ('legal_person.sealed', 'legal_person', 'sealed', 'order_id'),
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
