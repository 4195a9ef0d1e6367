"""User texts of the UBL-TR plugin, and the one way to make a finding of them."""

from kopru.model import Catalogue, Finding, Severity, Text

TEXTS = Catalogue(
    {
        "ubltr.title": ("UBL-TR (e-Fatura ve e-Arşiv biçimi)", "UBL-TR (e-Fatura and e-Arşiv format)"),
        # Rendering: why an invoice cannot be written.
        "ubltr.render.rejected": (
            "Fatura UBL-TR belgesine çevrilemedi. Bulgulardaki alanları düzeltin.",
            "The invoice cannot be written as a UBL-TR document. Correct the fields named in the findings.",
        ),
        "ubltr.kind.unsupported": (
            "“{kind}” türünde fatura “{profile}” senaryosunda düzenlenemiyor. Belge kuralını değiştirin.",
            "An invoice of kind “{kind}” cannot be issued in profile “{profile}”. Change the document rule.",
        ),
        "ubltr.buyer.alias_missing": (
            "e-Fatura alıcısının posta kutusu etiketi yok. Alıcının mükellefiyetini yeniden sorgulayın.",
            "The e-Fatura buyer's mailbox alias is missing. Look the buyer's registration up again.",
        ),
        "ubltr.seller.tax_id_missing": (
            "Satıcının VKN ya da TCKN bilgisi yok. Firma ayarlarını tamamlayın.",
            "The seller has no VKN or TCKN. Complete the company settings.",
        ),
        "ubltr.buyer.tax_id_missing": (
            "Alıcının VKN ya da TCKN bilgisi yok. Numarayı siparişe ya da cari karta ekleyin.",
            "The buyer has no VKN or TCKN. Add the number to the order or the partner card.",
        ),
        "ubltr.party.name_missing": (
            "Ad eksik: şirkette unvan, gerçek kişide ad ve soyad gerekir.",
            "The name is incomplete: a company needs its title, a person a first and a last name.",
        ),
        "ubltr.party.city_missing": (
            "Adreste il yok. Adresi tamamlayın.",
            "The address has no city. Complete it.",
        ),
        "ubltr.party.district_missing": (
            "Adreste ilçe yok. Adresi tamamlayın ya da eklentinin “İlçe yoksa” ayarını değiştirin.",
            "The address has no district. Complete it, or change the plugin's setting for missing districts.",
        ),
        "ubltr.party.registration_scheme": (
            "“{scheme}” GİB'in tanıdığı bir kimlik türü değil. Kaydı silin ya da türünü düzeltin.",
            "“{scheme}” is not an id scheme GİB knows. Remove the entry or correct its scheme.",
        ),
        "ubltr.billing_refs.missing": (
            "İade faturası iade edilen faturanın numarasını ve tarihini taşımalıdır.",
            "A return invoice must name the number and date of the invoice it returns.",
        ),
        "ubltr.billing_refs.unexpected": (
            "Yalnız iade faturası başka bir faturaya gönderme yapabilir.",
            "Only a return invoice may refer to another invoice.",
        ),
        "ubltr.line.name_missing": ("Satırın ürün adı boş.", "The line has no item name."),
        "ubltr.line.withholding_unsupported": (
            "“{kind}” türündeki faturada tevkifat olamaz.",
            "An invoice of kind “{kind}” cannot carry withheld VAT.",
        ),
        "ubltr.tax.unsupported": (
            "“{tax}” vergi kodu bu fatura türünde desteklenmiyor.",
            "Tax type code “{tax}” is not supported in this kind of invoice.",
        ),
        "ubltr.tax.reason_incomplete": (
            "İstisna kodu ve açıklaması birlikte verilmelidir (kod: “{exemption}”).",
            "An exemption code and its reason must come together (code: “{exemption}”).",
        ),
        "ubltr.tax.reason_missing": (
            "KDV tutarı 0 olan %{rate} grubu için istisna kodu ve açıklaması gerekir (istisna değilse 351).",
            "The VAT group of {rate} % amounts to 0: give an exemption code and reason (351 if none).",
        ),
        "ubltr.amount.too_large": (
            "{value} tutarı çok büyük: noktadan önce en çok 15 hane yazılabilir.",
            "The amount {value} is too large: at most 15 digits before the point can be written.",
        ),
        "ubltr.amount.precision": (
            "{value} değerinde en çok {decimals} ondalık hane olabilir.",
            "The value {value} may have at most {decimals} decimals.",
        ),
        "ubltr.amount.negative": (
            "Ödenecek tutar eksi olamaz: {value}.",
            "The payable amount must not be negative: {value}.",
        ),
        # Reading.
        "ubltr.xml.encoding": (
            "Belge UTF-8 değil. UBL-TR belgeleri UTF-8 olmalıdır.",
            "The document is not UTF-8. UBL-TR documents must be UTF-8.",
        ),
        "ubltr.xml.root": (
            "Belgenin kök elemanı UBL Invoice değil: {name}.",
            "The document's root element is not a UBL Invoice: {name}.",
        ),
        "ubltr.read.number": ("“{value}” sayı olarak okunamadı.", "“{value}” cannot be read as a number."),
        "ubltr.read.date": ("“{value}” tarih olarak okunamadı.", "“{value}” cannot be read as a date."),
        # Checks of our own.
        "ubltr.combination": (
            "{kind} tipi {profile} senaryosunda kullanılamaz.",
            "Type {kind} cannot be used in profile {profile}.",
        ),
        "ubltr.number.year": (
            "Fatura numarasındaki yıl ({number}) düzenleme tarihinin yılı ({year}) olmalıdır.",
            "The year in the invoice number ({number}) must be the year of the issue date ({year}).",
        ),
        "ubltr.line_count": (
            "Satır sayısı {stated} yazılmış, belgede {counted} satır var.",
            "The line count says {stated}, the document has {counted} lines.",
        ),
        "ubltr.issue_date.future": (
            "Düzenleme tarihi ({day}) İstanbul saatine göre bugünden ({today}) ileri.",
            "The issue date ({day}) is later than today in Istanbul ({today}).",
        ),
        "ubltr.reference_date.future": (
            "Gönderme yapılan bir belgenin tarihi ({day}) bugünden ({today}) ileri.",
            "A referenced document's date ({day}) is later than today ({today}).",
        ),
        "ubltr.issue_date.late": (
            "Fatura sevkten ({shipped}) 7 günden fazla sonra ({day}) düzenlenmiş (VUK 231/5).",
            "The invoice is issued ({day}) more than 7 days after dispatch ({shipped}) (VUK 231/5).",
        ),
        "ubltr.seller.placeholder": (
            "Satıcı numarası {value} yalnız bilinmeyen alıcılar için kullanılır.",
            "The seller's number {value} may only stand for unknown buyers.",
        ),
        "ubltr.buyer.placeholder": (
            "{value} yalnız e-Arşiv faturada alıcı numarası olabilir.",
            "{value} may stand for the buyer's number in an e-Arşiv invoice only.",
        ),
        "ubltr.seller.tax_office_missing": (
            "Satıcının vergi dairesi yok (VUK 230). Firma ayarlarını tamamlayın.",
            "The seller's tax office is missing (VUK 230). Complete the company settings.",
        ),
        "ubltr.buyer.tax_office_missing": (
            "VKN'li alıcının vergi dairesi yok (VUK 230). Cari kartı ya da siparişi tamamlayın.",
            "A buyer with VKN has no tax office (VUK 230). Complete the partner card or the order.",
        ),
        "ubltr.tax.rate_not_in_force": (
            "%{rate} KDV oranı {day} tarihinde yürürlükte değil. Ürünün KDV oranını denetleyin.",
            "A VAT rate of {rate} % was not in force on {day}. Check the item's VAT rate.",
        ),
        "ubltr.text.unclean": (
            "Belgede görünmeyen ya da denetim karakterleri var; metinleri temizleyin.",
            "The document holds invisible or control characters; clean its texts.",
        ),
        "ubltr.currency.mixed": (
            "Bir tutarın para birimi ({found}) belgenin para biriminden ({currency}) farklı.",
            "An amount's currency ({found}) differs from the document's ({currency}).",
        ),
        "ubltr.internet.website_missing": (
            "İnternet satışında web adresi yazılmamış (509 sayılı VUK tebliği).",
            "The web address of the internet sale is missing (VUK communiqué 509).",
        ),
        "ubltr.internet.payment_missing": (
            "İnternet satışında ödeme şekli ya da tarihi yazılmamış (509 sayılı VUK tebliği).",
            "The payment form or date of the internet sale is missing (VUK communiqué 509).",
        ),
        "ubltr.internet.agent_missing": (
            "Ödeme aracısıyla ödenen satışta aracının adı yazılmamış.",
            "The sale was paid through an agent, but the agent's name is missing.",
        ),
        "ubltr.internet.shipment_missing": (
            "İnternet satışında taşıyıcının adı ve numarası ya da gönderim tarihi yazılmamış.",
            "The carrier's name and number or the dispatch date of the internet sale is missing.",
        ),
        # Arithmetic.
        "ubltr.line.amount": (
            "Satır tutarı {stated}, miktar × birim fiyat − iskonto {expected}.",
            "The line amount is {stated}, quantity × unit price − discount is {expected}.",
        ),
        "ubltr.line.not_positive": (
            "Satırda miktar sıfırdan büyük olmalı, fiyat ve tutar eksi olmamalıdır.",
            "A line's quantity must be positive, its price and amount must not be negative.",
        ),
        "ubltr.line.tax_base": (
            "Satırın KDV matrahı {stated}, satır tutarı {expected}.",
            "The line's VAT base is {stated}, its amount {expected}.",
        ),
        "ubltr.line.tax_amount": (
            "Satırda {tax} vergisi {stated}, matrah × oran {expected}.",
            "Tax {tax} of the line is {stated}, base × rate is {expected}.",
        ),
        "ubltr.line.tax_total": (
            "Satırın vergi toplamı {stated}, vergilerinin toplamı {expected}.",
            "The line's tax total is {stated}, the sum of its taxes {expected}.",
        ),
        "ubltr.tax.amount": (
            "{tax} vergisi (%{rate}) {stated}, satırlardan hesaplanan {expected}.",
            "Tax {tax} ({rate} %) is {stated}, computed from the lines {expected}.",
        ),
        "ubltr.tax.base": (
            "{tax} vergisinin (%{rate}) matrahı {stated}, satırlardan hesaplanan {expected}.",
            "The base of tax {tax} ({rate} %) is {stated}, computed from the lines {expected}.",
        ),
        "ubltr.tax.total": (
            "Vergi toplamı {stated}, alt toplamların toplamı {expected}.",
            "The tax total is {stated}, the sum of the subtotals {expected}.",
        ),
        "ubltr.tax.withheld": (
            "Tevkifat toplamı {stated}, alt toplamların toplamı {expected}.",
            "The withholding total is {stated}, the sum of its subtotals {expected}.",
        ),
        "ubltr.totals.base": (
            "Satır toplamı {lines} ve vergi hariç tutar {exclusive} bilinen hiçbir hesapla bağdaşmıyor.",
            "Line total {lines} and tax-exclusive amount {exclusive} agree with no known convention.",
        ),
        "ubltr.totals.tax_inclusive": (
            "Vergiler dahil tutar {stated}, vergi hariç tutar + vergiler {expected}.",
            "The tax-inclusive amount is {stated}, tax-exclusive amount + taxes is {expected}.",
        ),
        "ubltr.totals.payable": (
            "Ödenecek tutar {stated}, vergiler dahil − tevkifat + yuvarlama {expected}.",
            "The payable amount is {stated}, tax-inclusive − withheld + rounding is {expected}.",
        ),
        # The rule engine.
        "ubltr.gib.rule": ("GİB kuralı {rule}: {message}", "GİB's rule {rule}, in its words: {message}"),
        "ubltr.gib.failed": (
            "GİB kuralları bu belgede çalıştırılamadı. Belgeyi ve ayrıntıyı geliştiriciye iletin.",
            "GİB's rules could not be run on this document. Send it with the detail to the developer.",
        ),
        "ubltr.gib.more": (
            "{count} bulgu daha var; önce gösterilenleri düzeltin.",
            "There are {count} more findings; correct those shown first.",
        ),
        "ubltr.gib.xsd": (
            "Belge UBL-TR şemasına uymuyor: {message}",
            "The document does not fit the UBL-TR schema: {message}",
        ),
        "ubltr.gib.InvoiceIDCheck": (
            "Fatura numarası 16 karakter olmalı: 3 karakter seri, yıl, 9 haneli sıra (ABC2026000000001).",
            "The invoice number must have 16 characters: 3 of series, the year, 9 digits (ABC2026000000001).",
        ),
        "ubltr.gib.UUIDCheck": (
            "ETTN 8-4-4-4-12 onaltılık biçimde olmalıdır.",
            "The ETTN must be a UUID in its 8-4-4-4-12 form.",
        ),
        "ubltr.gib.TimeCheck": (
            "Belgedeki bir tarih 2005'ten önce.",
            "A date of the document is before 2005.",
        ),
        "ubltr.gib.InvoiceTypeCodeCheck": (
            "Fatura tipi geçersiz ya da bu senaryoda kullanılamaz (iade TICARIFATURA olamaz).",
            "The invoice type is invalid or not allowed in this profile (a return cannot be TICARIFATURA).",
        ),
        "ubltr.gib.ProfileIDCheck": ("Senaryo (ProfileID) geçersiz.", "The profile (ProfileID) is invalid."),
        "ubltr.gib.CurrencyCodeCheck": (
            "Para birimi geçersiz ya da dövizli belgede kur yok. TL değil TRY yazılır.",
            "The currency is invalid, or a foreign-currency document lacks its rate. Lira is TRY, not TL.",
        ),
        "ubltr.gib.GeneralUnitCodeCheck": (
            "Birim kodu UN/ECE listesinde yok. Ürünün birimini eşleyin (adet C62, kilogram KGM).",
            "The unit code is not in the UN/ECE list. Map the item's unit (piece C62, kilogram KGM).",
        ),
        "ubltr.gib.PartyIdentificationTCKNVKNCheck": (
            "VKN 10, TCKN 11 haneli olmalıdır.",
            "A VKN must have 10 digits, a TCKN 11.",
        ),
        "ubltr.gib.PartyIdentificationPartyNamePersonCheck": (
            "Taraf bilgisi eksik: VKN ile unvan, TCKN ile ad ve soyad gerekir.",
            "A party is incomplete: a VKN needs a title, a TCKN a first and a last name.",
        ),
        "ubltr.gib.TaxTypeCheck": (
            "Vergi kodu GİB listesinde yok.",
            "The tax type code is not in GİB's list.",
        ),
        "ubltr.gib.TaxExemptionReasonCheck": (
            "KDV tutarı 0 ise istisna kodu ve açıklaması gerekir.",
            "A VAT amount of 0 needs an exemption code and reason.",
        ),
        "ubltr.gib.TaxExemptionReasonCodeCheck": (
            "İstisna kodu geçersiz ya da bu fatura tipinde kullanılamaz.",
            "The exemption code is invalid or not allowed in this type of invoice.",
        ),
        "ubltr.gib.GeneralWithholdingTaxTotalCheck": (
            "Tevkifat bu fatura tipinde kullanılamaz.",
            "Withholding is not allowed in this type of invoice.",
        ),
        "ubltr.gib.WithholdingTaxTotalCheck": (
            "Tevkifat kodu ya da oranı GİB listesiyle uyuşmuyor.",
            "The withholding code or its rate does not match GİB's list.",
        ),
        "ubltr.gib.IADEInvioceCheck": (
            "İade faturası iade edilen her faturanın 16 karakterli numarasını IADE türüyle taşımalıdır.",
            "A return must name each returned invoice by its 16-character number with document type IADE.",
        ),
        "ubltr.gib.PaymentMeansCodeCheck": (
            "Ödeme şekli kodu geçersiz.",
            "The payment means code is invalid.",
        ),
        "ubltr.gib.decimalCheck": (
            "Bir toplam en çok 15 tam ve 2 ondalık haneli, eksi olmayan bir sayı olmalıdır.",
            "A total must be a number with at most 15 digits and 2 decimals, not negative.",
        ),
    }
)


def finding(
    code: str, field: str = "", /, *, severity: Severity = Severity.ERROR, detail: str = "", **values: object
) -> Finding:
    """Return a finding with the catalogue's text of this code."""
    return Finding(
        code=code, message=TEXTS.text(code, **values), field=field, severity=severity, detail=detail[:4000]
    )


def said(code: str, template: str, field: str, severity: Severity, *, rule: str, message: str) -> Finding:
    """Return a finding of a foreign rule: our text when there is one, else the rule's own words."""
    words: Text = TEXTS[code] if code in TEXTS else TEXTS.text(template, rule=rule, message=message)
    return Finding(code=code, message=words, field=field, severity=severity, detail=message[:4000])
