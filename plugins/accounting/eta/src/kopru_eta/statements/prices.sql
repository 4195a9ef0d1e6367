-- Prices of one list of the items of a page.
-- kind: read
-- value: after nvarchar(255)
-- value: last nvarchar(255)
-- value: price_list int
SELECT STKFIYSTKKOD AS item_code, STKFIYTUTAR AS price, STKFIYKDVNO AS vat_number
FROM STKFIYAT
WHERE STKFIYSTKKOD > @after AND STKFIYSTKKOD <= @last AND STKFIYNO = @price_list
ORDER BY STKFIYSTKKOD, STKFIYTUTAR
