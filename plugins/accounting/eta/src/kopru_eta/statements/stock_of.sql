-- Balances of some item cards; the codes stand between bars: |A|B|.
-- kind: read
-- value: codes nvarchar(max)
-- value: after nvarchar(255)
-- value: top int
SELECT TOP (@top) STKKOD AS item_code, STKBAKIYE AS on_hand
FROM STKKART
WHERE STKKOD > @after AND CHARINDEX(CONCAT('|', RTRIM(STKKOD), '|'), @codes) > 0
ORDER BY STKKOD
