"""User texts of the Uyumsoft plugin."""

from kopru.model import Catalogue

TEXTS = Catalogue(
    {
        # Refusals
        "uyumsoft.refused": ("Uyumsoft işlemi reddetti: {reason}", "Uyumsoft refused: {reason}"),
        "uyumsoft.ettn_exists": (
            "Bu ETTN Uyumsoft'ta zaten kayıtlı; var olan belge bulunup bağlanacak.",
            "Uyumsoft already holds this ETTN; the existing document is looked up and bound.",
        ),
        "uyumsoft.login_refused": (
            (
                "Uyumsoft kullanıcı adını ya da parolayı kabul etmedi ya da hesabın web servis yetkisi yok. "
                "Bilgileri düzeltin; sürerse Uyumsoft'tan web servis yetkisini isteyin."
            ),
            (
                "Uyumsoft refused user name or password, or the account may not use the web service. "
                "Correct them; if this lasts, ask Uyumsoft for the web service permission."
            ),
        ),
        "uyumsoft.answer.malformed": (
            "Uyumsoft'un yanıtı okunamadı.",
            "Uyumsoft's answer could not be read.",
        ),
        "uyumsoft.answer.other_document": (
            "Uyumsoft başka bir belgenin kimliğiyle yanıt verdi; belge orada aranacak.",
            "Uyumsoft answered with the identity of another document; the document is looked up.",
        ),
        "uyumsoft.profile_unsupported": (
            "{profile} senaryosu Uyumsoft kanalıyla gönderilmiyor.",
            "Documents of the scenario {profile} are not sent through the Uyumsoft channel.",
        ),
        "uyumsoft.alias_missing": (
            "e-Fatura için alıcının posta kutusu (etiketi) gerekli. Alıcıyı sorgulayıp etiketi seçin.",
            "An e-Fatura needs the buyer's mailbox (alias). Look the buyer up and choose one.",
        ),
        "uyumsoft.refs_unsupported": (
            "Uyumsoft yalnız e-belge listeler.",
            "Uyumsoft lists e-documents only.",
        ),
        # Documents
        "uyumsoft.document.not_found": (
            "Belge Uyumsoft'ta bulunamadı.",
            "Uyumsoft does not hold this document.",
        ),
        "uyumsoft.document.unreadable": (
            "Uyumsoft belgeyi beklenen biçimde vermedi. Birazdan yeniden deneyin.",
            "Uyumsoft did not return the document in the expected form. Try again shortly.",
        ),
        # Cancelling
        "uyumsoft.not_cancelled": (
            "Uyumsoft iptali yapmadığını bildirdi. Belgenin durumuna portaldan bakın.",
            "Uyumsoft says that it did not cancel. Look at the document in the portal.",
        ),
        "uyumsoft.e_invoice_not_cancellable": (
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
        "uyumsoft.incoming_not_cancellable": (
            "Gelen fatura iptal edilemez; yalnız yanıtlanabilir ya da iade edilebilir.",
            "An incoming invoice cannot be cancelled; it can only be answered or returned.",
        ),
        # Looking up
        "uyumsoft.locate.no_hint": (
            "Belgenin ETTN'i bilinmeden Uyumsoft'ta aranamaz; portaldan bakın.",
            "Without the document's ETTN nothing can be looked up at Uyumsoft; look in the portal.",
        ),
        "uyumsoft.locate.unknown_operation": (
            "Uyumsoft bu işlemi yapmaz; aranacak bir kayıt yok.",
            "Uyumsoft does not do this operation; there is nothing to look up.",
        ),
        # States
        "uyumsoft.status.unknown": (
            "Uyumsoft tanınmayan bir durum bildirdi: {status}. Belgeyi portaldan izleyin.",
            "Uyumsoft reports an unknown state: {status}. Follow the document in the portal.",
        ),
        "uyumsoft.status.draft": (
            "Belge Uyumsoft'ta taslak olarak duruyor; portaldan gönderilmeden ilerlemez.",
            "The document is a draft at Uyumsoft; it does not go on until it is sent in the portal.",
        ),
        "uyumsoft.status.not_found": (
            "Uyumsoft belgenin durumunu bilmiyor (henüz görünmüyor olabilir). Sürerse portaldan bakın.",
            (
                "Uyumsoft does not know the document's state (it may not be visible yet). If this lasts, "
                "look in the portal."
            ),
        ),
        "uyumsoft.status.failed": (
            "Uyumsoft belgeyi hatalı bildirdi: {reason}. Portaldan nedenine bakın.",
            "Uyumsoft reports the document as failed: {reason}. Look for the cause in the portal.",
        ),
        "uyumsoft.gib.package": (
            (
                "GİB zarfı açamadı ya da okuyamadı ({gib}). Belge aynı numara ve ETTN ile yeniden "
                "gönderilebilir."
            ),
            (
                "GİB could not open or read the envelope ({gib}). The document may be sent again with the "
                "same number and ETTN."
            ),
        ),
        "uyumsoft.gib.document": (
            (
                "GİB belgeyi şema/şematron denetiminden geçirmedi ({gib}). Belgeyi düzeltip aynı numara ve "
                "ETTN ile yeniden gönderin."
            ),
            (
                "GİB refused the document by schema or schematron ({gib}). Correct it and send it again "
                "with the same number and ETTN."
            ),
        ),
        "uyumsoft.gib.seal": (
            (
                "GİB mali mührü kabul etmedi ({gib}). Portaldaki mali mühür/sertifika kaydını düzeltip "
                "yeniden gönderin."
            ),
            (
                "GİB did not accept the seal ({gib}). Correct the seal or certificate in the portal and "
                "send again."
            ),
        ),
        "uyumsoft.gib.duplicate": (
            "Belge GİB'de zaten kayıtlı ({gib}). Yeniden göndermeyin; ilk zarfın sonucuna portaldan bakın.",
            (
                "GİB already holds the document ({gib}). Do not send it again; see the first envelope in "
                "the portal."
            ),
        ),
        "uyumsoft.gib.alias": (
            (
                "GİB gönderici ya da alıcı etiketini kabul etmedi ({gib}). Etiketleri yenileyip aynı numara "
                "ve ETTN ile yeniden gönderin."
            ),
            (
                "GİB did not accept the sender's or buyer's alias ({gib}). Refresh the aliases and send "
                "again with the same number and ETTN."
            ),
        ),
        "uyumsoft.gib.gib": (
            "GİB'de sistem hatası oldu ({gib}). Belge daha sonra yeniden gönderilebilir.",
            "GİB had a system fault ({gib}). The document may be sent again later.",
        ),
        "uyumsoft.gib.recipient": (
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
        "uyumsoft.incoming.not_available": (
            "Gelen faturanın XML'i Uyumsoft'tan alınamadı. Portaldan indirip kontrol edin.",
            "Uyumsoft did not hand out the XML of the incoming invoice. Download it in the portal.",
        ),
        "uyumsoft.incoming.other_document": (
            "İndirilen XML başka bir faturaya ait (ETTN {ettn}). Portaldan kontrol edin.",
            "The XML downloaded belongs to another invoice (ETTN {ettn}). Check it in the portal.",
        ),
        "uyumsoft.record.field": (
            "Kaydın {field} alanı eksik ya da okunamıyor.",
            "The record's field {field} is missing or unreadable.",
        ),
        # Connection check
        "uyumsoft.check.login": ("Kullanıcı adı ve parola geçerli.", "User name and password work."),
        "uyumsoft.check.login.fix": (
            (
                "Kullanıcı adını, parolayı, ortamı ve arayüz seçimini denetleyin; test ve canlı ortamın "
                "kullanıcıları ayrıdır. WS-Security için bu makinenin saati doğru olmalıdır."
            ),
            (
                "Check user name, password, environment and interface; test and live have separate users. "
                "WS-Security needs this machine's clock to be right."
            ),
        ),
        "uyumsoft.check.company": (
            "Firma: {name}, VKN/TCKN {tax_number}.",
            "Company: {name}, tax number {tax_number}.",
        ),
        "uyumsoft.check.company_other": (
            "Kullanıcı başka bir firmaya ait: {name}, VKN/TCKN {tax_number}.",
            "The user belongs to another company: {name}, tax number {tax_number}.",
        ),
        "uyumsoft.check.company_other.fix": (
            "Doğru firmanın kullanıcısını girin ya da ayarlardaki VKN/TCKN'yi düzeltin.",
            "Enter the user of the right company, or correct the tax number in the settings.",
        ),
        "uyumsoft.check.services": ("Açık servisler: {services}.", "Services available: {services}."),
        "uyumsoft.check.services_none": (
            "Firmanın e-Fatura ve e-Arşiv servisi kapalı.",
            "The company has neither the e-Fatura nor the e-Arşiv service.",
        ),
        "uyumsoft.check.services_none.fix": (
            "Uyumsoft ile görüşüp e-Fatura ve e-Arşiv servislerini açtırın.",
            "Ask Uyumsoft to open the e-Fatura and e-Arşiv services.",
        ),
        "uyumsoft.check.unreachable.fix": (
            (
                "İnternet bağlantısını ve ayarlardaki ortam, adres ve arayüzü kontrol edip yeniden deneyin. "
                "Uyumsoft yalnız tanıdığı IP adreslerine açıksa adresinizi bildirin."
            ),
            (
                "Check the network and the environment, address and interface in the settings, then try "
                "again. If Uyumsoft admits known IP addresses only, tell them yours."
            ),
        ),
    }
)
