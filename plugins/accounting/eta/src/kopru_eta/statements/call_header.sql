-- The header of a supplier's invoice, by the installed procedure.
-- kind: write
-- name: procedure
-- value: party_code nvarchar(255)
-- value: warehouse nvarchar(50)
-- value: user_code nvarchar(50)
-- value: tax_number nvarchar(11)
-- value: profile nvarchar(50)
-- value: kind nvarchar(50)
-- value: type nvarchar(50)
-- value: number nvarchar(16)
-- value: day datetime
-- value: despatches nvarchar(510)
-- value: due datetime
-- value: gross decimal(18,4)
-- value: discount decimal(18,4)
-- value: vat_rate decimal(18,4)
-- value: vat decimal(18,4)
-- value: payable decimal(18,4)
-- value: currency nvarchar(10)
-- value: exchange_rate decimal(18,4)
-- value: note nvarchar(255)
-- value: exemption nvarchar(255)
-- value: net decimal(18,4)
DECLARE @invoice_ref INT, @stock_ref INT;
EXEC $(procedure)
    @ErpCariKodu = @party_code, @ErpDepoKodu = @warehouse, @KonnektorKullaniciAdi = @user_code,
    @VknTckn = @tax_number, @FaturaProfili = @profile, @FaturaTipi = @kind, @ErpFaturaTipi = @type,
    @FaturaNumarasi = @number, @FaturaTarihi = @day, @IrsaliyeNumaralari = @despatches, @VadeTarihi = @due,
    @MalHizmetToplamTutari = @gross, @ToplamIskonto = @discount, @VergiOrani = @vat_rate,
    @VergiTutari = @vat, @OdenecekTutar = @payable, @TevkifatOrani = 0, @TevkifatKodu = N'',
    @TevkifatTutar = 0, @OtvTutar = 0, @ParaBirimi = @currency, @DovizKuru = @exchange_rate,
    @Not1 = @note, @Not2 = N'', @Not3 = N'', @VergiIstisnaMuafiyetSebebi = @exemption,
    @STKFISTOPBTUT = @gross, @STKFISTOPISK = @discount, @STKFISTOPNTUT = @net, @STKFISTOPKDV = @vat,
    @STKFISTOPKTUT = @payable, @STKFISTOPOTUT = @payable,
    @DonusDegeri1 = @invoice_ref OUTPUT, @DonusDegeri2 = @stock_ref OUTPUT;
SELECT @invoice_ref AS ref, @stock_ref AS stock_ref
