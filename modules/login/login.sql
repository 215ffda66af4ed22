-- Sessions of staff.

-- name: rosters
-- params: int4
SELECT text, signatures FROM hall.rosters_after($1)

-- name: open_row
-- params: uuid, bytea, bytea, int4, int4
SELECT hall.staff_login($1, $2, $3, $4, $5) AS out

-- name: session_close
-- params: bytea
SELECT hall.session_close($1)

-- name: face
-- params:
SELECT hall.staff_face() AS out
