-- Takes the next reference of stock vouchers (module 1). The installed procedures number by the largest reference
-- without telling the counter, so that it may lag behind.
-- kind: write
UPDATE HARREFNO
SET HARREFDEGER = 1 + CASE
    WHEN HARREFDEGER >= (SELECT ISNULL(MAX(STKFISREFNO), 0) FROM STKFIS) THEN HARREFDEGER
    ELSE (SELECT ISNULL(MAX(STKFISREFNO), 0) FROM STKFIS)
END
OUTPUT inserted.HARREFDEGER AS ref
WHERE HARREFMODUL = 1 AND HARREFKONU = 1
