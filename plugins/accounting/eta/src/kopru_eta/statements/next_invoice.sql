-- Takes the next reference of invoices (module 3). The installed procedures number by the largest reference
-- without telling the counter, so that it may lag behind.
-- kind: write
UPDATE HARREFNO
SET HARREFDEGER = 1 + CASE
    WHEN HARREFDEGER >= (SELECT ISNULL(MAX(FATFISREFNO), 0) FROM FATFIS) THEN HARREFDEGER
    ELSE (SELECT ISNULL(MAX(FATFISREFNO), 0) FROM FATFIS)
END
OUTPUT inserted.HARREFDEGER AS ref
WHERE HARREFMODUL = 3 AND HARREFKONU = 1
