-- The totals of a supplier's invoice, by the installed procedure.
-- kind: write
-- name: procedure
-- value: ref int
EXEC $(procedure) @FatFisRefNo = @ref
