-- One line of an invoice, in a copy of the template's first line.
-- kind: write
-- name: key_column
-- value: template int
-- value: ref int
-- value: day date
-- value: line_number int
-- value: line_kind int
-- value: item_code nvarchar(255)
-- value: item_name nvarchar(255)
-- value: unit nvarchar(10)
-- value: barcode nvarchar(50)
-- value: quantity decimal(18,4)
-- value: price decimal(18,6)
-- value: gross decimal(18,4)
-- value: discount decimal(18,4)
-- value: net decimal(18,4)
-- value: vat_rate decimal(18,4)
-- value: vat decimal(18,4)
-- value: net_price decimal(18,6)
-- value: write_key nvarchar(16)
SELECT TOP (1) * INTO #kopru FROM FATHAR WHERE FATHARREFNO = @template ORDER BY FATHARSIRANO;
UPDATE #kopru SET FATHARREFNO = @ref, FATHARTAR = @day, FATHARSIRANO = @line_number,
    FATHARKODTIP = @line_kind, FATHARSTKKOD = @item_code, FATHARSTKCINS = @item_name, FATHARSTKBRM = @unit,
    FATHARBARKOD = @barcode, FATHARMIKTAR = @quantity, FATHARFIYAT = @price, FATHARTUTAR = @gross,
    FATHARKDVYUZ = @vat_rate, FATHARISKYUZ1 = 0, FATHARISKYTUT1 = @discount, FATHARTOPLAMIND = @discount,
    FATHARKDVMATRAH = @net, FATHARKDVTUTAR = @vat, FATHARTOPLAMTUT = @gross, FATHARNETTUTAR = @net,
    FATHARNETFIYAT = @net_price, FATHAROTVMATRAH = 0, FATHAROTVTUTAR = 0, FATHARIPTALFLAG = 0,
    $(key_column) = @write_key;
INSERT INTO FATHAR SELECT * FROM #kopru;
DROP TABLE #kopru
