-- The data keys of the folders that a program reads, when it starts and from time to time.

-- name: of
-- params: text[]
SELECT id, folder, kek, wrapped, active FROM hall.data_keys($1)
