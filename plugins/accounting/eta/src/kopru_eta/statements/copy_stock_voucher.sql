-- The stock voucher of an invoice, in a copy of the template's.
-- kind: write
-- value: template int
-- value: ref int
-- value: day date
-- value: number nvarchar(16)
-- value: gross decimal(18,4)
-- value: discount decimal(18,4)
-- value: net decimal(18,4)
-- value: vat decimal(18,4)
-- value: payable decimal(18,4)
SELECT TOP (1) * INTO #kopru FROM STKFIS WHERE STKFISREFNO = @template;
UPDATE #kopru SET STKFISREFNO = @ref, STKFISTAR = @day, STKFISEVRAKNO1 = @number, STKFISTOPBTUT = @gross,
    STKFISTOPISK = @discount, STKFISTOPNTUT = @net, STKFISTOPKDV = @vat, STKFISTOPKTUT = @payable,
    STKFISTOPOTUT = @payable, STKFISDOVTAR = @day;
INSERT INTO STKFIS SELECT * FROM #kopru;
DROP TABLE #kopru
