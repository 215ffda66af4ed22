-- The data keys, which a program reads when it starts and from time to time.

-- name: all
-- params:
SELECT id, kek, wrapped, active FROM hall.data_keys()
