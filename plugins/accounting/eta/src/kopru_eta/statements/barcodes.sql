-- Barcodes of the items of a page.
-- kind: read
-- value: after nvarchar(255)
-- value: last nvarchar(255)
SELECT STKBARSTKKOD AS item_code, STKBARKOD AS barcode
FROM STKBARKOD
WHERE STKBARSTKKOD > @after AND STKBARSTKKOD <= @last
ORDER BY STKBARSTKKOD, STKBARITEMNO, STKBARKOD
