-- The header of an invoice, in a copy of one that was entered by hand, so that no column is left empty.
-- kind: write
-- value: template int
-- value: ref int
-- value: stock_ref int
-- value: day date
-- value: clock nvarchar(5)
-- value: number nvarchar(16)
-- value: party_code nvarchar(255)
-- value: customer_name nvarchar(255)
-- value: gross decimal(18,4)
-- value: discount decimal(18,4)
-- value: net decimal(18,4)
-- value: vat decimal(18,4)
-- value: payable decimal(18,4)
-- value: currency nvarchar(10)
-- value: exchange_rate decimal(18,6)
-- value: currency_total decimal(18,4)
SELECT TOP (1) * INTO #kopru FROM FATFIS WHERE FATFISREFNO = @template;
UPDATE #kopru SET FATFISREFNO = @ref, FATFISSTKREFNO = @stock_ref, FATFISCARREFNO = 0, FATFISMUHREFNO = 0,
    FATFISTAR = @day, FATFISSAAT = @clock, FATFISEVRAKNO1 = @number, FATFISCARKOD = @party_code,
    FATFISCARUNVAN = @customer_name, FATFISMALTOP = @gross, FATFISKALINDYTOP = @discount,
    FATFISBRUTTOPLAM = @gross, FATFISKDVMATRAHI = @net, FATFISKDVTUTARI = @vat, FATFISARATOPLAM = @net,
    FATFISGENTOPLAM = @payable, FATFISTEVTUTAR = 0, FATFISTOPOTUT = @payable, FATFISDOVKOD = @currency,
    FATFISDOVKUR = @exchange_rate, FATFISDOVTAR = @day, FATFISGENDOVTOP = @currency_total,
    FATFISIRSNO = ' ', FATFISIRSTAR = '1900-01-01', FATFISKDVDAHILFLAG = 0;
INSERT INTO FATFIS SELECT * FROM #kopru;
DROP TABLE #kopru;
SELECT TOP (1) * INTO #kopru_log FROM SIRKETLOG WHERE SIRLOGMODUL = 3 AND SIRLOGKYTREFNO = @template;
UPDATE #kopru_log SET SIRLOGKYTREFNO = @ref, SIRLOGILKTAR = @day, SIRLOGSONTAR = @day;
INSERT INTO SIRKETLOG SELECT * FROM #kopru_log;
DROP TABLE #kopru_log
