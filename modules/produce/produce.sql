-- Making, PINs, the picture to engrave, parcels.

-- name: produce_row
-- params: uuid, int4, bytea, bytea, int4
SELECT hall.produce($1, $2, $3, $4, $5)

-- name: tray
-- params:
SELECT hall.tray_count('produce') AS out

-- name: tray_remove
-- params: uuid
SELECT hall.tray_take_off('produce', $1)

-- name: production
-- params: uuid
SELECT out FROM hall.desk_production(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: production_how
-- params: uuid, int4
SELECT key_origin, algorithm FROM hall.production($1, $2)

-- name: key_file_row
-- params: uuid, text, text, int4
SELECT number, key_file, certificate, enveloped_key, ca FROM hall.desk_key_file(hall.desk_seen($1), $2, $3, $4)

-- name: ca_chain
-- params: text
SELECT certificate FROM hall.ca_chain($1)

-- name: ship
-- params: uuid, int4, text, text
SELECT hall.ship($1, $2, $3, $4)

-- name: pin
-- params: uuid
SELECT out FROM hall.desk_pin(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: pin_send
-- params: uuid
SELECT hall.desk_pin_send(hall.desk_seen($1))

-- name: pin_box_row
-- params: uuid, bytea
SELECT hall.desk_pin_box(hall.desk_seen($1), $2) AS out

-- name: pin_take
-- params: uuid, uuid
SELECT hall.desk_pin_take(hall.desk_seen($1), $2) AS out

-- name: sealpicture_row
-- params: uuid, int4
SELECT "out", sealpicture, png FROM hall.desk_sealpicture(hall.desk_seen($1), $2)

-- name: parcels
-- params: uuid
SELECT out FROM hall.desk_parcels(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: parcel_ask_row
-- params: uuid, int4, text
SELECT hall.parcel_ask($1, $2, $3)

-- name: parcel_cancel_row
-- params: uuid, int4
SELECT hall.parcel_cancel($1, $2)
