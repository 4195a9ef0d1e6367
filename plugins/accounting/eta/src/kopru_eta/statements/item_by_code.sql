-- kind: read
-- value: item_code nvarchar(255)
SELECT STKKOD AS item_code FROM STKKART WHERE STKKOD = @item_code
