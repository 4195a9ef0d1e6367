"""User texts of the connector."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        "logo.session": (
            "Logo oturumu geçersiz ya da süresi dolmuş; yeniden giriş yapılacak.",
            "The Logo session is invalid or has expired; a new login follows.",
        ),
        "logo.login.refused": (
            "Logo girişi reddetti: {text}. Kullanıcı adını, parolayı ve firma numarasını kontrol edin.",
            "Logo refused the login: {text}. Check user name, password and firm number.",
        ),
        "logo.login.client": (
            "Logo istemci kimliğini kabul etmedi: {text}. Logo'nun size verdiği client id ve secret'i girin.",
            "Logo refused the client: {text}. Enter the client id and secret that Logo issued to you.",
        ),
        "logo.login.firm": (
            "Oturum {got} numaralı firmada açıldı, ayarlarda {wanted} yazıyor. Firma numarasını düzeltin.",
            "The session opened in firm {got}, the settings say {wanted}. Correct the firm number.",
        ),
        "logo.licence": (
            (
                "Logo'da boş kullanıcı lisansı yok: {text}. Açık oturumlardan birini kapatın; bağlantı "
                "yeniden deneyecek."
            ),
            (
                "Logo has no free user licence: {text}. Close one of the open sessions; the connection will "
                "try again."
            ),
        ),
        "logo.answer": ("Logo'nun yanıtı okunamadı.", "Logo's answer cannot be read."),
        "logo.database.busy": (
            "Logo veritabanı meşgul (kilitlenme ya da zaman aşımı); yeniden denenecek.",
            "Logo's database is busy (deadlock or timeout); it will be tried again.",
        ),
        "logo.rejected": ("Logo kaydı reddetti: {text}", "Logo rejected the record: {text}"),
        "logo.validation": ("Logo'nun kontrolü: {text}", "Logo's validation: {text}"),
        "logo.object": ("Logo nesne hatası: {text}", "Logo object error: {text}"),
        "logo.database": ("Logo veritabanı hatası: {text}", "Logo database error: {text}"),
        "logo.other": ("Logo: {text}", "Logo: {text}"),
        "logo.period_closed": (
            (
                "Belge tarihi Logo'daki açık mali dönemin dışında: {text}. Dönemi açın ya da bağlantının "
                "firma ve dönem numarasını yeni yıla geçirin."
            ),
            (
                "The document's date is outside Logo's open fiscal period: {text}. Open the period, or move "
                "the connection's firm and period numbers to the new year."
            ),
        ),
        "logo.sql_closed": (
            "Bu işlem Logo'nun SQL sorgu kapısını gerektirir; kapı bu bağlantının ayarlarında kapalı.",
            "This needs Logo's SQL query door, which is closed in this connection's settings.",
        ),
        "logo.query.text": (
            "Aranan değer Logo sorgusuna yazılamayan karakterler içeriyor.",
            "The value looked for contains characters that cannot be written into a Logo query.",
        ),
        "logo.refs.kind": (
            "Logo yalnızca muhasebe belgelerini listeler.",
            "Logo lists ledger documents only.",
        ),
        "logo.locate.unsupported": (
            "Bu yazma işlemi Logo'da anahtarıyla aranamaz; kaydı Logo'da kendiniz kontrol edin.",
            "This write cannot be looked up in Logo by its key; check the record in Logo yourself.",
        ),
        "logo.locate.twice": (
            (
                "Logo'da aynı gönderim anahtarını taşıyan birden çok canlı belge var: {numbers}. Fazla "
                "olanı iptal edin."
            ),
            "Logo holds more than one live document with the same key: {numbers}. Cancel the surplus one.",
        ),
        "logo.document.exists": (
            "Belge Logo'da zaten kayıtlı: {number}.",
            "The document is already stored in Logo: {number}.",
        ),
        "logo.ref.unknown": (
            "“{ref}” bir Logo belgesini göstermiyor.",
            "“{ref}” does not name a Logo document.",
        ),
        "logo.ref.other_period": (
            (
                "Belge {document} numaralı dönemde kayıtlı, bağlantı {period} numaralı dönemde çalışıyor. "
                "İşlemi Logo'da kendiniz yapın."
            ),
            (
                "The document belongs to period {document}, the connection works in period {period}. Do "
                "this in Logo yourself."
            ),
        ),
        "logo.cancel.ignored": (
            (
                "Logo iptal işaretini kaydetmedi. Faturayı Logo'da iptal edin ya da ayarlarda iptal "
                "yöntemini “sil” yapın."
            ),
            (
                "Logo did not keep the cancellation mark. Cancel the invoice in Logo, or set the way of "
                "cancelling to “delete”."
            ),
        ),
        "logo.party.code": (
            "Cari kodu 1 ile {limit} karakter arasında olmalı: “{given}”.",
            "The partner code must have 1 to {limit} characters: “{given}”.",
        ),
        "logo.party.name": (
            "Cari kartın unvanı boş. Alıcının adını ya da unvanını tamamlayın.",
            "The partner has no name. Complete the buyer's name or title.",
        ),
        "logo.party.ambiguous": (
            (
                "Bu vergi numarası birden çok kullanımdaki cari kartta var: {codes}. Kullanılacak olan "
                "dışındakileri Logo'da kullanım dışı yapın."
            ),
            (
                "Several partner cards in use carry this tax number: {codes}. In Logo, take all but the "
                "right one out of use."
            ),
        ),
        "logo.unit": (
            "Logo birim kodu eşlenmemiş: {units}. Bağlantının “Birimler” ayarına ekleyin.",
            "No Logo unit code is mapped for: {units}. Add it to the connection's “units” setting.",
        ),
        "logo.item.unit": (
            "“{unit}” birimi ayarlarda yok; adet sayıldı.",
            "The unit “{unit}” is not in the settings; it counts as pieces.",
        ),
        "logo.item.code": (
            "Malzeme kodu boş. Ürüne stok kodu verin.",
            "The item has no code. Give the product a stock code.",
        ),
        "logo.item.vat": (
            "Malzemenin KDV oranı bilinmiyor. Ürüne KDV oranı verin.",
            "The item's VAT rate is unknown. Give the product a VAT rate.",
        ),
        "logo.item.service": (
            "Hizmet kartları Logo'da elle açılır.",
            "Service cards are made in Logo by hand.",
        ),
        "logo.order.item": (
            "Logo malzeme kodu olmayan satırlar: {lines}. Satırları bir malzemeye bağlayın.",
            "Lines without a Logo item code: {lines}. Link them to an item.",
        ),
        "logo.order.lines": ("Siparişte gönderilecek satır kalmadı.", "The order has no line left to enter."),
        "logo.order.rate": ("{currency} siparişinin kuru yok.", "The {currency} order has no exchange rate."),
        "logo.invoice.kind": (
            "“{kind}” türü faturalar Logo'ya gönderilemiyor; Logo'da elle kaydedin.",
            "Invoices of kind “{kind}” cannot be sent to Logo; enter them in Logo by hand.",
        ),
        "logo.invoice.profile": (
            (
                "“{profile}” senaryosunun Logo numarası bilinmiyor. Ayarlardan e-belge alanlarını kapatın "
                "ya da faturayı elle kaydedin."
            ),
            (
                "Logo's number for the scenario “{profile}” is not known. Switch the e-document fields off "
                "in the settings, or enter the invoice by hand."
            ),
        ),
        "logo.invoice.party": ("Belgenin cari kodu yok.", "The document has no partner code."),
        "logo.invoice.period": (
            (
                "{day} tarihi ayarlardaki {period} numaralı dönemin dışında. Bağlantının dönem ayarlarını "
                "güncelleyin."
            ),
            "{day} is outside period {period} of the settings. Update the connection's period settings.",
        ),
        "logo.invoice.currency": (
            "{currency} için Logo döviz numarası yok. Bağlantının “Döviz numaraları” ayarına ekleyin.",
            (
                "There is no Logo currency number for {currency}. Add it to the connection's “currencies” "
                "setting."
            ),
        ),
        "logo.invoice.rounding": (
            (
                "Fatura {rounding} yuvarlama içeriyor. Artı yuvarlama için KDV'siz bir hizmet kartı "
                "ayarlayın, eksi yuvarlama için tutarların yazımını “hazır toplam” yapın ya da faturayı "
                "elle kaydedin."
            ),
            (
                "The invoice contains a rounding of {rounding}. Set a service card without VAT for a "
                "positive one; for a negative one set the amounts to “given” or enter the invoice by hand."
            ),
        ),
        "logo.invoice.tax": (
            "Satırda KDV dışında vergi var ya da KDV yok: {taxes}. Faturayı Logo'da elle kaydedin.",
            "The line has another tax than VAT, or no VAT: {taxes}. Enter the invoice in Logo by hand.",
        ),
        "logo.invoice.withholding": (
            "Satırda birden çok tevkifat var; Logo satır başına bir tane kaydeder.",
            "The line has more than one withholding; Logo keeps one per line.",
        ),
        "logo.check.login": ("“{user}” kullanıcısıyla giriş yapıldı.", "Logged in as “{user}”."),
        "logo.check.untold": (
            "Servis bu bilgiyi vermiyor; gerekli değil.",
            "The service does not tell; it is not required.",
        ),
        "logo.check.version": ("Servis sürümü: {value}.", "Service version: {value}."),
        "logo.check.licence": ("Lisanslı kullanıcı sayısı: {value}.", "Licensed users: {value}."),
        "logo.check.firm": ("Firma {firm}: {name}.", "Firm {firm}: {name}."),
        "logo.check.no_firm": ("{firm} numaralı firma bulunamadı.", "There is no firm number {firm}."),
        "logo.check.period": (
            "{period} numaralı dönem açık: {start} – {end}.",
            "Period {period} is active: {start} – {end}.",
        ),
        "logo.check.period_number": ("{period} numaralı dönemde çalışılıyor.", "Working in period {period}."),
        "logo.check.no_period": (
            "{period} numaralı dönem bu firmada yok.",
            "The firm has no period number {period}.",
        ),
        "logo.check.period_inactive": (
            "Logo'nun etkin dönemi {active}, ayarlarda {period} yazıyor.",
            "Logo's active period is {active}, the settings say {period}.",
        ),
        "logo.check.period_over": (
            "{today} tarihi {period} numaralı dönemin dışında ({start} – {end}).",
            "{today} is outside period {period} ({start} – {end}).",
        ),
        "logo.check.warehouse": ("Ambar {warehouse}: {name}.", "Warehouse {warehouse}: {name}."),
        "logo.check.no_warehouse": (
            "Ambar bulunamadı: {missing}. Bu firmanın ambarları: {known}.",
            "No such warehouse: {missing}. The firm's warehouses: {known}.",
        ),
        "logo.check.warehouse_differs": (
            "{warehouse} numaralı ambar başka işyeri, fabrika ya da maliyet grubuna bağlı: {differences}.",
            "Warehouse {warehouse} belongs to another division, factory or cost group: {differences}.",
        ),
        "logo.check.services": ("Hizmet kartları: {codes}.", "Service cards: {codes}."),
        "logo.check.no_service": ("Hizmet kartı bulunamadı: {codes}.", "No such service card: {codes}."),
        "logo.check.sample": ("Malzeme okundu: {given}.", "An item was read: {given}."),
        "logo.check.no_items": ("Firmada malzeme kartı yok.", "The firm has no item cards."),
        "logo.check.unreadable": ("Yanıt okunamadı: {detail}", "The answer cannot be read: {detail}"),
        "logo.check.fix.login": (
            (
                "Logo'da bu kullanıcıyla oturum açmayı deneyin; parolayı ve kullanıcının firma yetkisini "
                "kontrol edin."
            ),
            "Try to log in to Logo as this user; check the password and the user's right to the firm.",
        ),
        "logo.check.fix.client": (
            "Client id ve secret'i Logo iş ortağınızdan isteyin ve ayarlara girin.",
            "Ask your Logo partner for client id and secret and enter them in the settings.",
        ),
        "logo.check.fix.firm": (
            "Firma numarasını Logo'nun firma listesinden kontrol edip ayarlarda düzeltin.",
            "Look the firm number up in Logo's list of firms and correct it in the settings.",
        ),
        "logo.check.fix.licence": (
            "Kullanılmayan Logo oturumlarını kapatın ya da lisans sayısını artırın.",
            "Close unused Logo sessions or raise the number of licences.",
        ),
        "logo.check.fix.tls": (
            "Servise geçerli bir sertifika kurun ya da ayarlardan sertifika doğrulamasını kapatın.",
            (
                "Install a valid certificate on the service, or turn certificate verification off in the "
                "settings."
            ),
        ),
        "logo.check.fix.address": (
            "Servis adresini kontrol edin; http://sunucu:32001 biçiminde olmalı.",
            "Check the service address; it should read http://server:32001.",
        ),
        "logo.check.fix.reach": (
            "Logo REST servisinin çalıştığını, adresi ve güvenlik duvarını kontrol edin.",
            "Check that the Logo REST service runs, its address and the firewall.",
        ),
        "logo.check.fix.rights": (
            "Kullanıcının bu listeyi okuma yetkisini ve Logo REST servisinin çalıştığını kontrol edin.",
            "Check the user's right to read this list and that the Logo REST service runs.",
        ),
        "logo.check.fix.query": (
            (
                "REST servis ayarlarından SQL sorgularına izin verin ya da bağlantıda “SQL sorgu kapısı” "
                "ayarını kapatın."
            ),
            (
                "Allow SQL queries in the REST service's settings, or switch the “SQL query door” off in "
                "the connection."
            ),
        ),
        "logo.check.fix.period": (
            "Ayarlardaki dönem numarasını Logo'nun etkin dönemiyle aynı yapın.",
            "Make the period number of the settings the same as Logo's active period.",
        ),
        "logo.check.fix.period_over": (
            "Logo'da yeni dönemi açın, etkin yapın ve ayarlara numarasını girin.",
            "Open the new period in Logo, make it active and enter its number in the settings.",
        ),
        "logo.check.fix.warehouse": (
            "Ayarlara bu firmanın ambar numaralarından birini girin.",
            "Enter one of the firm's warehouse numbers in the settings.",
        ),
        "logo.check.fix.warehouse_differs": (
            "Ayarlardaki işyeri, fabrika ve maliyet grubunu ambarınkilerle aynı yapın.",
            "Make division, factory and cost group of the settings those of the warehouse.",
        ),
        "logo.check.fix.service": (
            "Logo'da bu kodlarla verilen hizmet kartı açın ya da ayarlardaki kodu düzeltin.",
            "Make sold-service cards with these codes in Logo, or correct the codes in the settings.",
        ),
        "logo.check.fix.items": (
            "Doğru firmaya bağlandığınızı ve malzeme kartlarının açıldığını kontrol edin.",
            "Check that this is the right firm and that item cards exist.",
        ),
        "logo.check.fix.version": ("Logo REST servisini güncelleyin.", "Update the Logo REST service."),
    }
)
