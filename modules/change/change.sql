-- Statements of module change.

-- name: begin
-- params: uuid, jsonb
SELECT hall.change_begin($1, $2)

-- name: basis_row
-- params: uuid
SELECT basis, form, changes FROM hall.change_basis($1)
