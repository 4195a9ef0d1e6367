-- Partner cards behind a code, in the order of codes.
-- kind: read
-- value: after nvarchar(255)
-- value: top int
SELECT TOP (@top) CARKOD AS party_code, CARUNVAN AS customer_name, CARVERHESNO AS tax_number
FROM CARKART
WHERE CARKOD > @after
ORDER BY CARKOD
