-- Balances of item cards behind a code.
-- kind: read
-- value: after nvarchar(255)
-- value: top int
SELECT TOP (@top) STKKOD AS item_code, STKBAKIYE AS on_hand
FROM STKKART
WHERE STKKOD > @after
ORDER BY STKKOD
