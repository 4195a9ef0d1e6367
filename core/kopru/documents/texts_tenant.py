"""Texts about a company's settings."""

TENANT_TEXTS = {
    "tenant.invalid": (
        "Şirket dosyasında {count} hata var; hiçbir ayar değiştirilmedi.",
        "The tenant file has {count} errors; no setting was changed.",
    ),
    "tenant.file.too_large": (
        "Şirket dosyası {limit} karakterden büyük. Doğru dosyayı verdiğinizi denetleyin.",
        "The tenant file is larger than {limit} characters. Check that it is the right file.",
    ),
    "tenant.file.not_toml": (
        "Dosya TOML olarak okunamadı: {problem}. Belirtilen satırı düzeltin.",
        "The file is not TOML: {problem}. Correct the line named.",
    ),
    "tenant.field.missing": (
        "“{name}” alanı zorunlu; ekleyin.",
        "The field “{name}” is required; add it.",
    ),
    "tenant.field.unknown": (
        "“{name}” diye bir alan yok. Olası alanlar: {known}.",
        "There is no field “{name}”. Possible fields: {known}.",
    ),
    "tenant.field.choice": (
        "“{name}” şunlardan biri olmalı: {choices}.",
        "“{name}” must be one of: {choices}.",
    ),
    "tenant.field.shape": (
        "“{name}” beklenen biçimde değil ({pattern}).",
        "“{name}” does not have the expected shape ({pattern}).",
    ),
    "tenant.field.invalid": (
        "“{name}” geçersiz: {problem}. Değeri düzeltin.",
        "“{name}” is not valid: {problem}. Correct the value.",
    ),
    "tenant.issuer.tax_number": (
        "“{value}” geçerli bir VKN (10 hane) ya da TCKN (11 hane) değil.",
        "“{value}” is not a VKN (10 digits) or TCKN (11 digits).",
    ),
    "tenant.issuer.name": (
        "Şirket unvanını yazın.",
        "Give the company's name.",
    ),
    "tenant.issuer.person_name": (
        "Şahıs firmasında ad ve soyad (first_name, last_name) zorunludur.",
        "A sole trader needs first_name and last_name.",
    ),
    "tenant.issuer.tax_office": (
        "Vergi dairesini yazın (VUK 230).",
        "Give the tax office (tax procedure law, art. 230).",
    ),
    "tenant.issuer.address": (
        "Adreste “{name}” eksik; faturada bulunmak zorunda.",
        "The address lacks “{name}”; an invoice must show it.",
    ),
    "tenant.issuer.alias": (
        "Gönderici etiketi (GB) boş; entegratörün varsayılanı kullanılır.",
        "The sender mailbox (GB) is empty; the integrator's default is used.",
    ),
    "tenant.issuer.website": (
        "İnternet adresi boş; internet satışı faturasında zorunludur. Yazın ya da her kanala ayrı verin.",
        "The website is empty; an internet-sale invoice must show it. Give it here or for each channel.",
    ),
    "tenant.series.key_twice": (
        "“{name}” adlı iki seri var; birini yeniden adlandırın.",
        "Two series are called “{name}”; rename one.",
    ),
    "tenant.series.collision": (
        (
            "“{one}” ve “{other}” serileri aynı numarayı verebilir (ön ek {prefix}). Birine başka bir ön "
            "ek verin."
        ),
        (
            "The series “{one}” and “{other}” could give the same number (prefix {prefix}). Give one "
            "another prefix."
        ),
    ),
    "tenant.series.portal": (
        "“{key}” serisinde GIB ön eki kullanılamaz; o, GİB e-Arşiv portalının serisidir.",
        "The series “{key}” must not use the prefix GIB; it belongs to the tax authority's portal.",
    ),
    "tenant.series.missing": (
        "“{name}” kuralının {kind}/{profile} belgesine uyan seri yok. Bir seri ekleyin.",
        "No series fits the {kind}/{profile} document of the rule “{name}”. Add one.",
    ),
    "tenant.series.unknown": (
        "“{name}” kuralındaki “{key}” serisi tanımlı değil. Tanımlı seriler: {known}.",
        "The rule “{name}” names the series “{key}”, which does not exist. Existing series: {known}.",
    ),
    "tenant.series.unfit": (
        (
            "“{key}” serisi “{name}” kuralının belgesi için tanımlanmamış; serinin tür, senaryo ya da "
            "kanal listesini genişletin."
        ),
        (
            "The series “{key}” is not meant for the document of the rule “{name}”; widen its kinds, "
            "profiles or channels."
        ),
    ),
    "tenant.rules.outcome": (
        "Kuralda document, hold ve exclude'dan tam olarak biri bulunmalı.",
        "A rule needs exactly one of document, hold and exclude.",
    ),
    "tenant.rules.range": (
        "Tutar aralığı boş: min_total, max_total'dan büyük.",
        "The amount range is empty: min_total is larger than max_total.",
    ),
    "tenant.rules.name_twice": (
        "“{name}” adlı iki kural var; birini yeniden adlandırın.",
        "Two rules are called “{name}”; rename one.",
    ),
    "tenant.rules.unreachable": (
        "“{name}” kuralına hiç sıra gelmez; önündeki “{before}” her siparişi alıyor. Yerini değiştirin.",
        "The rule “{name}” is never reached; “{before}” above it takes every order. Move it.",
    ),
    "tenant.rules.no_einvoice": (
        (
            "“{name}” kuralı e-Fatura istiyor ama şirket e-Fatura mükellefi değil (issuer.einvoice). "
            "Birini değiştirin."
        ),
        (
            "The rule “{name}” wants an e-Fatura but the company is no e-Fatura user (issuer.einvoice). "
            "Change one."
        ),
    ),
    "tenant.rules.kind": (
        '“{name}” kuralı: siparişten {kind} belgesi henüz üretilemiyor. kind = "sale" kullanın.',
        'Rule “{name}”: an order cannot become a {kind} document yet. Use kind = "sale".',
    ),
    "tenant.rules.unsupported_format": (
        "“{name}” kuralı: {kind}/{profile} belgesini üretebilen belge biçimi yok. Başka bir belge seçin.",
        "Rule “{name}”: no document format can make {kind}/{profile}. Choose another document.",
    ),
    "tenant.rules.unsupported_channel": (
        (
            "“{name}” kuralı: e-belge kanalı {profile} senaryosunu kabul etmiyor. Başka bir senaryo ya da"
            " kanal seçin."
        ),
        "Rule “{name}”: the e-document channel does not take {profile}. Choose another profile or channel.",
    ),
    "tenant.rules.unsupported_ledger": (
        "“{name}” kuralı: muhasebe bağlantısı {kind} belgesini kaydedemiyor. Başka bir belge seçin.",
        "Rule “{name}”: the accounting connection cannot book {kind} documents. Choose another document.",
    ),
    "tenant.template.field": (
        "Şablonda bilinmeyen alan: {unknown}. Kullanılabilenler: {known}.",
        "Unknown place in the template: {unknown}. Allowed: {known}.",
    ),
    "tenant.link.address": (
        "Fatura bağlantısı https:// ile başlamalı.",
        "The invoice link must start with https://.",
    ),
    "tenant.partners.length": (
        "Kod şablonu {needed} karakter ister, sınır {limit}. Şablonu kısaltın ya da max_length'i büyütün.",
        "The code template needs {needed} characters, the limit is {limit}. Shorten it or raise max_length.",
    ),
    "tenant.partners.person_code": (
        "Kişi cari kodu {{hash}} ya da {{tax_number}} içermeli; yoksa herkes aynı karta düşer.",
        "The person code needs {{hash}} or {{tax_number}}; otherwise everybody shares one card.",
    ),
    "tenant.partners.company_code": (
        "Kurumsal cari kodu {{tax_number}} ya da {{hash}} içermeli; yoksa bütün şirketler aynı karta düşer.",
        "The company code needs {{tax_number}} or {{hash}}; otherwise all companies share one card.",
    ),
    "tenant.carrier.tax_number": (
        "“{name}” kargo şirketinin vergi numarası 10 ya da 11 hane olmalı.",
        "The tax number of the carrier “{name}” must have 10 or 11 digits.",
    ),
}
