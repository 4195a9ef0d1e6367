-- kind: read
-- value: tax_number nvarchar(20)
SELECT CARKOD AS party_code
FROM CARKART
WHERE REPLACE(REPLACE(ISNULL(CARVERHESNO, ''), ' ', ''), '-', '') = @tax_number
ORDER BY CARKOD
