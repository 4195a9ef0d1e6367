-- One VAT row of an invoice's totals, in a copy of the template's.
-- kind: write
-- value: template int
-- value: ref int
-- value: day date
-- value: title nvarchar(50)
-- value: vat_rate decimal(18,4)
-- value: base decimal(18,4)
-- value: vat decimal(18,4)
SELECT TOP (1) * INTO #kopru FROM FATFISTOPLAM WHERE FFTREFNO = @template AND FFTKONU = 101;
UPDATE #kopru SET FFTREFNO = @ref, FFTTAR = @day, FFTBASLIK = @title, FFTKDVORAN = @vat_rate,
    FFTMATRAH = @base, FFTTUTAR = @vat;
INSERT INTO FATFISTOPLAM SELECT * FROM #kopru;
DROP TABLE #kopru
