"""User texts of the Trendyol connector."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "trendyol.order.not_an_object": (
            "Trendyol sipariş yerine okunamayan bir satır gönderdi.",
            "Trendyol sent an unreadable row instead of an order.",
        ),
        "trendyol.order.package_id_missing": (
            "Paket numarası yok ya da 0. Satır sipariş sayılmadı; Trendyol düzelttiğinde yeniden gelir.",
            (
                "The package id is missing or 0. The row is not taken as an order; it comes again once "
                "Trendyol mends it."
            ),
        ),
        "trendyol.order.number_missing": (
            "Sipariş numarası 0. Siparişi Trendyol panelinden kontrol edin.",
            "The order number is 0. Check the order in the Trendyol panel.",
        ),
        "trendyol.order.date_missing": (
            "Siparişin tarihi yok. Ham kaydı Trendyol desteğine iletin.",
            "The order has no date. Pass the raw record to Trendyol's support.",
        ),
        "trendyol.order.unreadable": (
            "Sipariş okunamadı; ayrıntısı bulgularda.",
            "The order cannot be read; see the findings.",
        ),
        "trendyol.order.unknown_status": (
            "Trendyol bilinmeyen bir durum bildirdi: {status}. Sipariş bekletilir; eklentiyi güncelleyin.",
            "Trendyol reports an unknown status: {status}. The order waits; update the plugin.",
        ),
        "trendyol.order.agency_sale": (
            (
                "Yurt dışı satış aracılığı (4P): faturanın alıcısı tüketici değil Trendyol'dur ve yalnız "
                "e-Fatura kesilir. Alıcıyı kontrol edin."
            ),
            (
                "Agency sale abroad (4P): the invoice goes to Trendyol, not to the consumer, and only as "
                "e-Fatura. Check the buyer."
            ),
        ),
        "trendyol.order.trendyol_buyer": (
            "Fatura adresi bir Trendyol şirketidir; fatura tüketiciye değil o şirkete kesilir.",
            "The invoice address is a Trendyol company; the invoice goes to it and not to the consumer.",
        ),
        "trendyol.order.clock": (
            (
                "Sipariş tarihi paketin oluşmasından sonra görünüyor. “Sipariş tarihi kayması” ayarını "
                "({hours} saat) kontrol edin."
            ),
            (
                "The order date lies after the package's creation. Check the setting for the order date's "
                "offset ({hours} hours)."
            ),
        ),
        "trendyol.order.name_masked": (
            "Alıcının adı maskeli ya da boş. Fatura için adı Trendyol panelinden tamamlayın.",
            "The buyer's name is masked or empty. Complete it from the Trendyol panel before invoicing.",
        ),
        "trendyol.order.company_name_missing": (
            "Kurumsal siparişte şirket unvanı yok. Unvanı alıcıdan ya da panelden tamamlayın.",
            "A company order has no company name. Complete it from the buyer or the panel.",
        ),
        "trendyol.order.tax_number_missing": (
            (
                "Kurumsal siparişte geçerli uzunlukta vergi numarası yok (VKN 10, TCKN 11 hane). Alıcıdan "
                "isteyin."
            ),
            (
                "A company order has no tax number of a valid length (VKN 10, TCKN 11 digits). Ask the buyer "
                "for it."
            ),
        ),
        "trendyol.order.not_found": (
            (
                "Paket {package} Trendyol'da bulunamadı. Liste servisi yalnız son 1 ayı verir; daha eskisini "
                "panelden kontrol edin."
            ),
            (
                "Package {package} was not found at Trendyol. The list covers the last month only; check "
                "older ones in the panel."
            ),
        ),
        "trendyol.line.unit_count": (
            (
                "Satırdaki {quantity} adet için {found} birim tutarı geldi. Tutar hesaplanamaz; siparişi "
                "yeniden çekin."
            ),
            (
                "{found} unit amounts came for {quantity} units. The amount cannot be computed; read the "
                "order again."
            ),
        ),
        "trendyol.line.units_missing": (
            (
                "İndirimli satırın birim tutarları (discountDetails) yok; ortalamadan hesaplamak kuruş farkı "
                "doğurur. Siparişi yeniden çekin."
            ),
            (
                "A discounted line has no unit amounts (discountDetails); averages would miss the total by "
                "kuruş. Read the order again."
            ),
        ),
        "trendyol.line.negative": (
            "Satırın indirimi fiyatından büyük. Siparişi Trendyol panelinden kontrol edin.",
            "The line's discount exceeds its price. Check the order in the Trendyol panel.",
        ),
        "trendyol.line.gross_differs": (
            (
                "Satırın indirimsiz fiyatı birim tutarlarının toplamından ({found}) farklı. Birim tutarları "
                "esas alındı."
            ),
            (
                "The line's price before discounts differs from the sum of its units ({found}). The units "
                "are used."
            ),
        ),
        "trendyol.claim.not_an_object": (
            "Trendyol iade yerine okunamayan bir satır gönderdi.",
            "Trendyol sent an unreadable row instead of a claim.",
        ),
        "trendyol.claim.unreadable": (
            "İade okunamadı; ayrıntısı bulgularda.",
            "The claim cannot be read; see the findings.",
        ),
        "trendyol.claim.date_missing": ("İadenin tarihi yok.", "The claim has no date."),
        "trendyol.claim.empty": ("İadede ürün yok.", "The claim holds no item."),
        "trendyol.claim.order_line_missing": (
            "İade edilen ürünün sipariş satırı bildirilmemiş; hangi satıra ait olduğunu panelden bulun.",
            "The order line of a returned item is not named; find it in the panel.",
        ),
        "trendyol.claim.unknown_status": (
            "İade için bilinmeyen bir durum geldi: {status}. İade bekletilir; eklentiyi güncelleyin.",
            "A claim has an unknown status: {status}. It waits; update the plugin.",
        ),
        "trendyol.product.not_an_object": (
            "Trendyol ürün yerine okunamayan bir satır gönderdi.",
            "Trendyol sent an unreadable row instead of a product.",
        ),
        "trendyol.product.unreadable": (
            "Ürün okunamadı; ayrıntısı bulgularda.",
            "The product cannot be read; see the findings.",
        ),
        "trendyol.products.cap": (
            "Trendyol {cap} üründen sonrası için devam anahtarı vermedi. Daha sonra yeniden deneyin.",
            "Trendyol gave no token to read beyond {cap} products. Try again later.",
        ),
        "trendyol.payload.unreadable": (
            "Veri okunamadı: geçerli bir JSON değil.",
            "The data cannot be read: it is not valid JSON.",
        ),
        "trendyol.answer.malformed": (
            "Trendyol'un yanıtı okunamadı; yeniden denenecek.",
            "Trendyol's answer cannot be read; it will be asked again.",
        ),
        "trendyol.stream.expired": (
            "Sipariş akışındaki konum geçersiz oldu; baştan okunacak.",
            "The position in the order stream expired; reading starts again.",
        ),
        "trendyol.auth.key": (
            (
                "Trendyol API anahtarını kabul etmedi (401). Panelden Hesap Bilgilerim → Entegrasyon "
                "Bilgileri ekranındaki API Key ve API Secret değerlerini yeniden girin."
            ),
            (
                "Trendyol refused the API key (401). Enter API Key and API Secret again from the panel, "
                "Hesap Bilgilerim → Entegrasyon Bilgileri."
            ),
        ),
        "trendyol.auth.forbidden": (
            (
                "Trendyol isteği reddetti (403). Satıcı ID'nin anahtara ait olduğunu ve entegratör adını "
                "kontrol edin."
            ),
            (
                "Trendyol refused the request (403). Check that the seller id belongs to the key, and the "
                "integrator name."
            ),
        ),
        "trendyol.endpoint_closed": (
            (
                "Trendyol bu servisi kapattı (426). Eklentiyi güncelleyin ya da ayarlardaki servis adresini "
                "düzeltin."
            ),
            (
                "Trendyol has closed this endpoint (426). Update the plugin or correct the address in the "
                "settings."
            ),
        ),
        "trendyol.not_found": ("Kayıt Trendyol'da bulunamadı.", "The record was not found at Trendyol."),
        "trendyol.conflict": (
            "Trendyol kaydın zaten var olduğunu bildirdi: {reason}",
            "Trendyol says that the record already exists: {reason}",
        ),
        "trendyol.rejected": (
            "Trendyol isteği reddetti: {reason}",
            "Trendyol rejected the request: {reason}",
        ),
        "trendyol.batch.repeated": (
            (
                "Trendyol aynı stok/fiyat isteğini 15 dakika içinde ikinci kez kabul etmez; ilk istek ona "
                "ulaşmıştır."
            ),
            (
                "Trendyol takes no identical stock or price request twice within 15 minutes; the first one "
                "has reached it."
            ),
        ),
        "trendyol.batch.failed": (
            "Trendyol {barcode} barkodlu ürünü güncellemedi: {reason}",
            "Trendyol did not update the product with barcode {barcode}: {reason}",
        ),
        "trendyol.batch.expired": (
            "Toplu işlemin sonucu artık okunamıyor (Trendyol 4 saat saklar); değerler yeniden gönderilmeli.",
            (
                "The batch's outcome can no longer be read (Trendyol keeps it for 4 hours); send the values "
                "again."
            ),
        ),
        "trendyol.item.barcode_missing": (
            "Ürünün barkodu yok; Trendyol stok ve fiyatı barkodla alır.",
            "The product has no barcode; Trendyol takes stock and prices by barcode.",
        ),
        "trendyol.item.barcode_long": (
            "Barkod çok uzun: {length} karakter, sınır 40.",
            "The barcode is too long: {length} characters, the limit is 40.",
        ),
        "trendyol.item.quantity_capped": (
            "Stok {quantity} yerine {cap} gönderildi; Trendyol daha fazlasını almaz.",
            "{cap} was sent instead of a stock of {quantity}; Trendyol takes no more.",
        ),
        "trendyol.item.list_price_low": (
            "Liste fiyatı ({full}) satış fiyatından ({sale}) düşük; Trendyol kabul etmez.",
            "The list price ({full}) is below the sale price ({sale}); Trendyol does not take that.",
        ),
        "trendyol.item.currency": (
            "Fiyat {found} cinsinden, mağaza {expected} ile satıyor.",
            "The price is in {found} but the shop sells in {expected}.",
        ),
        "trendyol.status.wrong_kind": (
            "Bu kayıt bir Trendyol paketi değil: {kind}.",
            "This record is not a Trendyol package: {kind}.",
        ),
        "trendyol.status.awaiting": (
            "Siparişin ödemesi henüz onaylanmadı; işlem yapılamaz.",
            "The order's payment is not confirmed yet; nothing can be done with it.",
        ),
        "trendyol.status.closed": (
            "Paket kapanmış (durumu: {status}); işlem yapılamaz.",
            "The package is closed (status: {status}); nothing can be done with it.",
        ),
        "trendyol.status.too_late": (
            "Paket kargoya verilmiş (durumu: {status}); bu işlem artık yapılamaz.",
            "The package is with the carrier (status: {status}); this can no longer be done.",
        ),
        "trendyol.status.other_invoice": (
            "Pakette başka bir fatura numarası var: {number}. Trendyol panelinden kontrol edin.",
            "Another invoice number stands on the package: {number}. Check it in the Trendyol panel.",
        ),
        "trendyol.status.incomplete": ("Gönderilecek {what} boş.", "The {what} to send is empty."),
        "trendyol.status.lines": (
            "Satır {line} bu pakette yok ya da adedi tam sayı değil.",
            "Line {line} is not in this package or its quantity is not a whole number.",
        ),
        "trendyol.status.reason": (
            "Tedarik edilemedi nedeni bilinmiyor: {reason}. 500, 501, 502, 504, 505 ya da 506 girin.",
            "Unknown reason for not supplying: {reason}. Use 500, 501, 502, 504, 505 or 506.",
        ),
        "trendyol.link.other": (
            (
                "Pakette başka bir fatura linki var: {link}. Panelden silip yeniden gönderin ya da olduğu "
                "gibi bırakın."
            ),
            (
                "Another invoice link stands on the package: {link}. Delete it in the panel and send again, "
                "or leave it."
            ),
        ),
        "trendyol.link.unseen": (
            (
                "Trendyol bu fatura linkini zaten tanıyor, ama pakette henüz görünmüyor. Görünmezse link "
                "başka bir pakette kullanılmıştır; panelden kontrol edin."
            ),
            (
                "Trendyol knows this invoice link already, but it does not show on the package yet. If it "
                "never does, the link is used on another package; check the panel."
            ),
        ),
        "trendyol.label.carrier": (
            (
                "Trendyol bu kargo için ortak etiket vermez (yalnız Trendyol Express ve Aras). Etiketi kargo "
                "firmasından alın."
            ),
            (
                "Trendyol makes no common label for this carrier (only Trendyol Express and Aras). Get it "
                "from the carrier."
            ),
        ),
        "trendyol.label.own_contract": (
            "Kargoyu satıcı ödüyor; Trendyol ortak etiket vermez. Etiketi kargo firmasından alın.",
            "The seller pays the carrier; Trendyol makes no common label. Get it from the carrier.",
        ),
        "trendyol.label.tracking_missing": (
            "Paketin kargo numarası henüz yok. Önce hazırlanıyor durumuna alın.",
            "The package has no cargo number yet. Set it to preparing first.",
        ),
        "trendyol.label.not_ready": (
            "Etiket henüz hazır değil; biraz sonra yeniden isteyin.",
            "The label is not ready yet; ask again in a moment.",
        ),
        "trendyol.locate.no_lookup": (
            "Trendyol stok ve fiyat isteklerini bizim numaramızla aramaz; değerler yeniden gönderilebilir.",
            "Trendyol cannot look up stock and price requests by our key; the values may be sent again.",
        ),
        "trendyol.locate.no_package": (
            "Paket Trendyol listesinde görünmüyor; panelden kontrol edin.",
            "The package does not show in Trendyol's list; check the panel.",
        ),
        "trendyol.locate.which_action": (
            "Paket değişmiş, ama hangi işlemle olduğu anlaşılamıyor (durumu: {status}).",
            "The package has changed, but not tellably by which action (status: {status}).",
        ),
        "trendyol.webhook.not_configured": (
            "Webhook için kullanıcı adı ve parola ya da API anahtarı girilmemiş.",
            "No user and password or API key is set for the webhook.",
        ),
        "trendyol.webhook.refused": (
            "Gelen çağrının kimliği doğrulanamadı.",
            "The incoming call could not be authenticated.",
        ),
        "trendyol.webhook.unreadable": (
            "Gelen çağrının içeriği okunamadı.",
            "The content of the incoming call cannot be read.",
        ),
        "trendyol.unsupported": ("Trendyol bunu sunmaz.", "Trendyol does not offer this."),
        "trendyol.check.orders": ("Siparişler okunabiliyor.", "Orders can be read."),
        "trendyol.check.products": ("Ürünler okunabiliyor.", "Products can be read."),
        "trendyol.check.claims": ("İadeler okunabiliyor.", "Claims can be read."),
        "trendyol.check.clock_ok": ("Sipariş tarihleri doğru okunuyor.", "Order dates are read correctly."),
        "trendyol.check.clock_unknown": (
            "Son 14 günde sipariş yok; sipariş tarihi ayarı ilk siparişte denetlenir.",
            "No order in the last 14 days; the order date's offset is checked with the first one.",
        ),
        "trendyol.check.clock_wrong": (
            "Sipariş tarihleri paketin oluşmasından sonra görünüyor.",
            "Order dates lie after the creation of their package.",
        ),
        "trendyol.check.clock_fix": (
            "“Sipariş tarihi kayması (saat)” ayarını düzeltin; Türkiye için 3 beklenir.",
            "Correct the setting “Sipariş tarihi kayması (saat)”; 3 is expected in Turkey.",
        ),
        "trendyol.check.fix_busy": (
            "Bağlantı çalışıyor; çağrı sınırı dolduğu için biraz bekleyin.",
            "The connection works; wait a little, its call limit is used up.",
        ),
        "trendyol.check.fix_network": (
            (
                "İnternet bağlantısını ve güvenlik duvarını kontrol edin. Trendyol yurt dışı ağlardan gelen "
                "bağlantıları yanıtsız bırakabilir."
            ),
            (
                "Check the internet connection and the firewall. Trendyol may leave connections from foreign "
                "networks unanswered."
            ),
        ),
        "trendyol.check.fix_stage": (
            (
                "Deneme ortamı yalnız tanımlı IP adreslerini kabul eder (503). Sunucunuzun IP adresini "
                "Trendyol'a bildirin."
            ),
            (
                "The stage system accepts listed IP addresses only (503). Have your server's IP address "
                "listed at Trendyol."
            ),
        ),
        "trendyol.check.fix_settings": (
            "Bağlantı ayarlarını kontrol edin.",
            "Check the connection settings.",
        ),
    }
)
