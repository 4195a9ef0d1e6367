"""The fields an order file can have, and the headings under which sellers' exports show them.

The headings were collected from the order exports of Turkish marketplace panels, shop systems and common
export plugins. They are compared without letter case, accents, blanks and punctuation, so ``Sipariş No.``,
``SIPARIS NO`` and ``siparis_no`` are one. Of several headings of one field the earlier entry wins.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the cells of a field are read."""

    TEXT = "text"
    CODE = "code"
    """An identifier: digits stay digits, leading zeros matter."""
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    WORD = "word"
    """A word that a table translates: status, unit, payment method."""


class Agree(StrEnum):
    """What the rows of one order must say about a field."""

    LINE = "line"
    """Each row speaks for its own line."""
    STRICT = "strict"
    """Rows that differ are an error."""
    LOOSE = "loose"
    """The first row counts, a difference is a warning."""
    AMOUNT = "amount"
    """An amount of the whole order, see the setting ``order_amounts``."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it is read, where it ends up in the canonical order, what its heading may be called.

    A ``minor`` field with a doubtful heading is left out; any other stops the file.
    """

    name: str
    kind: Kind
    agree: Agree
    path: str
    headings: tuple[str, ...]
    minor: bool = False


def _order(name: str, kind: Kind, agree: Agree, path: str, *headings: str, minor: bool = False) -> Field:
    return Field(name, kind, agree, path, headings, minor)


def _line(name: str, kind: Kind, path: str, *headings: str, minor: bool = False) -> Field:
    return Field(name, kind, Agree.LINE, f"lines[{{line}}].{path}", headings, minor)


_ORDER = (
    _order(
        "number", Kind.CODE, Agree.STRICT, "number",
        "Sipariş No", "Sipariş Numarası", "Sipariş Kodu", "Sipariş ID", "Sip. No", "Order Number", "Order No",
        "Order ID", "Order Name", "Order Code", "Sipariş", "Order",
    ),
    _order(
        "package", Kind.CODE, Agree.LOOSE, "extras.orderfile.package",
        "Paket No", "Paket Numarası", "Paket ID", "Package Number", "Package No", "Package ID",
        "Shipment Package ID",
    ),
    _order(
        "placed_at", Kind.DATE, Agree.LOOSE, "placed_at",
        "Sipariş Tarihi", "Sipariş Tarihi ve Saati", "Sipariş Zamanı", "Oluşturulma Tarihi",
        "Oluşturma Tarihi", "Order Date", "Order Created At", "Created at", "Date Created", "Purchase Date",
        "Tarih", "Date",
    ),
    _order(
        "placed_time", Kind.TEXT, Agree.LOOSE, "placed_at",
        "Sipariş Saati", "Saat", "Order Time", "Time",
    ),
    _order(
        "status", Kind.WORD, Agree.LINE, "status",
        "Sipariş Durumu", "Sipariş Statüsü", "Paket Durumu", "Durum", "Durumu", "Statü", "Order Status",
        "Status",
    ),
    _order(
        "currency", Kind.WORD, Agree.STRICT, "currency",
        "Para Birimi", "Döviz Cinsi", "Döviz Kodu", "Döviz", "Currency", "Currency Code",
    ),
    _order(
        "exchange_rate", Kind.NUMBER, Agree.STRICT, "exchange_rate",
        "Döviz Kuru", "Kur", "Exchange Rate",
    ),
    _order(
        "order_total", Kind.AMOUNT, Agree.STRICT, "total",
        "Sipariş Toplamı", "Sipariş Toplam Tutarı", "Toplam Sipariş Tutarı", "Sipariş Tutarı", "Genel Toplam",
        "Sipariş Genel Toplamı", "Ödenen Tutar", "Ödenecek Toplam", "Order Total", "Order Total Amount",
        "Order Amount", "Grand Total", "Total Paid",
    ),
    _order(
        "shipping_fee", Kind.AMOUNT, Agree.AMOUNT, "lines",
        "Kargo Ücreti", "Kargo Bedeli", "Kargo Tutarı", "Gönderim Ücreti", "Teslimat Ücreti", "Shipping Fee",
        "Shipping Cost", "Shipping Price", "Shipping Amount", "Order Shipping Amount", "Shipping Total",
        "Delivery Fee",
    ),
    _order(
        "fee", Kind.AMOUNT, Agree.AMOUNT, "lines",
        "Kapıda Ödeme Ücreti", "Kapıda Ödeme Bedeli", "Ek Hizmet Tutarı", "Ek Ücret", "COD Fee",
        "Additional Fee", "Cash on Delivery Fee",
    ),
    _order(
        "order_discount", Kind.AMOUNT, Agree.AMOUNT, "lines",
        "Sipariş İndirimi", "Sepet İndirimi", "Kupon İndirimi", "Kupon Tutarı", "Genel İndirim",
        "Order Discount", "Cart Discount", "Cart Discount Amount", "Coupon Amount",
    ),
    _order(
        "payment", Kind.WORD, Agree.LOOSE, "payment.method",
        "Ödeme Yöntemi", "Ödeme Tipi", "Ödeme Türü", "Ödeme Şekli", "Ödeme", "Payment Method",
        "Payment Method Title", "Payment Type", "Payment",
    ),
    _order(
        "payment_agent", Kind.TEXT, Agree.LOOSE, "payment.agent",
        "Ödeme Aracısı", "Ödeme Kuruluşu", "Payment Provider", "Payment Gateway",
        minor=True,
    ),
    _order(
        "paid_at", Kind.DATE, Agree.LOOSE, "payment.paid_at",
        "Ödeme Tarihi", "Tahsilat Tarihi", "Payment Date", "Paid at", "Date Paid",
    ),
    _order(
        "buyer_name", Kind.TEXT, Agree.STRICT, "buyer",
        "Alıcı", "Alıcı Adı Soyadı", "Alıcı Ad Soyad", "Alıcı İsmi", "Alıcı Adı", "Müşteri Adı Soyadı",
        "Müşteri Ad Soyad", "Müşteri Adı", "Müşteri İsmi", "Müşteri", "Ad Soyad", "Adı Soyadı",
        "İsim Soyisim", "Customer Name", "Customer", "Buyer Name", "Buyer", "Full Name",
    ),
    _order(
        "billing_name", Kind.TEXT, Agree.STRICT, "buyer",
        "Alıcı - Fatura Adresi", "Fatura Adı Soyadı", "Fatura Ad Soyad", "Fatura Alıcısı", "Fatura Adı",
        "Billing Name", "Billing Full Name",
    ),
    _order(
        "first_name", Kind.TEXT, Agree.STRICT, "buyer.first_name",
        "Fatura Ad", "Müşteri Ad", "Alıcı Ad", "Ad", "Adı", "İsim", "First Name (Billing)",
        "Billing First Name", "Customer First Name", "First Name",
    ),
    _order(
        "last_name", Kind.TEXT, Agree.STRICT, "buyer.last_name",
        "Fatura Soyad", "Müşteri Soyadı", "Müşteri Soyad", "Alıcı Soyadı", "Alıcı Soyad", "Soyad", "Soyadı",
        "Soyisim", "Last Name (Billing)", "Billing Last Name", "Customer Last Name", "Last Name", "Surname",
    ),
    _order(
        "company", Kind.TEXT, Agree.STRICT, "buyer.name",
        "Firma", "Firma Adı", "Firma Ünvanı", "Fatura Ünvanı", "Fatura Firma", "Şirket", "Şirket Adı",
        "Şirket İsmi", "Şirket Ünvanı", "Ticari Ünvan", "Ünvan", "Ünvanı", "Company (Billing)",
        "Billing Company", "Company", "Company Name",
    ),
    _order(
        "tax_number", Kind.CODE, Agree.STRICT, "buyer.tax_id",
        "VKN/TCKN", "TCKN/VKN", "VKN veya TCKN", "Vergi No / TC No", "Vergi/TC No", "TC/Vergi No",
        "Vergi Kimlik No / TCKN", "Vergi No/TCKN", "Tax Number", "Tax ID", "VAT Number", "Tax No",
    ),
    _order(
        "vkn", Kind.CODE, Agree.STRICT, "buyer.tax_id",
        "VKN", "Vergi Kimlik Numarası", "Vergi Kimlik No", "Vergi Numarası", "Vergi No",
    ),
    _order(
        "tckn", Kind.CODE, Agree.STRICT, "buyer.tax_id",
        "TCKN", "TC Kimlik No", "T.C. Kimlik No", "TC Kimlik Numarası", "T.C. Kimlik Numarası", "TC No",
        "Kimlik No", "T.C.", "TC",
    ),
    _order(
        "tax_office", Kind.TEXT, Agree.STRICT, "buyer.tax_office",
        "Vergi Dairesi", "Vergi Dairesi Adı", "Tax Office",
    ),
    _order(
        "buyer_kind", Kind.WORD, Agree.STRICT, "buyer.kind",
        "Müşteri Tipi", "Müşteri Türü", "Alıcı Tipi", "Kurumsal Faturalı Sipariş", "Kurumsal Fatura",
        "Fatura Tipi", "Fatura Türü", "Kurumsal", "Customer Type", "Invoice Type",
    ),
    _order(
        "email", Kind.TEXT, Agree.LOOSE, "buyer.email",
        "E-posta", "E-posta Adresi", "Eposta", "E-Mail", "Email", "Alıcı Mail Adresi", "Müşteri E-posta",
        "Müşteri Mail", "Mail", "Mail Adresi", "Email (Billing)", "Billing Email", "Customer Email",
        "Email Address",
    ),
    _order(
        "phone", Kind.CODE, Agree.LOOSE, "buyer.phone",
        "Telefon", "Telefon No", "Telefon Numarası", "Cep Telefonu", "GSM", "Müşteri Telefon No",
        "Müşteri Telefonu", "Müşteri Telefon", "Alıcı Telefonu", "Alıcı Telefon", "Phone", "Phone (Billing)",
        "Billing Phone", "Phone Number", "Customer Phone",
    ),
    _order(
        "billing_address", Kind.TEXT, Agree.LOOSE, "buyer.address.street",
        "Fatura Adresi", "Fatura Adres", "Fatura Açık Adres", "Billing Address", "Billing Street",
        "Billing Address1", "Address 1&2 (Billing)", "Invoice Address",
    ),
    _order(
        "billing_district", Kind.TEXT, Agree.LOOSE, "buyer.address.district",
        "Fatura İlçe", "Fatura İlçesi", "Fatura Adresi İlçe", "Billing District", "Billing County",
    ),
    _order(
        "billing_city", Kind.TEXT, Agree.LOOSE, "buyer.address.city",
        "Fatura İl", "Fatura İli", "Fatura Şehir", "Fatura Şehri", "Fatura Adresi İl", "Billing City",
        "City (Billing)",
    ),
    _order(
        "billing_postal_code", Kind.CODE, Agree.LOOSE, "buyer.address.postal_code",
        "Fatura Posta Kodu", "Billing Zip", "Billing Postcode", "Postcode (Billing)", "Billing Postal Code",
    ),
    _order(
        "billing_country", Kind.WORD, Agree.LOOSE, "buyer.address.country",
        "Fatura Ülke", "Fatura Ülkesi", "Billing Country", "Country Code (Billing)",
    ),
    _order(
        "recipient", Kind.TEXT, Agree.LOOSE, "shipping.recipient",
        "Teslim Alacak Kişi", "Teslimat Alıcısı", "Teslimat Adı Soyadı", "Teslimat Ad Soyad", "Teslimat Adı",
        "Kargo Alıcısı", "Recipient", "Recipient Name", "Shipping Name", "Ship To",
    ),
    _order(
        "ship_phone", Kind.CODE, Agree.LOOSE, "shipping.phone",
        "Teslimat Telefonu", "Teslimat Telefon", "Kargo Telefonu", "Shipping Phone",
    ),
    _order(
        "ship_address", Kind.TEXT, Agree.LOOSE, "shipping.address.street",
        "Teslimat Adresi", "Teslimat Adres", "Kargo Adresi", "Sevk Adresi", "Gönderim Adresi",
        "Alıcı Adresi", "Shipping Address", "Shipping Street", "Shipping Address1",
        "Address 1&2 (Shipping)", "Delivery Address",
    ),
    _order(
        "ship_district", Kind.TEXT, Agree.LOOSE, "shipping.address.district",
        "Teslimat İlçe", "Teslimat İlçesi", "Kargo İlçe", "Shipping District",
    ),
    _order(
        "ship_city", Kind.TEXT, Agree.LOOSE, "shipping.address.city",
        "Teslimat İl", "Teslimat İli", "Teslimat Şehir", "Teslimat Şehri", "Kargo İl", "Shipping City",
        "City (Shipping)",
    ),
    _order(
        "ship_postal_code", Kind.CODE, Agree.LOOSE, "shipping.address.postal_code",
        "Teslimat Posta Kodu", "Shipping Zip", "Shipping Postcode", "Postcode (Shipping)",
    ),
    _order(
        "ship_country", Kind.WORD, Agree.LOOSE, "shipping.address.country",
        "Teslimat Ülke", "Teslimat Ülkesi", "Shipping Country", "Country Code (Shipping)",
    ),
    _order(
        "address", Kind.TEXT, Agree.LOOSE, "buyer.address.street",
        "Adres", "Açık Adres", "Müşteri Adresi", "Address",
    ),
    _order(
        "neighbourhood", Kind.TEXT, Agree.LOOSE, "buyer.address.neighbourhood",
        "Mahalle", "Mahallesi", "Neighbourhood",
    ),
    _order(
        "district", Kind.TEXT, Agree.LOOSE, "buyer.address.district",
        "İlçe", "İlçesi", "İlçe Adı", "Semt", "District", "Town",
    ),
    _order(
        "city", Kind.TEXT, Agree.LOOSE, "buyer.address.city",
        "İl", "İli", "İl Adı", "Şehir", "City",
    ),
    _order(
        "postal_code", Kind.CODE, Agree.LOOSE, "buyer.address.postal_code",
        "Posta Kodu", "Postal Code", "Postcode", "Zip", "Zip Code",
    ),
    _order(
        "country", Kind.WORD, Agree.LOOSE, "buyer.address.country",
        "Ülke", "Ülke Kodu", "Country", "Country Code",
    ),
    _order(
        "carrier", Kind.TEXT, Agree.LOOSE, "shipping.carrier",
        "Kargo Firması", "Kargo Şirketi", "Kargo Partner İsmi", "Taşıyıcı", "Carrier", "Shipping Carrier",
        "Shipping Company",
        minor=True,
    ),
    _order(
        "tracking_number", Kind.CODE, Agree.LOOSE, "shipping.tracking_number",
        "Kargo Takip No", "Kargo Takip Numarası", "Kargo Takip Kodu", "Takip No", "Takip Numarası",
        "Takip Kodu", "Gönderi Takip No", "Kargo Kodu", "Tracking Number", "Tracking No", "Tracking Code",
        minor=True,
    ),
    _order(
        "tracking_url", Kind.TEXT, Agree.LOOSE, "shipping.tracking_url",
        "Kargo Takip Linki", "Takip Linki", "Tracking URL", "Tracking Link",
        minor=True,
    ),
    _order(
        "shipped_at", Kind.DATE, Agree.LOOSE, "shipping.shipped_at",
        "Kargoya Teslim Tarihi", "Kargoya Veriliş Tarihi", "Kargoya Verilme Tarihi", "Kargo Tarihi",
        "Kargo Kabul Tarihi", "Sevk Tarihi", "Gönderim Tarihi", "Ship Date", "Shipped at", "Fulfilled at",
    ),
    _order(
        "export", Kind.WORD, Agree.STRICT, "export",
        "Mikro İhracat", "Uluslararası Sipariş mi?", "İhracat", "Export",
    ),
    _order(
        "invoice_number", Kind.CODE, Agree.LOOSE, "extras.orderfile.invoice_number",
        "Fatura No", "Fatura Numarası", "Invoice Number", "Invoice No",
    ),
    _order(
        "note", Kind.TEXT, Agree.LOOSE, "note",
        "Sipariş Notu", "Müşteri Notu", "Not", "Notlar", "Order Note", "Customer Note", "Note", "Notes",
        minor=True,
    ),
)  # fmt: skip

_LINE = (
    _line(
        "line_id", Kind.CODE, "id",
        "Kalem Numarası", "Kalem No", "Sipariş Kalem No", "Sipariş Satır ID", "Order Item ID",
        "Order Line ID", "Line ID", "Lineitem ID",
    ),
    _line(
        "sku", Kind.CODE, "sku",
        "Stok Kodu", "Satıcı Stok Kodu", "Mağaza Stok Kodu", "Tedarikçi Stok Kodu", "Ürün Stok Kodu",
        "Ürün Kodu", "Satıcı Ürün Kodu", "Mağaza Ürün Kodu", "Varyant Kodu", "Malzeme Kodu", "SKU",
        "Merchant SKU", "Seller SKU", "Item SKU", "Lineitem sku", "Stock Code", "Product Code", "Item Code",
    ),
    _line(
        "barcode", Kind.CODE, "barcode",
        "Barkod", "Ürün Barkodu", "Barkod No", "Barkodu", "Barcode", "EAN", "EAN13", "GTIN", "UPC",
    ),
    _line(
        "product_id", Kind.CODE, "product_id",
        "Ürün ID", "Ürün Numarası", "Hepsiburada Ürün Kodu", "Product ID",
        minor=True,
    ),
    _line(
        "product", Kind.TEXT, "name",
        "Ürün Adı", "Ürün İsmi", "Ürün", "Ürün Açıklaması", "Ürün Başlığı", "Stok Adı", "Malzeme Adı",
        "Mal / Hizmet", "Product Name", "Product Title", "Product", "Item Name", "Item Description", "Item",
        "Lineitem name",
    ),
    _line(
        "variant", Kind.TEXT, "name",
        "Varyant", "Seçenek", "Seçenekler", "Variant", "Product Variation",
        minor=True,
    ),
    _line(
        "quantity", Kind.NUMBER, "quantity",
        "Adet", "Miktar", "Adedi", "Miktarı", "Ürün Adedi", "Sipariş Adedi", "Satış Adedi", "Quantity",
        "Qty", "Lineitem quantity", "Item Quantity",
    ),
    _line("unit", Kind.WORD, "unit", "Birim", "Ölçü Birimi", "Unit", "Unit of Measure", "UoM"),
    _line(
        "unit_price", Kind.AMOUNT, "amount",
        "Birim Fiyat", "Birim Fiyatı", "Birim Satış Fiyatı", "Faturalandırılacak Birim Satış Fiyatı",
        "Ürün Birim Fiyatı", "Unit Price", "Lineitem price", "Item Price", "Item Cost", "Price per Unit",
    ),
    _line(
        "line_amount", Kind.AMOUNT, "amount",
        "Satış Tutarı", "Satır Tutarı", "Ürün Tutarı", "Brüt Tutar", "Line Amount", "Line Subtotal",
        "Gross Amount",
    ),
    _line(
        "line_payable", Kind.AMOUNT, "amount",
        "Faturalanacak Tutar", "Faturalandırılacak Tutar", "Satır Toplamı", "İndirimli Tutar", "Line Total",
        "Order Line Total", "Item Total", "Row Total",
    ),
    _line(
        "discount", Kind.AMOUNT, "discounts",
        "İndirim", "İndirim Tutarı", "Satıcı İndirimi", "Satıcı İndirim Tutarı", "Ürün İndirimi",
        "Kampanya İndirimi", "İskonto", "İskonto Tutarı", "Discount", "Discount Amount", "Line Discount",
        "Lineitem discount", "Item Discount", "Seller Discount",
    ),
    _line(
        "discount_rate", Kind.NUMBER, "discounts",
        "İndirim Oranı", "İndirim %", "İskonto Oranı", "İskonto %", "Discount Rate", "Discount %",
    ),
    _line(
        "marketplace_discount", Kind.AMOUNT, "discounts",
        "Trendyol İndirim Tutarı", "Trendyol İndirimi", "Hepsiburada İndirimi", "n11 İndirimi",
        "HB'nin karşıladığı kampanya tutarı", "Pazaryeri İndirimi", "Platform İndirimi",
        "Marketplace Discount", "Platform Discount",
    ),
    _line(
        "vat_rate", Kind.NUMBER, "vat_rate",
        "KDV Oranı", "KDV %", "% KDV", "KDV Yüzdesi", "Vergi Oranı", "VAT Rate", "VAT %", "Tax Rate", "Tax %",
    ),
    _line(
        "vat_amount", Kind.AMOUNT, "vat_rate",
        "KDV Tutarı", "Vergi Tutarı", "VAT Amount", "Tax Amount", "Order Line Tax",
    ),
)  # fmt: skip

_DOUBTFUL = (
    _line("price", Kind.AMOUNT, "amount", "Fiyat", "Fiyatı", "Satış Fiyatı", "Ürün Fiyatı",
          "Faturalandırılacak Satış Fiyatı", "Price", "Sale Price"),
    _line("total", Kind.AMOUNT, "amount", "Toplam", "Toplam Tutar", "Toplam Fiyat", "Tutar", "Total",
          "Total Price", "Total Amount", "Amount"),
    _line("vat", Kind.AMOUNT, "vat_rate", "KDV", "Vergi", "VAT", "Tax"),
    _order("cargo", Kind.TEXT, Agree.LOOSE, "shipping.carrier", "Kargo", "Shipping", minor=True),
)  # fmt: skip

FIELDS: dict[str, Field] = {field.name: field for field in (*_ORDER, *_LINE, *_DOUBTFUL)}
"""Every field by name. The last four have headings that mean different things in different files; what they
mean is decided from the numbers in the file, see ``reading``."""

PRICES = ("unit_price", "line_amount", "line_payable", "price", "total")
BUYERS = ("buyer_name", "billing_name", "company", "last_name", "first_name")
REQUIRED: tuple[tuple[str, ...], ...] = (
    ("number",),
    ("placed_at",),
    BUYERS,
    ("product", "sku", "barcode"),
    ("quantity",),
    PRICES,
)
"""At least one field of each group must have a column."""
