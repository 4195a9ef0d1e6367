-- A partner card, in a copy of a card that was made for this purpose.
-- kind: write
-- value: template nvarchar(255)
-- value: party_code nvarchar(255)
-- value: customer_name nvarchar(255)
-- value: tax_number nvarchar(20)
SELECT TOP (1) * INTO #kopru FROM CARKART WHERE CARKOD = @template;
UPDATE #kopru SET CARKOD = @party_code, CARUNVAN = @customer_name, CARVERHESNO = @tax_number, CARBAKIYE = 0,
    CARBORCTOP = 0, CARALACAKTOP = 0, CARCIKIRSTOP = 0;
INSERT INTO CARKART SELECT * FROM #kopru;
DROP TABLE #kopru
