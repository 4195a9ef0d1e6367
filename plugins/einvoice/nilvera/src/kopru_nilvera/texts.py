"""User texts of the Nilvera plugin."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        # Refusals of a document
        "nilvera.ettn_exists": (
            "Bu ETTN Nilvera'da zaten kayıtlı; var olan belge bulunup bağlanacak.",
            "Nilvera already holds this ETTN; the existing document is looked up and bound.",
        ),
        "nilvera.invoice_exists": (
            (
                "Bu fatura Nilvera'da zaten var. ETTN ile bulunamazsa numarası başka bir belgeye aittir: "
                "seriyi yalnız bir kanal kullanmalı."
            ),
            (
                "Nilvera already holds this invoice. If it is not found by ETTN, its number belongs to "
                "another document: only one channel may use a series."
            ),
        ),
        "nilvera.record_exists": (
            "Bu kayıt Nilvera'da zaten var; var olan belge bulunup bağlanacak.",
            "Nilvera already holds this record; the existing document is looked up and bound.",
        ),
        "nilvera.series_exists": ("Bu seri Nilvera'da zaten tanımlı.", "Nilvera already knows this series."),
        "nilvera.tax_number_mismatch": (
            (
                "Belgedeki VKN/TCKN, API anahtarının ait olduğu firmanınki değil. Düzenleyen bilgilerini ya"
                " da anahtarı düzeltin."
            ),
            (
                "The tax number in the document is not that of the company the API key belongs to. Correct "
                "the issuer's data or the key."
            ),
        ),
        "nilvera.credit_missing": (
            "Nilvera kontörü bitti. Portaldan kontör yükleyin; bekleyen belgeler sonra gönderilir.",
            "The Nilvera credit is used up. Buy credit in the portal; waiting documents are sent afterwards.",
        ),
        "nilvera.credit_expired": (
            (
                "Nilvera kontör paketinin süresi doldu. Portaldan paketi yenileyin; bekleyen belgeler sonra"
                " gönderilir."
            ),
            (
                "The Nilvera credit package has expired. Renew it in the portal; waiting documents are sent"
                " afterwards."
            ),
        ),
        "nilvera.credit_too_little": (
            (
                "Nilvera paketindeki kontör yetmiyor. Portaldan kontör yükleyin; bekleyen belgeler sonra "
                "gönderilir."
            ),
            (
                "The Nilvera package holds too little credit. Buy credit in the portal; waiting documents "
                "are sent afterwards."
            ),
        ),
        "nilvera.record_failed": (
            "Nilvera kaydı oluşturamadığını bildirdi; belgenin orada olup olmadığına bakılacak.",
            "Nilvera says that it could not make the record; the document is looked up there.",
        ),
        "nilvera.schema": (
            (
                "Belge şema ya da şematron denetiminden geçmedi. Bulgulardaki alanları düzeltip aynı numara"
                " ve ETTN ile yeniden gönderin."
            ),
            (
                "The document failed the schema or schematron check. Correct the fields named in the "
                "findings and send again with the same number and ETTN."
            ),
        ),
        "nilvera.wrong_channel": (
            (
                "Belge yanlış kanaldan gönderildi (e-Fatura / e-Arşiv). Alıcının kaydı yeniden sorgulanıp "
                "belge doğru türde hazırlanmalı."
            ),
            (
                "The document went to the wrong channel (e-Fatura / e-Arşiv). Look the buyer up again and "
                "build the document in the right form."
            ),
        ),
        "nilvera.wrong_channel.needs_e_archive": (
            "Alıcı e-Fatura kullanıcısı değil: belge e-Arşiv olarak hazırlanmalı.",
            "The buyer does not use e-Fatura: build the document as e-Arşiv.",
        ),
        "nilvera.wrong_channel.needs_e_invoice": (
            "Alıcı e-Fatura kullanıcısı: belge e-Fatura olarak hazırlanmalı.",
            "The buyer uses e-Fatura: build the document as e-Fatura.",
        ),
        "nilvera.sender_not_registered": (
            "Firmanız e-Fatura kullanıcısı görünmüyor. GİB kaydınızı ve Nilvera aktivasyonunuzu tamamlayın.",
            (
                "Your company is not seen as an e-Fatura user. Complete your registration with GİB and your"
                " Nilvera activation."
            ),
        ),
        "nilvera.alias_not_in_use": (
            (
                "Alıcının posta kutusu (etiketi) kullanımda değil. Alıcının etiketlerini yenileyip geçerli "
                "olanı seçin."
            ),
            "The buyer's mailbox (alias) is not in use. Refresh the buyer's aliases and choose a valid one.",
        ),
        "nilvera.alias_missing": (
            "e-Fatura için alıcının posta kutusu (etiketi) gerekli. Alıcıyı sorgulayıp etiketi seçin.",
            "An e-Fatura needs the buyer's mailbox (alias). Look the buyer up and choose one.",
        ),
        "nilvera.alias_lookup_failed": (
            "Nilvera alıcı etiketlerini şu an okuyamıyor; birazdan yeniden denenecek.",
            "Nilvera cannot read the buyer's aliases right now; the document is sent again shortly.",
        ),
        "nilvera.sender_alias_unknown": (
            "Gönderici etiketiniz Nilvera'da yok. Portaldaki gönderici birim etiketinizi ayarlara yazın.",
            "Nilvera does not know your sender alias. Enter the sender unit alias shown in the portal.",
        ),
        "nilvera.scenario_must_be_public": (
            "Alıcı kamu kurumu: senaryo KAMU olmalı. Belgeyi KAMU senaryosuyla hazırlayın.",
            "The buyer is a public body: the scenario must be KAMU. Build the document with it.",
        ),
        "nilvera.scenario_must_not_be_public": (
            "Alıcı kamu kurumu değil: senaryo KAMU olamaz. Belgeyi başka senaryoyla hazırlayın.",
            (
                "The buyer is no public body: the scenario must not be KAMU. Build the document with "
                "another one."
            ),
        ),
        "nilvera.series_empty": (
            "Belgede seri yok. Belge türüne bir seri tanımlayın.",
            "The document carries no series. Define a series for this kind of document.",
        ),
        "nilvera.series_year": (
            (
                "Fatura numarasındaki yıl ile belge tarihi uyuşmuyor. Belgeyi tarihinin yılına ait bir "
                "numarayla düzenleyin."
            ),
            (
                "The year in the invoice number does not match the document date. Issue it with a number of"
                " that year."
            ),
        ),
        "nilvera.series_unknown": (
            (
                "Bu seri Nilvera'da tanımlı değil. Portalda seriyi ekleyin (e-Fatura ve e-Arşiv serileri "
                "ayrıdır) ya da “Eksik seriyi tanımla” ayarını açın."
            ),
            (
                "Nilvera does not know this series. Add it in the portal (e-Fatura and e-Arşiv keep "
                "separate series) or turn on the setting that defines missing series."
            ),
        ),
        "nilvera.series_not_made": (
            "Seri Nilvera'da açılamadı; belge gönderilmedi ve yeniden denenecek.",
            "The series could not be made at Nilvera; the document was not sent and is tried again.",
        ),
        "nilvera.template_unknown": (
            (
                "Seçilen görünüm şablonu Nilvera'da yok ya da etkin değil. Portaldan şablonu etkinleştirin "
                "ya da ayarı boşaltın."
            ),
            (
                "The chosen view template does not exist at Nilvera or is not active. Activate it in the "
                "portal or clear the setting."
            ),
        ),
        "nilvera.package_unknown": (
            "Nilvera hesabınızda bu işlem için paket yok. Nilvera ile paketinizi kontrol edin.",
            "Your Nilvera account has no package for this operation. Check your package with Nilvera.",
        ),
        "nilvera.api_unknown": (
            "Adres Nilvera API'sini göstermiyor. Ayarlardaki ortamı ve kök adresi düzeltin.",
            "The address does not lead to the Nilvera API. Correct the environment and the root address.",
        ),
        "nilvera.document_empty": (
            "Nilvera belgeyi boş buldu. Belgeyi yeniden hazırlayıp gönderin.",
            "Nilvera found the document empty. Build it again and send it.",
        ),
        "nilvera.document.not_found": (
            "Belge Nilvera'da bulunamadı.",
            "Nilvera does not hold this document.",
        ),
        "nilvera.document.unreadable": (
            "Nilvera belgeyi beklenen biçimde vermedi. Birazdan yeniden deneyin.",
            "Nilvera did not return the document in the expected form. Try again shortly.",
        ),
        "nilvera.invalid_request": (
            "Nilvera isteği geçersiz buldu. Bulgulardaki alanlara bakın.",
            "Nilvera found the request invalid. See the fields named in the findings.",
        ),
        "nilvera.refused": ("Nilvera kaydı reddetti: {reason}", "Nilvera refused the record: {reason}"),
        "nilvera.not_found": (
            "Nilvera istenen kaydı bulamadı: {reason}",
            "Nilvera did not find what was asked for: {reason}",
        ),
        "nilvera.key_refused": (
            (
                "Nilvera API anahtarını kabul etmedi. Anahtar silinmiş, süresi dolmuş ya da öteki ortama "
                "ait olabilir: portalda yeni anahtar üretip ayarlara girin."
            ),
            (
                "Nilvera refused the API key. It may be deleted, expired or of the other environment: make "
                "a new key in the portal and enter it."
            ),
        ),
        "nilvera.key_lacks_permission": (
            (
                "API anahtarının bu işleme yetkisi yok. Portalda anahtara e-Fatura, e-Arşiv ve genel "
                "yetkilerini verin."
            ),
            (
                "The API key may not do this. Give it the e-Fatura, e-Arşiv and general permissions in the "
                "portal."
            ),
        ),
        "nilvera.answer.malformed": ("Nilvera'nın yanıtı okunamadı.", "Nilvera's answer could not be read."),
        "nilvera.answer.other_document": (
            "Nilvera başka bir belgenin kimliğiyle yanıt verdi; belge orada aranacak.",
            "Nilvera answered with the identity of another document; the document is looked up.",
        ),
        "nilvera.profile_unsupported": (
            "{profile} senaryosu Nilvera kanalıyla gönderilmiyor.",
            "Documents of the scenario {profile} are not sent through the Nilvera channel.",
        ),
        # Cancelling
        "nilvera.e_invoice_not_cancellable": (
            (
                "e-Fatura entegratörden iptal edilemez. TİCARİFATURA: alıcı 8 gün içinde RED yanıtı verir. "
                "TEMELFATURA: alıcının onayıyla GİB “e-Fatura İptal/İtiraz” portalından, ya da noter, "
                "taahhütlü mektup veya KEP ile 8 gün içinde itiraz; sonrasında iade faturası düzenlenir."
            ),
            (
                "An e-Fatura cannot be cancelled through an integrator. TICARIFATURA: the buyer refuses it "
                "(RED) within 8 days. TEMELFATURA: through GİB's cancel/objection portal with the buyer's "
                "consent, or an objection by notary, registered mail or KEP within 8 days; after that a "
                "return invoice is issued."
            ),
        ),
        "nilvera.incoming_not_cancellable": (
            "Gelen fatura iptal edilemez; yalnız yanıtlanabilir ya da iade edilebilir.",
            "An incoming invoice cannot be cancelled; it can only be answered or returned.",
        ),
        # Looking up
        "nilvera.locate.no_hint": (
            "Belgenin ETTN'i bilinmeden Nilvera'da aranamaz; portaldan bakın.",
            "Without the document's ETTN nothing can be looked up at Nilvera; look in the portal.",
        ),
        "nilvera.locate.unknown_operation": (
            "Nilvera bu işlemi yapmaz; aranacak bir kayıt yok.",
            "Nilvera does not do this operation; there is nothing to look up.",
        ),
        # States
        "nilvera.status.unknown": (
            "Nilvera tanınmayan bir durum bildirdi: {status}. Belgeyi portaldan izleyin.",
            "Nilvera reports an unknown state: {status}. Follow the document in the portal.",
        ),
        "nilvera.status.not_found": (
            "Nilvera belgenin durumunu bilmiyor (henüz görünmüyor olabilir). Sürerse portaldan bakın.",
            (
                "Nilvera does not know the document's state (it may not be visible yet). If this lasts, "
                "look in the portal."
            ),
        ),
        "nilvera.status.unavailable": (
            "Belgenin durumu şu an okunamadı; yeniden sorulacak.",
            "The document's state could not be read right now; it is asked again.",
        ),
        "nilvera.status.failed": (
            "Nilvera belgeyi hatalı bildirdi: {reason}. Portaldan nedenine bakın.",
            "Nilvera reports the document as failed: {reason}. Look for the cause in the portal.",
        ),
        "nilvera.gib.package": (
            (
                "GİB zarfı açamadı ya da okuyamadı ({gib}). Belge aynı numara ve ETTN ile yeniden "
                "gönderilebilir."
            ),
            (
                "GİB could not open or read the envelope ({gib}). The document may be sent again with the "
                "same number and ETTN."
            ),
        ),
        "nilvera.gib.document": (
            (
                "GİB belgeyi şema/şematron denetiminden geçirmedi ({gib}). Belgeyi düzeltip aynı numara ve "
                "ETTN ile yeniden gönderin."
            ),
            (
                "GİB refused the document by schema or schematron ({gib}). Correct it and send it again "
                "with the same number and ETTN."
            ),
        ),
        "nilvera.gib.seal": (
            (
                "GİB mali mührü kabul etmedi ({gib}). Portaldaki mali mühür/sertifika kaydını düzeltip "
                "yeniden gönderin."
            ),
            (
                "GİB did not accept the seal ({gib}). Correct the seal or certificate in the portal and "
                "send again."
            ),
        ),
        "nilvera.gib.duplicate": (
            "Belge GİB'de zaten kayıtlı ({gib}). Yeniden göndermeyin; ilk zarfın sonucuna portaldan bakın.",
            (
                "GİB already holds the document ({gib}). Do not send it again; see the first envelope in "
                "the portal."
            ),
        ),
        "nilvera.gib.alias": (
            (
                "GİB gönderici ya da alıcı etiketini kabul etmedi ({gib}). Etiketleri yenileyip aynı numara"
                " ve ETTN ile yeniden gönderin."
            ),
            (
                "GİB did not accept the sender's or buyer's alias ({gib}). Refresh the aliases and send "
                "again with the same number and ETTN."
            ),
        ),
        "nilvera.gib.gib": (
            "GİB'de sistem hatası oldu ({gib}). Belge daha sonra yeniden gönderilebilir.",
            "GİB had a system fault ({gib}). The document may be sent again later.",
        ),
        "nilvera.gib.recipient": (
            (
                "Belge alıcının sistemine ulaştırılamadı ({gib}). Alıcıyla görüşüp aynı numara ve ETTN ile "
                "yeniden gönderin."
            ),
            (
                "The document did not reach the recipient's system ({gib}). Ask the recipient and send it "
                "again with the same number and ETTN."
            ),
        ),
        # Incoming and listed documents
        "nilvera.incoming.unreadable": (
            "Gelen faturanın XML içeriği okunamadı. Göndericiden belgenin doğrusunu isteyin.",
            "The XML of the incoming invoice could not be read. Ask its sender for a correct copy.",
        ),
        "nilvera.incoming.not_available": (
            "Gelen faturanın XML'i Nilvera'dan alınamadı. Portaldan indirip kontrol edin.",
            "Nilvera did not hand out the XML of the incoming invoice. Download it in the portal.",
        ),
        "nilvera.incoming.other_document": (
            "İndirilen XML başka bir faturaya ait (ETTN {ettn}). Portaldan kontrol edin.",
            "The XML downloaded belongs to another invoice (ETTN {ettn}). Check it in the portal.",
        ),
        "nilvera.record.field": (
            "Kaydın {field} alanı eksik ya da okunamıyor.",
            "The record's field {field} is missing or unreadable.",
        ),
        # Connection check
        "nilvera.check.key": ("API anahtarı geçerli.", "The API key works."),
        "nilvera.check.company": (
            "Firma: {name}, VKN/TCKN {tax_number}.",
            "Company: {name}, tax number {tax_number}.",
        ),
        "nilvera.check.company_other": (
            "Anahtar başka bir firmaya ait: {name}, VKN/TCKN {tax_number}.",
            "The key belongs to another company: {name}, tax number {tax_number}.",
        ),
        "nilvera.check.company_other.fix": (
            "Doğru firmanın anahtarını girin ya da ayarlardaki VKN/TCKN'yi düzeltin.",
            "Enter the key of the right company, or correct the tax number in the settings.",
        ),
        "nilvera.check.company_inactive": (
            "Firma Nilvera'da etkin değil: {name}.",
            "The company is not active at Nilvera: {name}.",
        ),
        "nilvera.check.company_inactive.fix": (
            "Nilvera ile görüşüp firmanızı etkinleştirin.",
            "Ask Nilvera to activate your company.",
        ),
        "nilvera.check.credits": ("Kalan kontör: {credits}.", "Credit left: {credits}."),
        "nilvera.check.credits_none": ("Kullanılabilir kontör yok.", "There is no usable credit."),
        "nilvera.check.credits_none.fix": (
            "Nilvera portalından kontör yükleyin ya da paketinizi yenileyin.",
            "Buy credit or renew your package in the Nilvera portal.",
        ),
        "nilvera.check.series": ("{side} serileri: {series}.", "{side} series: {series}."),
        "nilvera.check.series_made_on_demand": (
            "{side} için etkin seri yok; ilk belgeyle kendiliğinden tanımlanacak.",
            "There is no active {side} series; it is defined with the first document.",
        ),
        "nilvera.check.series_none": ("{side} için etkin seri yok.", "There is no active {side} series."),
        "nilvera.check.series_none.fix": (
            (
                "Portalda {side} için numaralandırmada kullandığınız seriyi ekleyin ya da “Eksik seriyi "
                "tanımla” ayarını açın."
            ),
            (
                "Add the {side} series you number with in the portal, or turn on the setting that defines "
                "missing series."
            ),
        ),
        "nilvera.check.template": ("{side} şablonu bulundu: {name}.", "{side} template found: {name}."),
        "nilvera.check.template_missing": (
            "Ayarlardaki {side} şablonu Nilvera'da yok ya da etkin değil.",
            "The {side} template in the settings does not exist at Nilvera or is not active.",
        ),
        "nilvera.check.template_missing.fix": (
            "Portaldaki etkin bir şablonun UUID değerini girin ya da ayarı boşaltın.",
            "Enter the UUID of an active template of the portal, or clear the setting.",
        ),
        "nilvera.check.unreachable.fix": (
            "İnternet bağlantısını ve ayarlardaki ortam ile adresi kontrol edip yeniden deneyin.",
            "Check the internet connection and the environment and address in the settings, then try again.",
        ),
    }
)
