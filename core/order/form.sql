-- What several modules ask of a form: its fields in a project for a kind of business, the names of its codes.

-- name: spec
-- params: text, text
SELECT hall.form_spec($1, $2) AS out

-- name: code_names
-- params: text[]
SELECT hall.code_names($1) AS out
