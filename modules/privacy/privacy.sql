-- Statements of module privacy.

-- name: consents
-- params:
SELECT hall.my_consents() AS out

-- name: withdraw_row
-- params: int8, uuid, bytea
SELECT hall.consent_withdraw($1, $2, $3) AS out

-- name: account_row
-- params:
SELECT id, "out", phone, profile FROM hall.export_account()

-- name: order_rows
-- params:
SELECT id, "out", form, account FROM hall.export_orders()
