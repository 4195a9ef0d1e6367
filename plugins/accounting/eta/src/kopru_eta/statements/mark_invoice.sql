-- Puts the key on the lines, and takes the invoice's own number away where a delivery note's belongs.
-- kind: write
-- name: key_column
-- value: ref int
-- value: write_key nvarchar(16)
-- value: despatch_number nvarchar(30)
-- value: despatch_day date
UPDATE FATHAR SET $(key_column) = @write_key WHERE FATHARREFNO = @ref;
UPDATE FATFIS SET FATFISIRSNO = @despatch_number, FATFISIRSTAR = @despatch_day WHERE FATFISREFNO = @ref
