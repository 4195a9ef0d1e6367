"""User texts of the Hepsiburada connector."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "hepsiburada.order.number_missing": (
            "Sipariş numarası yok ya da 0. Siparişi Hepsiburada panelinden kontrol edin.",
            "The order number is missing or 0. Check the order in the Hepsiburada panel.",
        ),
        "hepsiburada.order.date_missing": (
            "Siparişin tarihi yok ya da okunamıyor. Ham kaydı Hepsiburada desteğine iletin.",
            "The order has no readable date. Pass the raw record to Hepsiburada's support.",
        ),
        "hepsiburada.order.currencies": (
            "Siparişin satırları farklı para birimlerinde: {found}. Siparişi panelden kontrol edin.",
            "The order's lines are in different currencies: {found}. Check the order in the panel.",
        ),
        "hepsiburada.order.unreadable": (
            "Sipariş okunamadı; ayrıntısı bulgularda.",
            "The order cannot be read; see the findings.",
        ),
        "hepsiburada.order.gone": (
            (
                "Sipariş {order} listede görünüyor ama numarasıyla bulunamıyor; başka satıcıya "
                "aktarılmış olabilir. Panelden kontrol edin."
            ),
            (
                "Order {order} is listed but cannot be found by its number; it may have gone to "
                "another seller. Check it in the panel."
            ),
        ),
        "hepsiburada.order.other": (
            (
                "Hepsiburada {order} numaralı sipariş yerine başka bir sipariş gönderdi. Siparişi "
                "yeniden okutun."
            ),
            "Hepsiburada sent another order instead of {order}. Have the order read again.",
        ),
        "hepsiburada.order.not_found": (
            "Hepsiburada {order} numaralı siparişi bilmiyor.",
            "Hepsiburada does not know order {order}.",
        ),
        "hepsiburada.order.wrong_kind": (
            "Bu kayıt bir Hepsiburada siparişi değil: {kind}.",
            "This record is no Hepsiburada order: {kind}.",
        ),
        "hepsiburada.order.unknown_status": (
            (
                "Hepsiburada bilinmeyen bir durum bildirdi: {status}. Sipariş bekletilir; eklentiyi "
                "güncelleyin."
            ),
            "Hepsiburada reports an unknown status: {status}. The order waits; update the plugin.",
        ),
        "hepsiburada.order.tax_number": (
            "Vergi numarası okunamadı. Faturadan önce alıcıdan doğrusunu alın.",
            "The tax number cannot be read. Get the right one from the buyer before invoicing.",
        ),
        "hepsiburada.order.name_missing": (
            "Alıcının adı maskeli ya da boş. Fatura için adı Hepsiburada panelinden tamamlayın.",
            "The buyer's name is masked or empty. Complete it from the Hepsiburada panel for the invoice.",
        ),
        "hepsiburada.order.address_changing": (
            "Alıcının adres değişikliği isteği sürüyor; iş birazdan yeniden denenecek.",
            "The buyer has asked for another address; the job will be tried again shortly.",
        ),
        "hepsiburada.line.replacement": (
            "Satır {line} yeniden gönderim ya da değişimdir; satış değildir ve faturalanmaz.",
            "Line {line} is a second parcel or an exchange; it is no sale and is not invoiced.",
        ),
        "hepsiburada.line.price_missing": (
            "Fatura fiyatı için seçilen alan yok: {wanted}. “Fatura fiyatı” ayarını değiştirin.",
            (
                "The field chosen for the invoice price is missing: {wanted}. Change the setting for "
                "the invoice price."
            ),
        ),
        "hepsiburada.line.negative": (
            "İndirimler satırın tutarından büyük. “Fatura fiyatı” ayarını kontrol edin.",
            "The discounts are larger than the line. Check the setting for the invoice price.",
        ),
        "hepsiburada.line.vat_differs": (
            (
                "Hepsiburada'nın KDV tutarı ({found}) fatura fiyatına ({payable}) uymuyor. Faturadan "
                "önce “Fatura fiyatı” ayarını gerçek bir siparişle karşılaştırın."
            ),
            (
                "Hepsiburada's VAT amount ({found}) does not fit the invoice price ({payable}). "
                "Compare the setting for the invoice price with a real order before invoicing."
            ),
        ),
        "hepsiburada.claim.not_an_object": (
            "Hepsiburada iade yerine okunamayan bir satır gönderdi.",
            "Hepsiburada sent an unreadable row instead of a claim.",
        ),
        "hepsiburada.claim.date_missing": (
            "İadenin tarihi yok ya da okunamıyor. Panelden kontrol edin.",
            "The claim has no readable date. Check it in the panel.",
        ),
        "hepsiburada.claim.line_unknown": (
            "İadenin hangi satıra ait olduğu bulunamadı (sipariş {order}). Panelden kontrol edin.",
            "It cannot be told which line the claim is about (order {order}). Check it in the panel.",
        ),
        "hepsiburada.claim.unreadable": (
            "İade okunamadı; ayrıntısı bulgularda.",
            "The claim cannot be read; see the findings.",
        ),
        "hepsiburada.claim.unknown_status": (
            "Hepsiburada bilinmeyen bir iade durumu bildirdi: {status}. Eklentiyi güncelleyin.",
            "Hepsiburada reports an unknown claim status: {status}. Update the plugin.",
        ),
        "hepsiburada.claim.exchange": (
            "Değişimle sonuçlandı; para iadesi yoktur.",
            "It ended in an exchange; no money goes back.",
        ),
        "hepsiburada.listing.not_an_object": (
            "Hepsiburada ilan yerine okunamayan bir satır gönderdi.",
            "Hepsiburada sent an unreadable row instead of a listing.",
        ),
        "hepsiburada.listing.unreadable": (
            "İlan okunamadı; ayrıntısı bulgularda.",
            "The listing cannot be read; see the findings.",
        ),
        "hepsiburada.item.unknown": (
            "Hepsiburada'da bu stok kodlu tek bir ilan yok: {sku}. Satıcı stok kodunu kontrol edin.",
            "There is no single listing with this SKU at Hepsiburada: {sku}. Check the merchant SKU.",
        ),
        "hepsiburada.item.locked": (
            "İlan kilitli: {sku}. Fiyatı düzeltip kilidi Hepsiburada panelinden kaldırın.",
            "The listing is locked: {sku}. Correct its price and unlock it in the Hepsiburada panel.",
        ),
        "hepsiburada.item.fulfilled_by_hb": (
            "{sku} Hepsiburada deposundan gönderiliyor; stoğunu Hepsiburada tutar.",
            "{sku} is sent from Hepsiburada's warehouse, which keeps its stock.",
        ),
        "hepsiburada.item.stock_kept": (
            "Kampanya yüzünden {sku} stoğu düşürülemez. Kampanyanın bitmesini bekleyin.",
            "The stock of {sku} cannot be lowered because of a campaign. Wait for its end.",
        ),
        "hepsiburada.item.price_kept": (
            (
                "Hepsiburada {sku} fiyatının bu yönde değişmesine izin vermiyor. Kampanyayı panelden "
                "kontrol edin."
            ),
            "Hepsiburada does not let the price of {sku} change this way. Check the campaign in the panel.",
        ),
        "hepsiburada.item.currency": (
            "Fiyatın para birimi {found}, ilanın {expected}. Aynı para birimiyle gönderin.",
            "The price is in {found}, the listing in {expected}. Send it in the same currency.",
        ),
        "hepsiburada.upload.queue_full": (
            "Hepsiburada'da bekleyen beş yükleme var; sıra boşalınca yeniden gönderilecek.",
            "Five uploads are waiting at Hepsiburada; it will be sent again when there is room.",
        ),
        "hepsiburada.upload.unknown": (
            "Hepsiburada bu yüklemeyi bilmiyor; değerler yeniden gönderilecek.",
            "Hepsiburada does not know this upload; the values will be sent again.",
        ),
        "hepsiburada.upload.stuck": (
            "Yükleme beklenen sürede sonuçlanmadı; değerler yeniden gönderilecek.",
            "The upload did not end in time; the values will be sent again.",
        ),
        "hepsiburada.upload.failed": (
            "Hepsiburada {sku} için değeri almadı: {reason}.",
            "Hepsiburada did not take the value of {sku}: {reason}.",
        ),
        "hepsiburada.upload.out_of_range": (
            (
                "{sku} fiyatı izin verilen aralığın dışında, ilan kilitlendi: {reason}. Fiyatı "
                "düzeltip kilidi panelden kaldırın."
            ),
            (
                "The price of {sku} is out of range and the listing is locked: {reason}. Correct the "
                "price and unlock it in the panel."
            ),
        ),
        "hepsiburada.status.incomplete": (
            "Gönderilecek bilgi eksik: {what}.",
            "Something to send is missing: {what}.",
        ),
        "hepsiburada.status.packaging_auto": (
            "Paketi Hepsiburada yapıyor. Köprü yapacaksa “Paketleme” ayarını manual seçin.",
            "Hepsiburada makes the packages. Set packaging to manual if Köprü is to do it.",
        ),
        "hepsiburada.status.number_only": (
            "Hepsiburada fatura numarasını ancak fatura linkiyle alır. Fatura linkini açın.",
            (
                "Hepsiburada takes an invoice number together with the invoice's link only. Turn "
                "invoice links on."
            ),
        ),
        "hepsiburada.status.contracted_cargo": (
            (
                "Kargo bilgisini anlaşmalı firma kendisi bildirir. Kendi kargonuzsa “Kendi kargom” "
                "ayarını açın."
            ),
            (
                "The contracted carrier reports the shipment itself. Turn on the setting for your own "
                "cargo if it is yours."
            ),
        ),
        "hepsiburada.status.too_late": (
            "Kargoya verilen satır iptal edilemez.",
            "A line that was shipped cannot be cancelled.",
        ),
        "hepsiburada.status.unpack_first": (
            "Satır paketlenmiş. Önce panelden paketi bozun ya da “İptal için paketi boz” ayarını açın.",
            (
                "The line is packed. Unpack it in the panel first, or turn on the setting that unpacks "
                "to cancel."
            ),
        ),
        "hepsiburada.status.part": (
            "Hepsiburada satırın bir kısmını iptal etmez ({line}). Satırın tamamını iptal edin.",
            "Hepsiburada does not cancel part of a line ({line}). Cancel the whole line.",
        ),
        "hepsiburada.status.lines": (
            "Sipariş bu satırı içermiyor: {line}.",
            "The order has no such line: {line}.",
        ),
        "hepsiburada.status.cancelled": (
            "Siparişin bütün satırları iptal edilmiş.",
            "All lines of the order are cancelled.",
        ),
        "hepsiburada.status.packing": (
            "Satırlar paketlendikten sonra hâlâ açık görünüyor. Panelden kontrol edin.",
            "Lines still show as open after packing. Check them in the panel.",
        ),
        "hepsiburada.package.not_yet": (
            "Sipariş henüz paketlenmedi; paketlenince yeniden denenecek.",
            "The order is not packed yet; it will be tried again once it is.",
        ),
        "hepsiburada.invoice.stored": (
            "{package} paketine başka bir fatura eklenmiş. Panelden karşılaştırın.",
            "An invoice was already added to package {package}. Compare it in the panel.",
        ),
        "hepsiburada.invoice.not_yours": (
            "Hepsiburada faturayı almadı: paket bu satıcının değil.",
            "Hepsiburada did not take the invoice: the package is another merchant's.",
        ),
        "hepsiburada.cancel.reason_missing": (
            "İptal nedeni yok. Panelin belgelerindeki reasonId'yi “İptal nedeni” ayarına girin.",
            "There is no cancel reason. Enter a reasonId of the panel's documents into the settings.",
        ),
        "hepsiburada.cancel.reason": (
            "İptal nedeni bir sayı olmalı: {reason}.",
            "The cancel reason must be a number: {reason}.",
        ),
        "hepsiburada.cancel.daily_limit": (
            "Günlük 100 iptal sınırına gelindi; sınır açılınca yeniden denenecek.",
            "The limit of 100 cancellations a day is reached; it will be tried again when there is room.",
        ),
        "hepsiburada.locate.no_lookup": (
            "Bu gönderim sonradan aranamaz.",
            "This write cannot be looked up afterwards.",
        ),
        "hepsiburada.locate.no_order": (
            "Sipariş Hepsiburada'da bulunamadı; panelden kontrol edin.",
            "The order was not found at Hepsiburada; check it in the panel.",
        ),
        "hepsiburada.locate.no_trace": (
            "Siparişin şimdiki durumundan anlaşılmıyor; panelden kontrol edin.",
            "The order's present state does not tell; check it in the panel.",
        ),
        "hepsiburada.label.not_packed": (
            "Etiket ancak sipariş paketlendikten sonra alınır.",
            "There is a label only once the order is packed.",
        ),
        "hepsiburada.label.carrier": (
            "Hepsiburada yalnız HepsiJet ve Aras için etiket üretir; etiketi kargo firmasından alın.",
            "Hepsiburada makes labels for HepsiJet and Aras only; get it from the carrier.",
        ),
        "hepsiburada.label.several": (
            "Siparişin birden çok paketi var; PDF birleştirilemez. “Etiket biçimi” ayarını zpl seçin.",
            "The order has several packages, and PDF files cannot be joined. Set the label's form to zpl.",
        ),
        "hepsiburada.label.form": (
            "Hepsiburada'nın gönderdiği etiket PDF değil. “Etiket biçimi” ayarını zpl seçin.",
            "The label Hepsiburada sent is no PDF file. Set the label's form to zpl.",
        ),
        "hepsiburada.label.not_ready": (
            "Etiket henüz hazır değil; birazdan yeniden denenecek.",
            "The label is not ready yet; it will be tried again shortly.",
        ),
        "hepsiburada.auth.key": (
            (
                "Hepsiburada girişi kabul etmedi: servis anahtarı, kullanıcı adı ya da entegratör adı "
                "yanlış. Yeni anahtarın işlemesi iki saati bulabilir."
            ),
            (
                "Hepsiburada refused the login: service key, user name or integrator name is wrong. A "
                "new key may take two hours to work."
            ),
        ),
        "hepsiburada.auth.forbidden": (
            (
                "Entegratör bu satıcı için yetkili değil. Satıcı panelinde Entegratör Bilgileri "
                "sayfasından yetki verin."
            ),
            "The integrator is not authorised for this merchant. Grant it on the panel's integrator page.",
        ),
        "hepsiburada.not_found": (
            "Hepsiburada bu adresi ya da kaydı bilmiyor: {reason}.",
            "Hepsiburada does not know this address or record: {reason}.",
        ),
        "hepsiburada.conflict": (
            "Hepsiburada işlemi geri çevirdi, kayıt uygun durumda değil: {reason}.",
            "Hepsiburada refused, the record is not in the right state: {reason}.",
        ),
        "hepsiburada.rejected": (
            "Hepsiburada isteği geri çevirdi: {reason}.",
            "Hepsiburada refused the request: {reason}.",
        ),
        "hepsiburada.rate_limited": (
            "Hepsiburada'nın çağrı sınırına gelindi; birazdan yeniden denenecek.",
            "Hepsiburada's call limit was reached; it will be tried again shortly.",
        ),
        "hepsiburada.date_refused": (
            "Hepsiburada tarih süzgecini kabul etmedi. Eklentiyi güncelleyin.",
            "Hepsiburada refused a date filter. Update the plugin.",
        ),
        "hepsiburada.answer": (
            "Hepsiburada'nın yanıtı beklenen biçimde değil.",
            "Hepsiburada's answer does not have the documented shape.",
        ),
        "hepsiburada.payload.unreadable": (
            "Kayıtlı yanıt Hepsiburada siparişi olarak okunamadı.",
            "The stored payload cannot be read as Hepsiburada orders.",
        ),
        "hepsiburada.stream.expired": (
            "Okuma konumu geçersiz; baştan okunacak.",
            "The reading position is not valid; reading starts again.",
        ),
        "hepsiburada.unsupported": (
            "Hepsiburada bağlayıcısı bunu yapmaz.",
            "The Hepsiburada connector does not do this.",
        ),
        "hepsiburada.webhook.not_configured": (
            "Webhook kullanıcı adı ve parolası girilmemiş; çağrılar doğrulanamaz. Ayarları tamamlayın.",
            "Webhook user and password are not set, so calls cannot be verified. Complete the settings.",
        ),
        "hepsiburada.webhook.refused": (
            "Webhook çağrısının kullanıcı adı ya da parolası yanlış.",
            "The webhook call's user or password is wrong.",
        ),
        "hepsiburada.webhook.unreadable": (
            "Webhook çağrısının içeriği okunamadı.",
            "The webhook call's content cannot be read.",
        ),
        "hepsiburada.check.orders": (
            "Giriş ve açık siparişler tamam.",
            "Login and open orders work.",
        ),
        "hepsiburada.check.packages": (
            "Paketler okunuyor.",
            "Packages can be read.",
        ),
        "hepsiburada.check.cancelled": (
            "Durum listeleri okunuyor.",
            "Lists by status can be read.",
        ),
        "hepsiburada.check.claims": (
            "İadeler okunuyor.",
            "Claims can be read.",
        ),
        "hepsiburada.check.listings": (
            "İlanlar okunuyor.",
            "Listings can be read.",
        ),
        "hepsiburada.check.username": (
            "“Kullanıcı adı” ayarına şunu girin: {name}. Bu adla giriş başarılı.",
            "Enter this user name into the settings: {name}. It is let in.",
        ),
        "hepsiburada.check.fix_login": (
            (
                "Merchant ID'yi, servis anahtarını ve entegratör adını Bilgilerim → Entegrasyon → "
                "Entegratör Bilgileri sayfasıyla karşılaştırın; yeni anahtarda iki saat bekleyin."
            ),
            (
                "Compare merchant id, service key and integrator name with the panel's integrator "
                "page; wait two hours after a new key."
            ),
        ),
        "hepsiburada.check.fix_busy": (
            "Birkaç dakika sonra yeniden deneyin.",
            "Try again in a few minutes.",
        ),
        "hepsiburada.check.fix_network": (
            (
                "Hepsiburada'ya ulaşılamıyor. İnternet bağlantısını ve sunucu adreslerini kontrol edip "
                "yeniden deneyin."
            ),
            (
                "Hepsiburada cannot be reached. Check the internet connection and the server "
                "addresses, then try again."
            ),
        ),
        "hepsiburada.check.fix_settings": (
            "Ayarları ve ortam seçimini kontrol edin.",
            "Check the settings and the environment chosen.",
        ),
    }
)
