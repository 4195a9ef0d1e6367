"""User texts of the ikas connector."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "ikas.answer": (
            "ikas belgelenenden farklı bir yanıt verdi; iş yeniden denenecek.",
            "ikas answered otherwise than documented; the job will be tried again.",
        ),
        "ikas.unsupported": (
            "ikas bağlantısı bunu yapamaz.",
            "The ikas connection cannot do this.",
        ),
        "ikas.stream.expired": (
            "Okuma konumu tanınmıyor; pencere baştan okunacak.",
            "The read position is not known; the window is read again.",
        ),
        "ikas.login.refused": (
            (
                "ikas Client ID ya da Client Secret'ı kabul etmedi. Özel uygulamanın bilgilerini "
                "panelden yenileyin."
            ),
            "ikas refused the client id or secret. Renew the private app's credentials in the panel.",
        ),
        "ikas.login.required": (
            "ikas oturumu geçersiz: {reason}. Yeniden giriş yapılacak; sürerse özel uygulamayı denetleyin.",
            (
                "The ikas session is not valid: {reason}. It logs in again; if this goes on, check "
                "the private app."
            ),
        ),
        "ikas.scope.missing": (
            "Özel uygulamanın bu işlem için izni yok: {reason}. Panelden izinleri (scope) işaretleyin.",
            "The private app has no permission for this: {reason}. Tick its scopes in the panel.",
        ),
        "ikas.query.refused": (
            (
                "ikas sorguyu geçersiz buldu: {reason}. API sürümü ve yanıt biçimi ayarlarını denetleyin; "
                "yinelenen geçersiz sorgular mağazayı engelletir."
            ),
            (
                "ikas found the query invalid: {reason}. Check the settings for API version and "
                "answer shape; "
                "repeated invalid queries get the shop blocked."
            ),
        ),
        "ikas.query.unknown_field": (
            (
                "Mağazanın şeması “{field}” alanını tanımıyor. Alanı “İstenmeyen sipariş alanları” "
                "ayarına yazın."
            ),
            "The shop's schema does not know the field “{field}”. Add it to the setting for left out fields.",
        ),
        "ikas.server": (
            "ikas içinde bir hata oldu: {reason}.",
            "Something failed inside ikas: {reason}.",
        ),
        "ikas.argument": (
            "ikas gönderilen değeri kabul etmedi: {reason}.",
            "ikas refused a value that was sent: {reason}.",
        ),
        "ikas.rejected": (
            "ikas isteği reddetti: {reason}.",
            "ikas rejected the request: {reason}.",
        ),
        "ikas.order.packaged": (
            "Satırlar zaten bir pakette: {reason}.",
            "The lines are in a parcel already: {reason}.",
        ),
        "ikas.order.closed": (
            "Sipariş bu durumda değiştirilemez ({reason}). ikas panelinden denetleyin.",
            "The order cannot be changed in this state ({reason}). Check it in the ikas panel.",
        ),
        "ikas.order.not_an_object": (
            "Sipariş kaydı okunamadı: beklenen yapıda değil.",
            "The order record cannot be read: it has another shape than expected.",
        ),
        "ikas.order.unreadable": (
            "Sipariş okunamadı; eksik ve hatalı alanlar bulgularda.",
            "The order cannot be read; the findings name the missing and wrong fields.",
        ),
        "ikas.order.number_missing": (
            "Siparişin numarası yok. ikas panelinden denetleyin.",
            "The order has no number. Check it in the ikas panel.",
        ),
        "ikas.order.date_missing": (
            "Siparişin tarihi yok. ikas panelinden denetleyin.",
            "The order has no date. Check it in the ikas panel.",
        ),
        "ikas.order.empty": (
            "Siparişte satır yok ya da bütün satırlar silinmiş.",
            "The order has no lines, or all of them were deleted.",
        ),
        "ikas.order.imported": (
            (
                "Sipariş ikas'a başka bir sistemden aktarılmış; faturası orada kesiliyor "
                "olabilir. “Başka sistemden "
                "aktarılan siparişler” ayarında okunmasını (read) ya da atlanmasını (skip) seçin."
            ),
            (
                "The order came into ikas from another system, which may invoice it. Choose in "
                "the setting for "
                "imported orders whether they are read or skipped."
            ),
        ),
        "ikas.order.register": (
            (
                "Müşterisiz kasa (POS) siparişi; fişi kesilmiş olabilir. “Kasa siparişleri” "
                "ayarında okunmasını "
                "(read) ya da atlanmasını (skip) seçin."
            ),
            (
                "A register (POS) order without a customer; it may have its receipt. Choose in "
                "the setting for "
                "register orders whether they are read or skipped."
            ),
        ),
        "ikas.order.unknown_status": (
            "Siparişin durumu tanınmıyor: {status}.",
            "The order's state is not known: {status}.",
        ),
        "ikas.order.vat_unknown": (
            (
                "ikas'ta KDV oranı tanımlı olmayan satır var; oran stok kartından ya da varsayılan "
                "ayardan gelir."
            ),
            "A line has no VAT rate in ikas; the rate comes from the item card or the default setting.",
        ),
        "ikas.order.surcharge": (
            "Satırlara dağılmayan {amount} tutarındaki ek ücret ayrı satır olarak alındı.",
            "A surcharge of {amount} that belongs to no line was taken as a line of its own.",
        ),
        "ikas.order.name_missing": (
            "Alıcının adı boş. Fatura kesmeden önce ikas panelinden tamamlayın.",
            "The buyer's name is empty. Complete it in the ikas panel before invoicing.",
        ),
        "ikas.order.company_name_missing": (
            "Vergi numarası olan alıcının şirket unvanı yok. Unvanı tamamlayın.",
            "A buyer with a tax number has no company name. Complete it.",
        ),
        "ikas.order.tax_number": (
            "Vergi numarasının uzunluğu geçersiz (VKN 10, TCKN 11 hane). Alıcıdan doğrulayın.",
            "The tax number has no valid length (VKN 10, TCKN 11 digits). Verify it with the buyer.",
        ),
        "ikas.order.not_found": (
            "{order} numaralı sipariş kaydı ikas'ta bulunamadı.",
            "The order record {order} was not found at ikas.",
        ),
        "ikas.order.wrong_kind": (
            "“{kind}” türünde kayıt bir ikas siparişi değildir.",
            "A record of the kind “{kind}” is no ikas order.",
        ),
        "ikas.payload.unreadable": (
            "Kayıtlı veri ikas siparişi olarak okunamadı.",
            "The stored data cannot be read as ikas orders.",
        ),
        "ikas.return.unreadable": (
            "İade okunamadı; eksik ve hatalı alanlar bulgularda.",
            "The return cannot be read; the findings name the missing and wrong fields.",
        ),
        "ikas.return.unknown_status": (
            "İade satırının durumu tanınmıyor: {status}.",
            "The state of a returned line is not known: {status}.",
        ),
        "ikas.product.not_an_object": (
            "Ürün kaydı okunamadı: beklenen yapıda değil.",
            "The product record cannot be read: it has another shape than expected.",
        ),
        "ikas.product.unreadable": (
            "Ürün okunamadı; hatalı metinler bulgularda.",
            "The product cannot be read; the findings name the faulty texts.",
        ),
        "ikas.stock.location": (
            "Stok lokasyonu seçilmemiş. Ayarlara şu kimliklerden birini yazın: {locations}.",
            "No stock location is chosen. Enter one of these ids in the settings: {locations}.",
        ),
        "ikas.item.unknown": (
            "{item} ikas'ta bulunamadı ya da birden çok varyantta var.",
            "{item} was not found at ikas, or stands on several variants.",
        ),
        "ikas.item.list_price_low": (
            "Liste fiyatı ({full}) satış fiyatından ({sale}) düşük olamaz.",
            "The list price ({full}) must not be below the sale price ({sale}).",
        ),
        "ikas.item.refused": (
            "ikas satırı kabul etmedi: {reason}. Ürün ve varyantın ikas'ta durduğunu denetleyin.",
            "ikas refused the row: {reason}. Check that product and variant still exist at ikas.",
        ),
        "ikas.status.incomplete": (
            "Bildirim için {what} gerekli.",
            "The write-back needs {what}.",
        ),
        "ikas.status.lines": (
            "Siparişte {line} satırı yok ya da istenen miktar fazla.",
            "The order has no line {line}, or the quantity asked for is too large.",
        ),
        "ikas.status.other_invoice": (
            "Siparişe başka bir fatura eklenmiş: {number}. ikas panelinden denetleyin.",
            "Another invoice is attached to the order: {number}. Check it in the ikas panel.",
        ),
        "ikas.status.other_tracking": (
            "Pakette başka bir takip numarası var: {number}. ikas panelinden denetleyin.",
            "The parcel has another tracking number: {number}. Check it in the ikas panel.",
        ),
        "ikas.status.app": (
            "Faturayı ekleyecek uygulamanın kimliği okunamadı. Ayarlara girin.",
            "The id of the app that attaches invoices cannot be read. Enter it in the settings.",
        ),
        "ikas.locate.no_lookup": (
            "Bu işlemin ikas'a ulaşıp ulaşmadığına bakılamıyor.",
            "It cannot be looked up whether this write reached ikas.",
        ),
        "ikas.locate.no_order": (
            "Sipariş ikas'ta bulunamadı; işlemin ulaşıp ulaşmadığı söylenemez.",
            "The order was not found at ikas; whether the write arrived cannot be told.",
        ),
        "ikas.locate.which_action": (
            "Siparişte izler var, ama hangi işlemden kaldığı söylenemez. ikas panelinden denetleyin.",
            "The order shows traces, but of which write cannot be told. Check it in the ikas panel.",
        ),
        "ikas.webhook.refused": (
            "Gelen çağrının imzası doğrulanamadı.",
            "The signature of the incoming call could not be verified.",
        ),
        "ikas.webhook.unreadable": (
            "Gelen çağrı okunamadı.",
            "The incoming call cannot be read.",
        ),
        "ikas.check.login": ("Giriş yapıldı.", "Logged in."),
        "ikas.check.shop": ("Mağaza okundu.", "The shop was read."),
        "ikas.check.orders": ("Siparişler okundu.", "Orders were read."),
        "ikas.check.products": ("Ürünler okundu.", "Products were read."),
        "ikas.check.stock": ("Stok lokasyonu belli.", "The stock location is clear."),
        "ikas.check.taxes": ("Vergi ayarları uyuşuyor.", "The tax settings agree."),
        "ikas.check.no_shop": ("ikas mağaza bilgisi vermedi.", "ikas told nothing about the shop."),
        "ikas.check.unordered": (
            (
                "Siparişler okundu, ama değişiklik sırasıyla gelmiyor; daha yavaş okunacak. "
                "“Sıralama yazımı” "
                "ayarının diğer seçeneklerini deneyin."
            ),
            (
                "Orders were read, but not in order of change; reading will be slower. Try the "
                "other choices of "
                "the setting for the sort form."
            ),
        ),
        "ikas.check.tax_differs": (
            "Mağazanın fiyatlarında KDV, bağlantı ayarındakinden farklı ele alınıyor.",
            "The shop treats VAT in its prices otherwise than the connection's settings say.",
        ),
        "ikas.check.tax_differs_fix": (
            "“Fiyatlar KDV hariç” ayarını mağazanın vergi ayarına uydurun.",
            "Bring the setting for prices without VAT in line with the shop's tax settings.",
        ),
        "ikas.check.tax_mixed": (
            "Mağazanın vergi ayarları birbirinden farklı: bazı fiyatlar KDV dahil, bazıları hariç.",
            "The shop's tax settings differ: some prices contain VAT, some do not.",
        ),
        "ikas.check.tax_mixed_fix": (
            "ikas panelinde ürün ve kargo fiyatlarını hep KDV dahil ya da hep KDV hariç yapın.",
            "Make all prices of goods and carriage contain VAT, or none, in the ikas panel.",
        ),
        "ikas.check.fix_login": (
            "Client ID ve Client Secret'ı denetleyin; secret kaybolduysa özel uygulamayı yeniden oluşturun.",
            "Check client id and secret; if the secret is lost, make the private app anew.",
        ),
        "ikas.check.fix_busy": (
            "Biraz bekleyip yeniden deneyin; sürerse “10 saniyede en çok istek” ayarını düşürün.",
            "Wait a little and try again; if it goes on, lower the setting for calls in ten seconds.",
        ),
        "ikas.check.fix_network": (
            "İnternet bağlantısını ve ikas'ın durum sayfasını denetleyip yeniden deneyin.",
            "Check the internet connection and ikas's status page, then try again.",
        ),
        "ikas.check.fix_settings": (
            "Özel uygulamanın izinlerini ve API sürümü ayarını denetleyin.",
            "Check the private app's permissions and the setting for the API version.",
        ),
    }
)
