"""User texts of the connector."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "mikro.answer": ("Mikro'nun yanıtı okunamadı.", "Mikro's answer cannot be read."),
        "mikro.rejected": ("Mikro kaydı reddetti: {text}", "Mikro rejected the record: {text}"),
        "mikro.busy": (
            "Mikro veritabanı meşgul ya da bağlantısı koptu; yeniden denenecek.",
            "Mikro's database is busy or its connection broke; it will be tried again.",
        ),
        "mikro.login": (
            "Mikro girişi reddetti: {text}. API anahtarını, kullanıcı kodunu ve parolayı kontrol edin.",
            "Mikro refused the login: {text}. Check API key, user code and password.",
        ),
        "mikro.licence": (
            "Mikro lisans hatası verdi: {text}. Mikro API lisansınızı bayinizle kontrol edin.",
            "Mikro reports a licence problem: {text}. Check your Mikro API licence with your dealer.",
        ),
        "mikro.method": (
            "Serviste bu metot yok. Sürümü (V16/V17), kapıyı ve servis yolunu kontrol edin.",
            "The service does not have this method. Check version (V16/V17), port and service path.",
        ),
        "mikro.no_sql": (
            "Bu işlem SELECT ile okumayı gerektirir: V17 ve “SQL ile oku” ayarı açık olmalı.",
            "This needs reading by SELECT: version V17, and the setting that allows it switched on.",
        ),
        "mikro.no_read_back": (
            (
                "Belge yazılmadı: Mikro'nun ne kaydettiği bu bağlantıda geri okunamıyor. V17'ye geçin ve "
                "“SQL ile oku” ayarını açın."
            ),
            (
                "Nothing was written: what Mikro stores cannot be read back over this connection. Move to "
                "V17 and switch reading by SQL on."
            ),
        ),
        "mikro.not_read_back": (
            "Mikro kaydı aldığını bildirdi, ancak kart geri okunamadı; yeniden aranacak.",
            "Mikro said it took the record, but the card could not be read back; it is looked up again.",
        ),
        "mikro.key_not_kept": (
            (
                "Mikro belgeyi kabul etti ama açıklamasında gönderim anahtarı yok, belge bir daha bulunamaz. "
                "Belgeyi Mikro'da cari ve tutarıyla bulup silin; açıklama alanını değiştiren özelleştirmeyi "
                "kapatın."
            ),
            (
                "Mikro took the document, but its description does not carry the key, so it cannot be found "
                "again. Find it in Mikro by partner and amount and delete it; switch off what changes the "
                "description."
            ),
        ),
        "mikro.locate.unsupported": (
            "Bu yazma işlemi Mikro'da anahtarıyla aranamaz; kaydı Mikro'da kendiniz kontrol edin.",
            "This write cannot be looked up in Mikro by its key; check the record in Mikro yourself.",
        ),
        "mikro.locate.twice": (
            (
                "Mikro'da aynı gönderim anahtarını taşıyan birden çok canlı belge var: {numbers}. Fazla "
                "olanı silin."
            ),
            "Mikro holds more than one live document with the same key: {numbers}. Delete the surplus one.",
        ),
        "mikro.document.exists": (
            "Belge Mikro'da zaten kayıtlı: {number}.",
            "The document is already stored in Mikro: {number}.",
        ),
        "mikro.ref.unknown": (
            "“{ref}” bir Mikro belgesini göstermiyor.",
            "“{ref}” does not name a Mikro document.",
        ),
        "mikro.refs.kind": (
            "Mikro yalnızca muhasebe belgelerini listeler.",
            "Mikro lists ledger documents only.",
        ),
        "mikro.cancel.sent": (
            (
                "{number} numaralı belge Mikro'dan e-belge olarak gönderilmiş, silinemez. İade faturasıyla "
                "ya da e-Arşiv iptaliyle kapatın."
            ),
            (
                "Document {number} was sent from Mikro as an e-document and cannot be deleted. Reverse it by "
                "a return invoice or cancel the e-Arşiv invoice."
            ),
        ),
        "mikro.cancel.delivered": (
            "{number} numaralı siparişin bir kısmı teslim edilmiş, silinemez. Siparişi Mikro'da kapatın.",
            "Order {number} is delivered in part and cannot be deleted. Close the order in Mikro.",
        ),
        "mikro.cancel.ignored": (
            "Mikro {number} numaralı belgeyi silmedi. Belgeyi Mikro'da kendiniz silin.",
            "Mikro did not delete document {number}. Delete the document in Mikro yourself.",
        ),
        "mikro.vat": (
            (
                "Firmanın vergi tablosunda bu KDV oranları yok: {rates}. Oranı Mikro'da tanımlayın ya da "
                "“KDV göstergeleri” ayarına yazın."
            ),
            (
                "The firm's tax table does not have these VAT rates: {rates}. Define the rate in Mikro or "
                "enter it in the setting for VAT pointers."
            ),
        ),
        "mikro.unit": (
            "Bu birimlerin Mikro karşılığı ayarlarda yok: {units}.",
            "The settings do not say what these units are in Mikro: {units}.",
        ),
        "mikro.currency": (
            "{currency} için döviz numarası ayarlarda yok. Mikro'nun döviz listesindeki numarayı girin.",
            "The settings have no number for {currency}. Enter its number from Mikro's list of currencies.",
        ),
        "mikro.line.code": (
            "Satırın stok kodu 1 ile {limit} karakter arasında olmalı: “{given}”.",
            "The line's item code must have 1 to {limit} characters: “{given}”.",
        ),
        "mikro.party.code": (
            "Cari kodu 1 ile {limit} karakter arasında olmalı: “{given}”.",
            "The partner code must have 1 to {limit} characters: “{given}”.",
        ),
        "mikro.party.name": (
            "Cari kartın unvanı boş. Alıcının adını ya da unvanını tamamlayın.",
            "The partner has no name. Complete the buyer's name or title.",
        ),
        "mikro.party.ambiguous": (
            (
                "Bu vergi numarası birden çok cari kartta var: {codes}. Kullanılacak olanı cari koduyla "
                "eşleyin ya da fazlaları Mikro'da iptal edin."
            ),
            (
                "Several partner cards carry this tax number: {codes}. Bind the right one by its code, or "
                "cancel the others in Mikro."
            ),
        ),
        "mikro.item.unit": (
            "“{unit}” biriminin uluslararası karşılığı ayarlarda yok; adet sayıldı.",
            "The settings do not know the unit “{unit}”; it is taken for pieces.",
        ),
        "mikro.item.code": (
            "Stok kodu 1 ile 25 karakter arasında olmalı.",
            "The item code must have 1 to 25 characters.",
        ),
        "mikro.item.vat": (
            "Ürünün KDV oranı bilinmiyor; kart açılamaz.",
            "The product's VAT rate is unknown; no card can be made.",
        ),
        "mikro.item.service": (
            "Hizmet kartları buradan açılmaz; kartı Mikro'da açıp kodunu ayarlara yazın.",
            "Service cards are not made here; make the card in Mikro and enter its code in the settings.",
        ),
        "mikro.invoice.kind": (
            "“{kind}” türündeki faturanın Mikro alanları belgelenmemiş; faturayı Mikro'da kendiniz işleyin.",
            "Mikro's fields for invoices of the kind “{kind}” are not documented; book it in Mikro yourself.",
        ),
        "mikro.invoice.party": (
            "Cari kodu 1 ile {limit} karakter arasında olmalı.",
            "The partner code must have 1 to {limit} characters.",
        ),
        "mikro.invoice.rounding": (
            (
                "Fatura yuvarlaması ({rounding}) yazılamıyor. Artı yuvarlama için ayarlarda yuvarlama stok "
                "kodu olmalı; eksi yuvarlama desteklenmez."
            ),
            (
                "The invoice's rounding ({rounding}) cannot be written. A positive one needs the rounding "
                "item in the settings; a negative one is not supported."
            ),
        ),
        "mikro.invoice.exemption": (
            "Mikro bir faturada tek istisna kodu tutar; satırların kodları farklı.",
            "Mikro keeps one exemption code per invoice; the lines have different ones.",
        ),
        "mikro.invoice.service": (
            "Hizmet kartına işlenen fatura tek satırlı ve yuvarlamasız olmalı; ayarı “stok kartı” yapın.",
            (
                "An invoice booked on a service card must have one line and no rounding; set services to "
                "stock cards."
            ),
        ),
        "mikro.invoice.tax": (
            "Satırda KDV dışında vergi var ({taxes}); Mikro'ya yalnız KDV yazılabilir.",
            "The line has taxes besides VAT ({taxes}); only VAT can be written to Mikro.",
        ),
        "mikro.invoice.withholding": (
            "Tevkifatlı satırın Mikro alanları belgelenmemiş; bu faturayı Mikro'da kendiniz işleyin.",
            "Mikro's fields for withholding are not documented; book this invoice in Mikro yourself.",
        ),
        "mikro.order.empty": (
            "Siparişte işlenecek satır yok.",
            "The order has no line to enter.",
        ),
        "mikro.order.rate": (
            "{currency} cinsinden siparişin kuru yok.",
            "The order in {currency} has no exchange rate.",
        ),
        "mikro.order.vat": (
            "“{name}” satırının KDV oranı bilinmiyor; ürünün oranını tamamlayın.",
            "The VAT rate of the line “{name}” is unknown; complete the product's rate.",
        ),
        "mikro.order.rounding": (
            "Mikro'nun hesapladığı KDV ile kuruş farkı kalıyor; ayarlara yuvarlama stok kodu yazın.",
            "The VAT that Mikro computes leaves a kuruş over; enter the rounding item in the settings.",
        ),
        "mikro.order.item": (
            "Bu satırların Mikro stok kodu bilinmiyor: {lines}.",
            "The Mikro item code of these lines is unknown: {lines}.",
        ),
        "mikro.check.service": ("Servis çalışıyor ({version}).", "The service is up ({version})."),
        "mikro.check.down": ("Servisin durumu: {status}.", "The service says: {status}."),
        "mikro.check.clock": (
            "Servisin tarihi {there}, burada {here}; günlük parola geçersiz olur.",
            "The service's date is {there}, here it is {here}; the daily password would be invalid.",
        ),
        "mikro.check.login": (
            "{user} kullanıcısı {firm} firmasına girdi.",
            "User {user} is let into firm {firm}.",
        ),
        "mikro.check.sql": (
            "SELECT ile okunuyor; ilk stok kodu {given}.",
            "Reading by SELECT works; the first item code is {given}.",
        ),
        "mikro.check.no_sql": (
            "SELECT ile okuma yok; yalnız kartlar okunur ve açılır, belge yazılmaz, stok okunmaz.",
            "There is no reading by SELECT; only cards are read and made, no documents and no stock.",
        ),
        "mikro.check.no_items": ("Firmada stok kartı yok.", "The firm has no item card."),
        "mikro.check.columns": ("Gereken sütunlar var.", "All columns needed are there."),
        "mikro.check.no_columns": ("Eksik sütunlar: {names}.", "Missing columns: {names}."),
        "mikro.check.vat": ("KDV göstergeleri: {table}.", "VAT pointers: {table}."),
        "mikro.check.vat_wrong": (
            "Ayarlardaki KDV göstergeleri yanlış: {wrong}. Firmanın tablosu: {table}.",
            "The VAT pointers in the settings are wrong: {wrong}. The firm's table: {table}.",
        ),
        "mikro.check.warehouse": ("Depo {warehouse}: {name}.", "Warehouse {warehouse}: {name}."),
        "mikro.check.no_warehouse": (
            "Mikro'da bu depolar yok: {missing}. Tanımlı olanlar: {known}.",
            "Mikro does not have these warehouses: {missing}. There are: {known}.",
        ),
        "mikro.check.cards": ("Hizmet satırlarının kartları: {codes}.", "Cards of service lines: {codes}."),
        "mikro.check.no_card": (
            "Mikro'da bu stok kartları yok: {codes}.",
            "Mikro does not have these item cards: {codes}.",
        ),
        "mikro.check.fix.service": (
            "Sunucuda “Mikro Desktop API” hizmetini yeniden başlatın.",
            "Restart the service “Mikro Desktop API” on the server.",
        ),
        "mikro.check.fix.clock": (
            "Sunucunun tarih, saat ve saat dilimini düzeltin.",
            "Correct date, time and time zone of the server.",
        ),
        "mikro.check.fix.reach": (
            (
                "{address} adresine ulaşılamıyor. “Mikro Desktop API” hizmetinin çalıştığını, güvenlik "
                "duvarını ve kapıyı kontrol edin; bazı kurulumlar {other} kapısında çalışır."
            ),
            (
                "{address} cannot be reached. Check that the service “Mikro Desktop API” runs, the firewall "
                "and the port; some installations answer on port {other}."
            ),
        ),
        "mikro.check.fix.address": (
            "Sürüm (V16/V17), kapı ve servis yolu ayarlarını kontrol edin.",
            "Check the settings for version (V16/V17), port and service path.",
        ),
        "mikro.check.fix.login": (
            "Firma kodunu, kullanıcıyı, parolayı ve API anahtarını yeniden girin.",
            "Enter firm code, user, password and API key again.",
        ),
        "mikro.check.fix.licence": (
            "Mikro bayinizden API lisansını etkinleştirmesini isteyin.",
            "Ask your Mikro dealer to activate the API licence.",
        ),
        "mikro.check.fix.rights": (
            "Biraz sonra yeniden deneyin; sürerse Mikro kullanıcısının yetkilerini kontrol edin.",
            "Try again a little later; if it stays, check the rights of the Mikro user.",
        ),
        "mikro.check.fix.items": (
            "Stok kartlarını tanımlayın ya da firma kodunu kontrol edin.",
            "Define item cards, or check the firm code.",
        ),
        "mikro.check.fix.columns": (
            "Mikro veritabanını güncelleyin ya da sütun ayarlarını düzeltin.",
            "Update Mikro's database, or correct the settings that name columns.",
        ),
        "mikro.check.fix.vat": (
            "“KDV göstergeleri” ayarını firmanın tablosuna göre düzeltin ya da boş bırakın.",
            "Correct the setting for VAT pointers by the firm's table, or leave it empty.",
        ),
        "mikro.check.fix.warehouse": (
            "Depo ayarlarına Mikro'daki bir depo numarasını yazın.",
            "Enter the number of a warehouse that Mikro has.",
        ),
        "mikro.check.fix.card": (
            "Kartları Mikro'da açın ya da ayarlardaki kodları düzeltin.",
            "Make the cards in Mikro, or correct the codes in the settings.",
        ),
    }
)
