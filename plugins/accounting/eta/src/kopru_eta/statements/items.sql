-- Item cards behind a code, in the order of codes.
-- kind: read
-- value: after nvarchar(255)
-- value: top int
SELECT TOP (@top) STKKOD AS item_code, STKCINSI AS item_name, STKBIRIM AS unit_name
FROM STKKART
WHERE STKKOD > @after
ORDER BY STKKOD
