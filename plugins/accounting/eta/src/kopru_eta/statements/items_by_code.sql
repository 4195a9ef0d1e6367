-- The item cards that exist among some codes: |A|B|.
-- kind: read
-- value: codes nvarchar(max)
SELECT STKKOD AS item_code FROM STKKART WHERE CHARINDEX(CONCAT('|', RTRIM(STKKOD), '|'), @codes) > 0
