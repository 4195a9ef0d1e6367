"""Texts about one document: its composition, the completeness lint and returns."""

DOCUMENT_TEXTS = {
    "document.invalid": (
        "Siparişten fatura oluşturulamadı: {problem}. Alanı siparişin kaynağında düzeltin.",
        "No invoice can be made of the order: {problem}. Correct the field where the order came from.",
    ),
    "document.export.unsupported": (
        "İhracat siparişi henüz desteklenmiyor; faturayı elle düzenleyin.",
        "Export orders are not supported yet; issue the invoice by hand.",
    ),
    "document.currency.rate_missing": (
        "{currency} için döviz kuru yok. Kuru elle girin ya da kur kaynağını tanımlayın.",
        "There is no exchange rate for {currency}. Enter it or set up a source of rates.",
    ),
    "document.currency.rate_on_try": (
        "TRY faturada döviz kuru olmaz; kuru kaldırın.",
        "A TRY invoice has no exchange rate; remove it.",
    ),
    "document.currency.rate_decimals": (
        "Döviz kuru en çok 6 ondalık olabilir: {rate}.",
        "An exchange rate has at most 6 decimals: {rate}.",
    ),
    "document.kind.unsupported": (
        "Siparişten {kind} belgesi henüz üretilemiyor; faturayı elle düzenleyin.",
        "An order cannot become a {kind} document yet; issue the invoice by hand.",
    ),
    "document.lines.none": (
        "Faturalanacak satır yok.",
        "There is no line to invoice.",
    ),
    "document.line.item_missing": (
        "“{name}” satırı kendi stok kartınızla eşleşmedi. Eşleştirme ekranında kartı seçin.",
        "The line “{name}” is not matched to an item of yours. Choose the item in the matching list.",
    ),
    "document.line.service_missing": (
        "“{name}” satırı ({kind}) için hizmet kodu tanımlı değil. Ayarlarda [services.{kind}] ekleyin.",
        "No service item is set up for the line “{name}” ({kind}). Add [services.{kind}] to the settings.",
    ),
    "document.line.vat_missing": (
        "“{name}” satırının KDV oranı bilinmiyor. Stok kartına KDV oranını girin.",
        "The VAT rate of the line “{name}” is not known. Enter it on the item card.",
    ),
    "document.line.vat_rate": (
        "“{name}” satırında KDV %{rate} belge tarihinde geçerli değil (geçerli: {allowed}).",
        "VAT {rate}% of the line “{name}” is not in force on the document's date (valid: {allowed}).",
    ),
    "document.line.exemption_missing": (
        (
            "“{name}” satırında KDV 0, istisna kodu yok. Stok kartındaki oranı düzeltin; istisnalı satışı"
            " elle düzenleyin."
        ),
        (
            "The line “{name}” has no VAT and no exemption code. Correct the rate on the item card; issue"
            " an exempt sale by hand."
        ),
    ),
    "document.line.exemption_text": (
        "“{name}” satırında istisna kodu ile açıklaması birlikte bulunmalı.",
        "The line “{name}” needs the exemption code together with its text.",
    ),
    "document.line.exemption_kind": (
        "“{name}” satırındaki {code} kodu bu fatura türünde kullanılamaz. Fatura türünü değiştirin.",
        "The code {code} of the line “{name}” is not allowed on this kind of invoice. Change the kind.",
    ),
    "document.line.discount_too_large": (
        "“{name}” satırında indirim tutardan büyük. Siparişi kaynağında denetleyin.",
        "The discount of the line “{name}” is larger than its amount. Check the order at its source.",
    ),
    "document.line.zero_price": (
        '“{name}” satırının tutarı 0. Hediye ise ayarlarda zero_price = "exempt_351" seçin.',
        'The line “{name}” costs nothing. For gifts choose zero_price = "exempt_351" in the settings.',
    ),
    "document.line.name_missing": (
        "{line}. satırın adı boş. Ürün adını kaynağında tamamlayın.",
        "Line {line} has no name. Complete the product's name at its source.",
    ),
    "document.line.buyer_code_missing": (
        "“{name}” ({code}) için alıcının kodu bilinmiyor. Listesini içe aktarın: kopru buyers import",
        "The buyer's code of “{name}” ({code}) is not known. Import its list: kopru buyers import",
    ),
    "document.line.one_vat": (
        "“{name}” satırında tam olarak bir KDV bulunmalı.",
        "The line “{name}” needs exactly one VAT entry.",
    ),
    "document.line.withholding": (
        "“{name}” satırında tevkifat var; fatura türü TEVKIFAT olmalı.",
        "The line “{name}” has withholding; the kind of invoice must be withholding.",
    ),
    "document.line.negative": (
        "“{name}” satırında eksi vergi tutarı olamaz.",
        "The line “{name}” must not have a negative tax amount.",
    ),
    "document.line.tax_amount": (
        "“{name}” satırında vergi, matrah × oran ile uyuşmuyor.",
        "The tax of the line “{name}” is not base × rate.",
    ),
    "document.line.decimals": (
        "“{name}” satırındaki {amount} tutarı iki ondalıktan uzun.",
        "The amount {amount} of the line “{name}” has more than two decimals.",
    ),
    "document.tax.zero_amount": (
        (
            "%{rate} KDV toplamı 0 çıkıyor; GİB gerekçesiz 0 KDV kabul etmez. Satırları birleştirin ya da"
            " tutarı düzeltin."
        ),
        (
            "The VAT of {rate}% adds up to 0; GİB refuses that without a reason. Merge the lines or "
            "correct the amount."
        ),
    ),
    "document.total.mismatch": (
        (
            "Kaynaktaki toplam {expected}, satırların toplamı {computed}; fark {gap}, izin verilen "
            "{limit}. Siparişi kaynağında denetleyin ya da rounding_limit ayarını değiştirin."
        ),
        (
            "The source says {expected}, the lines add up to {computed}; the gap is {gap}, allowed are "
            "{limit}. Check the order at its source or change rounding_limit."
        ),
    ),
    "document.total.rounded": (
        "Kaynaktaki toplam {expected}, satırlar {computed}; {gap} fark yuvarlama olarak gösterildi.",
        "The source says {expected}, the lines {computed}; the gap of {gap} is shown as rounding.",
    ),
    "document.total.wrong": (
        "Belge toplamı {payable}, olması gereken {expected}. Belgeyi yeniden oluşturun.",
        "The document comes to {payable} instead of {expected}. Make the document again.",
    ),
    "document.total.negative": (
        "Belge toplamı eksi olamaz: {amount}.",
        "A document total must not be negative: {amount}.",
    ),
    "document.total.decimals": (
        "Belge toplamı iki ondalıktan uzun: {amount}.",
        "A document total has more than two decimals: {amount}.",
    ),
    "document.seller.tax_id_missing": (
        "Satıcının vergi numarası eksik. Şirket ayarlarında issuer.tax_number alanını doldurun.",
        "The seller's tax number is missing. Fill issuer.tax_number in the settings.",
    ),
    "document.seller.tax_office_missing": (
        "Satıcının vergi dairesi eksik. Şirket ayarlarında issuer.tax_office alanını doldurun.",
        "The seller's tax office is missing. Fill issuer.tax_office in the settings.",
    ),
    "document.buyer.tax_id_missing_company": (
        "“{name}” kurumsal alıcı ama vergi numarası yok. Alıcıdan alıp siparişin kaynağında tamamlayın.",
        "“{name}” is a company without a tax number. Ask for it and add it where the order came from.",
    ),
    "document.buyer.tax_id_missing_person": (
        "“{name}” alıcısının TCKN'si yok.",
        "The buyer “{name}” has no TCKN.",
    ),
    "document.buyer.placeholder": (
        "“{name}” için {value} yer tutucu numarası kullanılamaz; gerçek numarayı girin.",
        "The stand-in number {value} cannot be used for “{name}”; enter the real one.",
    ),
    "document.buyer.tax_office_missing": (
        "“{name}” alıcısının vergi dairesi eksik. Siparişin kaynağında tamamlayın.",
        "The tax office of the buyer “{name}” is missing. Complete it where the order came from.",
    ),
    "document.buyer.alias_missing": (
        "“{name}” için e-Fatura posta kutusu (PK) yok. Mükellef sorgusunu yenileyin.",
        "There is no e-Fatura mailbox (PK) for “{name}”. Repeat the recipient look-up.",
    ),
    "document.party.first_name_missing": (
        "Gerçek kişinin adı eksik. Ad ve soyadı siparişin kaynağında tamamlayın.",
        "The person's first name is missing. Complete both names where the order came from.",
    ),
    "document.party.last_name_missing": (
        "Gerçek kişinin soyadı eksik. Ad ve soyadı siparişin kaynağında tamamlayın.",
        "The person's last name is missing. Complete both names where the order came from.",
    ),
    "document.party.name_missing": (
        "Şirketin unvanı eksik. Unvanı tamamlayın.",
        "The company's name is missing. Complete it.",
    ),
    "document.address.city_missing": (
        "Adreste il eksik. Adresi siparişin kaynağında tamamlayın.",
        "The address lacks the city (il). Complete it where the order came from.",
    ),
    "document.address.district_missing": (
        'Adreste ilçe eksik. Adresi tamamlayın ya da missing_district = "use_city" seçin.',
        'The address lacks the district (ilçe). Complete it or choose missing_district = "use_city".',
    ),
    "document.address.street_missing": (
        "Adreste cadde/sokak yok.",
        "The address has no street.",
    ),
    "document.profile.registered_buyer": (
        "“{name}” e-Fatura mükellefi; e-Arşiv fatura kesilemez. Karar tablosunu düzeltin.",
        "“{name}” is an e-Fatura user; an e-Arşiv invoice is not allowed. Correct the decision table.",
    ),
    "document.profile.unregistered_buyer": (
        "“{name}” e-Fatura mükellefi değil; e-Arşiv fatura kesilmeli. Karar tablosunu düzeltin.",
        "“{name}” is no e-Fatura user; an e-Arşiv invoice is needed. Correct the decision table.",
    ),
    "document.profile.return": (
        "İade belgesi bu senaryoda kesilemez; TEMELFATURA ya da e-Arşiv seçin.",
        "A return document cannot travel in this profile; choose basic or archive.",
    ),
    "document.date.future": (
        "Fatura tarihi {date} gelecekte. Makinenin saatini denetleyin.",
        "The issue date {date} lies in the future. Check the machine's clock.",
    ),
    "document.date.too_old": (
        "Fatura tarihi {date} 2005'ten önce olamaz.",
        "The issue date {date} must not lie before 2005.",
    ),
    "document.date.before_series": (
        (
            "{series} serisinin son faturası {last} tarihli; {date} daha eski olamaz. Bugünün tarihiyle "
            "düzenleyin."
        ),
        (
            "The latest invoice of series {series} is of {last}; {date} must not be earlier. Issue it "
            "with today's date."
        ),
    ),
    "document.date.late": (
        "Mal {delivered} tarihinde teslim edilmiş; fatura 7 gün içinde kesilmeliydi (VUK 231/5).",
        (
            "The goods were delivered on {delivered}; the invoice was due within 7 days (tax procedure "
            "law 231/5)."
        ),
    ),
    "document.number.year": (
        "{number} numarasının yılı fatura yılından ({year}) farklı. Belgeyi yeniden oluşturun.",
        "The year of the number {number} is not the year of issue ({year}). Make the document again.",
    ),
    "document.internet.website_missing": (
        "İnternet satışında satışın yapıldığı adres zorunlu. Şirkete ya da kanala website yazın.",
        "An internet sale must show the web address. Give the company or the channel a website.",
    ),
    "document.internet.agent_missing": (
        "Ödemeyi pazaryeri almış ama aracının adı yok. Kanal ayarına payment_agent yazın.",
        "A marketplace took the payment but is not named. Give the channel a payment_agent.",
    ),
    "document.internet.carrier_missing": (
        "Kargo firmasının adı ya da vergi numarası yok. Ayarlara [[carriers]] ekleyin.",
        "The carrier's name or tax number is missing. Add it under [[carriers]].",
    ),
    "document.internet.carrier_number": (
        "Kargo firmasının vergi numarası “{value}” geçersiz. [[carriers]] altında düzeltin.",
        "The carrier's tax number “{value}” is not valid. Correct it under [[carriers]].",
    ),
    "document.text.characters": (
        "Metinde görünmez ya da denetim karakteri var. Metni kaynağında düzeltin.",
        "The text holds invisible or control characters. Correct it at its source.",
    ),
    "document.return.kind": (
        "{kind} türündeki faturanın iadesi henüz desteklenmiyor; elle düzenleyin.",
        "Returns of {kind} invoices are not supported yet; issue the document by hand.",
    ),
    "document.return.unknown_line": (
        "{number} faturasında “{line}” satırı yok.",
        "The invoice {number} has no line “{line}”.",
    ),
    "document.return.negative": (
        "“{name}” için iade miktarı eksi olamaz.",
        "The quantity returned of “{name}” must not be negative.",
    ),
    "document.return.too_much": (
        "“{name}” için {asked} iade isteniyor, faturada iade edilmemiş {left} kaldı.",
        "{asked} of “{name}” are to be returned, {left} are left on the invoice.",
    ),
    "document.return.empty": (
        "İade edilecek miktar yok.",
        "No quantity is returned.",
    ),
    "document.return.before_original": (
        "İade belgesi, iade edilen faturadan ({date}) önce olamaz.",
        "A return document must not be earlier than the invoice it corrects ({date}).",
    ),
    "document.return.no_reference": (
        "İade belgesinde asıl faturanın numarası ve tarihi zorunludur.",
        "A return document must name the number and date of the original invoice.",
    ),
}
