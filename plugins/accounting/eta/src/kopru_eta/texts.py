"""User texts of the connector."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "eta.answer": ("ETA veritabanının yanıtı okunamadı.", "The answer of ETA's database cannot be read."),
        "eta.year": (
            "{year} yılının veritabanı ayarlarda yok. ETA'da yıl devrinden sonra adını girin.",
            "The settings name no database for {year}. Enter its name after ETA's change of year.",
        ),
        "eta.type": (
            "Kurulu prosedür bu fatura tipini tanımıyor. Fatura tipi numaralarını kontrol edin.",
            "The installed procedure does not know this invoice type. Check the invoice type numbers.",
        ),
        "eta.type.missing": (
            "“{kind}” faturası için ETA'daki fatura tipi numarası girilmemiş.",
            "No ETA invoice type number is set for “{kind}” invoices.",
        ),
        "eta.null": (
            "ETA boş bırakılan bir sütunu kabul etmedi. Örnek kart ve faturaları kontrol edin.",
            "ETA refused a column that was left empty. Check the template cards and invoices.",
        ),
        "eta.first": (
            "Prosedür yeni referans numarası vermedi. Bu yılın ilk faturasını ETA'da elle girin.",
            "The procedure gave no new reference. Enter this year's first invoice in ETA by hand.",
        ),
        "eta.template": (
            "Örnek kayıt yok ya da tek değil: {name}. ETA'da elle, en az bir satırla girin.",
            "The template is missing or not the only one: {name}. Enter it in ETA by hand, with a line.",
        ),
        "eta.counter": (
            "ETA'nın fatura ya da stok sayacı HARREFNO tablosunda yok.",
            "ETA's counter of invoices or stock vouchers is not in table HARREFNO.",
        ),
        "eta.mode": (
            "Bu yöndeki faturalar ({direction}) bu bağlantıda ETA'ya yazılmıyor. Ayarlardan bir yol seçin.",
            "Invoices of this direction ({direction}) are not written here. Choose a way in the settings.",
        ),
        "eta.invoice.kind": (
            "“{kind}” türündeki faturanın ETA'daki alanları bilinmiyor; ETA'da elle girin.",
            "ETA's fields for “{kind}” invoices are not known; enter it in ETA by hand.",
        ),
        "eta.invoice.party": ("Cari kodu boş.", "The partner code is empty."),
        "eta.invoice.number": (
            "Fatura numarası boş ya da {limit} karakterden uzun.",
            "The invoice number is empty or longer than {limit} characters.",
        ),
        "eta.invoice.rounding": (
            "Yuvarlama ({rounding}) ETA'ya yazılamıyor; faturayı ETA'da elle girin.",
            "A rounding ({rounding}) cannot be written; enter the invoice in ETA by hand.",
        ),
        "eta.invoice.tax": (
            "KDV dışında vergisi olan satır yazılamıyor; faturayı ETA'da elle girin.",
            "A line with taxes besides VAT cannot be written; enter the invoice in ETA by hand.",
        ),
        "eta.invoice.withholding": (
            "Tevkifatlı satır yazılamıyor; faturayı ETA'da elle girin.",
            "A line with withholding cannot be written; enter the invoice in ETA by hand.",
        ),
        "eta.invoice.exists": (
            "{number} numaralı fatura ETA'da zaten var.",
            "Invoice {number} is in ETA already.",
        ),
        "eta.line.code": ("Satırın stok ya da hizmet kodu boş.", "The line's item code is empty."),
        "eta.unit": (
            "ETA'daki karşılığı girilmemiş birimler: {units}.",
            "Units without a counterpart in ETA: {units}.",
        ),
        "eta.item.unit": (
            "Kartın birimi ({unit}) ayarlarda yok; adet sayıldı.",
            "The card's unit ({unit}) is not in the settings; it is taken for pieces.",
        ),
        "eta.item.missing": (
            "{item} kodlu stok kartı ETA'da yok. Kartı açın ya da örnek kart ayarını girin.",
            "There is no item card {item} in ETA. Make the card, or set a template card.",
        ),
        "eta.party.missing": (
            "{code} kodlu cari kart ({name}) ETA'da yok. Kartı açın ya da örnek kart ayarını girin.",
            "There is no partner card {code} ({name}) in ETA. Make the card, or set a template card.",
        ),
        "eta.party.ambiguous": (
            "Bu vergi numarası birden çok cari kartta var: {codes}. Doğrusunu eşleyin.",
            "Several partner cards carry this tax number: {codes}. Map the right one.",
        ),
        "eta.ref.unknown": ("ETA faturası değil: {ref}.", "Not an invoice of ETA: {ref}."),
        "eta.refs.kind": ("ETA'da yalnız faturalar listelenir.", "Only invoices are listed in ETA."),
        "eta.locate.unsupported": (
            "Bu yazma işlemi anahtarıyla aranamaz; kaydı ETA'da kendiniz kontrol edin.",
            "This write cannot be looked up by its key; check the record in ETA yourself.",
        ),
        "eta.locate.twice": (
            "Aynı anahtarla birden çok fatura var: {numbers}. ETA'da fazlasını silin.",
            "Several invoices carry the same key: {numbers}. Delete the surplus in ETA.",
        ),
        "eta.not_read_back": (
            "Fatura yazıldı ama geri okunamadı; anahtarıyla yeniden aranacak.",
            "The invoice was written but could not be read back; it is looked up again by its key.",
        ),
        "eta.cancel.off": (
            "Bu belge buradan silinemez; ETA'da iptal edin.",
            "This document cannot be taken away from here; cancel it in ETA.",
        ),
        "eta.cancel.booked": (
            "{number} numaralı faturanın cari ya da muhasebe fişi var; ETA'da iptal edin.",
            "Invoice {number} has an account or ledger voucher; cancel it in ETA.",
        ),
        "eta.receipt.field": (
            "“{value}” yazarkasa dosyasındaki yerine sığmıyor ({field}).",
            "“{value}” does not fit its place in the cash register file ({field}).",
        ),
        "eta.receipt.letter": (
            "Faturada {encoding} kodlamasında olmayan bir harf var.",
            "The invoice has a letter that the encoding {encoding} does not have.",
        ),
        "eta.receipt.line": (
            "Yazarkasa dosyasının {number}. satırı okunamadı; alan yerlerini kontrol edin.",
            "Line {number} of the cash register file cannot be read; check the places of its fields.",
        ),
        "eta.receipt.taken": (
            "{name} bırakılmış ama klasörde yok; ETA almış olabilir. Faturayı ETA'da arayın.",
            "{name} was handed over but is not in the folder; ETA may have taken it. Look in ETA.",
        ),
        "eta.check.login": (
            "{user} kullanıcısı giriş yaptı; okunan yıllar: {years}.",
            "User {user} is logged in; years read: {years}.",
        ),
        "eta.check.no_year": (
            "Giriş çalışıyor, ama {year} yılının veritabanı ayarlarda yok ({years}).",
            "The login works, but the settings name no database for {year} ({years}).",
        ),
        "eta.check.columns": ("Gereken tablo ve sütunlar var.", "The tables and columns needed are there."),
        "eta.check.no_columns": (
            "Bu sütunlar yok ya da okunamıyor: {names}.",
            "These columns are missing or cannot be read: {names}.",
        ),
        "eta.check.lists": ("Fatura tipleri: {known}.", "Invoice types: {known}."),
        "eta.check.no_list": (
            "ETA'da olmayan fatura tipi ya da depo: {names}. Fatura tipleri: {known}.",
            "Invoice types or warehouses that ETA does not have: {names}. Invoice types: {known}.",
        ),
        "eta.check.cards": ("Ayarlardaki kartlar var: {codes}.", "The cards of the settings exist: {codes}."),
        "eta.check.no_card": ("Bu kartlar yok: {codes}.", "These cards do not exist: {codes}."),
        "eta.check.procedures": ("Prosedürler kurulu.", "The procedures are installed."),
        "eta.check.no_procedure": (
            "Bu prosedürler yok ya da yetki yok: {names}.",
            "These procedures are missing or not permitted: {names}.",
        ),
        "eta.check.templates": ("Örnek faturalar var: {names}.", "The template invoices exist: {names}."),
        "eta.check.no_template": (
            "Örnek fatura yok, tek değil ya da satırsız: {names}.",
            "Template invoices that are missing, not the only one, or without lines: {names}.",
        ),
        "eta.check.folder": ("Klasör okunuyor: {folder}.", "The folder can be read: {folder}."),
        "eta.check.fix.login": (
            "SQL kullanıcısını ve parolasını kontrol edin; SQL Server kimlik doğrulaması açık olmalı.",
            "Check the SQL user and password; SQL Server authentication must be switched on.",
        ),
        "eta.check.fix.year": (
            "Bu yılın veritabanının adını “Veritabanları” ayarına ekleyin.",
            "Add the name of this year's database to the setting “Veritabanları”.",
        ),
        "eta.check.fix.columns": (
            "ETA sürümünü ve kullanıcının bu tablolardaki SELECT yetkisini kontrol edin.",
            "Check the version of ETA and the user's SELECT permission on these tables.",
        ),
        "eta.check.fix.list": (
            "Numara ve kodları ETA'nın listesindeki gibi girin.",
            "Enter numbers and codes as ETA lists them.",
        ),
        "eta.check.fix.card": (
            "Kartları ETA'da açın ya da ayarlardaki kodları düzeltin.",
            "Make the cards in ETA, or correct the codes in the settings.",
        ),
        "eta.check.fix.procedure": (
            "Prosedürler ETA ile gelmez; kurduran firmaya sorun ve EXECUTE yetkisi verin.",
            "The procedures do not come with ETA; ask who installs them, and grant EXECUTE.",
        ),
        "eta.check.fix.template": (
            "Örnek faturaları bu yılın veritabanında, ayarlardaki numarayla elle girin.",
            "Enter the template invoices by hand in this year's database, under the numbers of the settings.",
        ),
        "eta.check.fix.folder": (
            "Klasörün var olduğunu ve yazılabildiğini kontrol edin.",
            "Check that the folder exists and can be written to.",
        ),
        "eta.check.fix.rights": (
            "Veritabanı adlarını ve kullanıcının SELECT yetkisini kontrol edin.",
            "Check the names of the databases and the user's SELECT permission.",
        ),
        "eta.check.fix.reach": (
            "Sunucu adresini, TCP kapısını ve SQL Server'da TCP/IP'nin açık olduğunu kontrol edin.",
            "Check the server's address and port, and that SQL Server has TCP/IP switched on.",
        ),
    }
)
