-- One stock movement, in a copy of the template's first one, and the balance of the item's card.
-- kind: write
-- value: template int
-- value: ref int
-- value: day date
-- value: line_number int
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
SELECT TOP (1) * INTO #kopru FROM STKHAR WHERE STKHARREFNO = @template ORDER BY STKHARSIRANO;
UPDATE #kopru SET STKHARREFNO = @ref, STKHARTAR = @day, STKHARSIRANO = @line_number,
    STKHARSTKKOD = @item_code, STKHARSTKCINS = @item_name, STKHARSTKBRM = @unit, STKHARBARKOD = @barcode,
    STKHARMIKTAR = @quantity, STKHARFIYAT = @price, STKHARTUTAR = @gross, STKHARKDVYUZ = @vat_rate,
    STKHARISKYUZ1 = 0, STKHARISKYTUT1 = @discount, STKHARTOPLAMIND = @discount, STKHARKDVMATRAH = @net,
    STKHARKDVTUTAR = @vat, STKHARTOPLAMTUT = @gross, STKHARNETTUTAR = @net, STKHARNETFIYAT = @net_price,
    STKHAROTVMATRAH = 0, STKHAROTVTUTAR = 0;
UPDATE STKKART
SET STKBAKIYE = STKBAKIYE + (SELECT MAX(CASE WHEN STKHARGCFLAG = 1 THEN 1 ELSE -1 END) FROM #kopru) * @quantity
WHERE STKKOD = @item_code;
INSERT INTO STKHAR SELECT * FROM #kopru;
DROP TABLE #kopru
