-- Sessions of staff.

-- name: roster
-- params:
SELECT hall.roster_now() AS text

-- name: open_row
-- params: uuid, bytea, bytea, int4
SELECT hall.staff_login($1, $2, $3, $4) AS out

-- name: session_close
-- params: bytea
SELECT hall.session_close($1)

-- name: face
-- params:
SELECT hall.staff_face() AS out
