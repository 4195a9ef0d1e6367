-- One line of a supplier's invoice, by the installed procedure. Its discount is one amount.
-- kind: write
-- name: procedure
-- value: ref int
-- value: stock_ref int
-- value: line_number int
-- value: day datetime
-- value: party_code nvarchar(255)
-- value: warehouse nvarchar(50)
-- value: type nvarchar(50)
-- value: user_code nvarchar(50)
-- value: item_code nvarchar(255)
-- value: quantity decimal(18,4)
-- value: unit nvarchar(10)
-- value: price decimal(18,6)
-- value: discount decimal(18,6)
-- value: vat_rate decimal(18,6)
-- value: vat decimal(18,6)
-- value: description nvarchar(255)
EXEC $(procedure)
    @FatFisRefNo = @ref, @StokFisRefNo = @stock_ref, @SiraNumarasi = @line_number, @FaturaTuru = 1,
    @FaturaTarihi = @day, @ErpCariKodu = @party_code, @ErpDepoKodu = @warehouse, @ErpFaturaTipi = @type,
    @KonnektorKullaniciAdi = @user_code, @ErpUrunKodu = @item_code, @MalHizmetMiktar = @quantity,
    @BirimKodu = @unit, @BirimFiyat = @price,
    @IskontoOrani1 = 0, @IskontoOrani2 = 0, @IskontoOrani3 = 0, @IskontoOrani4 = 0, @IskontoOrani5 = 0,
    @IskontoOrani6 = 0, @IskontoTutari1 = @discount, @IskontoTutari2 = 0, @IskontoTutari3 = 0,
    @IskontoTutari4 = 0, @IskontoTutari5 = 0, @IskontoTutari6 = 0,
    @FaturaAltiIskontoOrani1 = 0, @FaturaAltiIskontoOrani2 = 0, @FaturaAltiIskontoOrani3 = 0,
    @FaturaAltiIskontoOrani4 = 0, @FaturaAltiIskontoOrani5 = 0, @FaturaAltiIskontoOrani6 = 0,
    @FaturaAltiIskontoTutari1 = 0, @FaturaAltiIskontoTutari2 = 0, @FaturaAltiIskontoTutari3 = 0,
    @FaturaAltiIskontoTutari4 = 0, @FaturaAltiIskontoTutari5 = 0, @FaturaAltiIskontoTutari6 = 0,
    @VergiOrani = @vat_rate, @VergiTutari = @vat, @OtvOrani = 0, @OtvTutari = 0, @SatirNotu = N'',
    @SatirAciklamasi = @description, @SatirTevkifatOrani = 0, @SatirTevkifatKodu = N'',
    @SatirTevkifatTutari = 0
