-- An item card, in a copy of a card that was made for this purpose.
-- kind: write
-- value: template nvarchar(255)
-- value: item_code nvarchar(255)
-- value: item_name nvarchar(255)
-- value: unit nvarchar(10)
SELECT TOP (1) * INTO #kopru FROM STKKART WHERE STKKOD = @template;
UPDATE #kopru SET STKKOD = @item_code, STKCINSI = @item_name, STKBIRIM = @unit, STKBAKIYE = 0;
INSERT INTO STKKART SELECT * FROM #kopru;
DROP TABLE #kopru
