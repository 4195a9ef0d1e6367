-- kind: read
-- value: party_code nvarchar(255)
SELECT CARKOD AS party_code FROM CARKART WHERE CARKOD = @party_code
