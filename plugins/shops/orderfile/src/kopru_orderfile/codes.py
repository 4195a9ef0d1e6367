"""The words of order exports and what they mean. All keys are folded, see ``kopru.toolkit.fold.key``."""

import re

from kopru.model import OrderStatus, PaymentMethod
from kopru.toolkit import fold

STATUS_WORDS: dict[OrderStatus, tuple[str, ...]] = {
    OrderStatus.AWAITING_PAYMENT: (
        "Ödeme Bekleniyor", "Ödeme Bekliyor", "Ödeme Onayı Bekliyor", "Havale Bekleniyor", "Awaiting Payment",
        "Pending Payment", "Pending", "On Hold", "Unpaid",
    ),
    OrderStatus.NEW: (
        "Yeni", "Yeni Sipariş", "Onay Bekliyor", "Onaylandı", "Onaylanan", "Ödendi", "Sipariş Alındı", "New",
        "Created", "Open", "Paid", "Approved", "Confirmed",
    ),
    OrderStatus.PREPARING: (
        "Hazırlanıyor", "İşleme Alındı", "İşlemde", "İşleme Konan", "Paketleniyor", "Paketlendi",
        "Gönderime Hazır", "Kargoya Hazır", "Kargoya Verilecek", "Kargo Bekliyor", "Tedarik Sürecinde",
        "Processing", "Picking", "Preparing", "Packed", "Ready to Ship", "Unfulfilled", "Partially Paid",
    ),
    OrderStatus.INVOICED: ("Faturalandı", "Faturalanan", "Fatura Kesildi", "Invoiced"),
    OrderStatus.SHIPPED: (
        "Kargoya Verildi", "Kargoya Teslim Edildi", "Kargolandı", "Kargoda", "Gönderildi", "Taşıma Durumunda",
        "Yolda", "Dağıtımda", "Dağıtıma Çıktı", "Shipped", "In Transit", "Fulfilled", "Sent",
    ),
    OrderStatus.DELIVERED: (
        "Teslim Edildi", "Teslim Edilen", "Tamamlandı", "Delivered", "Completed", "Complete",
    ),
    OrderStatus.UNDELIVERED: ("Teslim Edilemedi", "Teslim Edilemeyen", "Undelivered", "Failed Delivery"),
    OrderStatus.RETURNED: (
        "İade", "İade Edildi", "İade Edilen", "Returned", "Refunded", "Partially Refunded",
    ),
    OrderStatus.CANCELLED: (
        "İptal", "İptal Edildi", "İptal Edilen", "Tedarik Edilemedi", "Cancelled", "Canceled", "Voided",
        "UnSupplied", "Failed",
    ),
}  # fmt: skip

STATUSES = {fold.key(word): status for status, words in STATUS_WORDS.items() for word in words}

PROGRESS = tuple(STATUS_WORDS)
"""Statuses from early to late; an order whose lines differ is as far as its slowest line."""

_PAYMENTS: tuple[tuple[PaymentMethod, tuple[str, ...]], ...] = (
    (PaymentMethod.CASH_ON_DELIVERY, ("kapida", "cash on delivery", "cod")),
    (PaymentMethod.TRANSFER, ("havale", "eft", "fast", "banka transferi", "transfer", "bacs")),
    (PaymentMethod.CARD, ("kart", "kredi", "card", "sanal pos", "iyzico", "paytr", "stripe", "masterpass")),
    (PaymentMethod.PLATFORM, ("pazaryeri", "trendyol", "hepsiburada", "n11", "marketplace", "platform")),
)

UNITS = {
    fold.key(word): code
    for code, words in {
        "C62": ("Adet", "Ad", "Tane", "Piece", "Pcs", "Pc", "Unit", "Each", "C62", "NIU"),
        "KGM": ("Kg", "Kilo", "Kilogram", "KGM"),
        "GRM": ("Gr", "Gram", "G", "GRM"),
        "LTR": ("Lt", "Litre", "L", "Liter", "LTR"),
        "MTR": ("Mt", "Metre", "M", "Meter", "MTR"),
        "MTK": ("M2", "m²", "Metrekare", "MTK"),
        "MTQ": ("M3", "m³", "Metreküp", "MTQ"),
        "CMT": ("Cm", "Santimetre", "CMT"),
        "PA": ("Paket", "Pk", "Packet", "PA"),
        "BX": ("Kutu", "Box", "BX"),
        "CT": ("Koli", "Karton", "Carton", "CT"),
        "PR": ("Çift", "Pair", "PR"),
        "DZN": ("Düzine", "Dozen", "DZN"),
        "SET": ("Set", "Takım"),
        "HUR": ("Saat", "Hour", "HUR"),
    }.items()
    for word in words
}
"""UN/ECE Recommendation 20 codes."""

CURRENCIES = {"tl": "TRY", "ytl": "TRY", "try": "TRY", "turk lirasi": "TRY", "dolar": "USD", "euro": "EUR"}
CURRENCY_SIGNS = {"₺": "TRY", "$": "USD", "€": "EUR", "£": "GBP"}

COUNTRIES = {
    fold.key(word): code
    for code, words in {
        "TR": ("Türkiye", "Turkey", "TUR", "TR", "Türkiye Cumhuriyeti", "T.C."),
        "DE": ("Almanya", "Germany", "Deutschland"),
        "AT": ("Avusturya", "Austria"),
        "AZ": ("Azerbaycan", "Azerbaijan"),
        "BE": ("Belçika", "Belgium"),
        "AE": ("Birleşik Arap Emirlikleri", "United Arab Emirates"),
        "BG": ("Bulgaristan", "Bulgaria"),
        "DK": ("Danimarka", "Denmark"),
        "FR": ("Fransa", "France"),
        "NL": ("Hollanda", "Netherlands"),
        "IQ": ("Irak", "Iraq"),
        "GB": ("İngiltere", "Birleşik Krallık", "United Kingdom"),
        "ES": ("İspanya", "Spain"),
        "SE": ("İsveç", "Sweden"),
        "CH": ("İsviçre", "Switzerland"),
        "IT": ("İtalya", "Italy"),
        "CY": ("Kıbrıs", "KKTC", "Cyprus"),
        "RO": ("Romanya", "Romania"),
        "RU": ("Rusya", "Russia"),
        "SA": ("Suudi Arabistan", "Saudi Arabia"),
        "GR": ("Yunanistan", "Greece"),
        "US": ("Amerika", "ABD", "Amerika Birleşik Devletleri", "United States", "USA"),
    }.items()
    for word in words
}
"""Countries by name; two letters are taken as an ISO 3166 code."""

YES = frozenset(
    {"evet", "e", "yes", "y", "true", "1", "var", "x", "kurumsal", "corporate", "company", "sirket"}
)
NO = frozenset(
    {"hayir", "h", "no", "n", "false", "0", "yok", "bireysel", "individual", "person", "sahis", ""}
)

COMPANY_MARKS = frozenset(
    {"ltd", "limited", "sti", "anonim", "sirketi", "kooperatifi", "holding", "gmbh", "inc", "llc"}
)
"""Words that make a name a company's when nothing else tells."""
_JOINT_STOCK = re.compile(r"\ba\.?\s?ş\.?$")

SUMMARY_WORDS = frozenset(
    {"toplam", "genel toplam", "ara toplam", "total", "grand total", "sum", "subtotal", "toplamlar"}
)
"""First words of the summary rows under a table, which are no orders."""

VAT_RATES = (0, 1, 8, 10, 18, 20)
"""VAT rates of Turkey now (1, 10, 20) and before July 2023 (1, 8, 18)."""


def payment_method(word: str) -> PaymentMethod:
    """Return the payment method a word names, ``OTHER`` when it names none of ours."""
    words = fold.key(word)
    for method, marks in _PAYMENTS:
        if any(f" {mark}" in f" {words}" for mark in marks):
            return method
    return PaymentMethod.OTHER


def looks_like_company(name: str) -> bool:
    """Whether a name ends or is marked the way company names are (Ltd. Şti., A.Ş. …)."""
    words = fold.key(name).split()
    if len(words) < 2:
        return False
    return not COMPANY_MARKS.isdisjoint(words[1:]) or bool(_JOINT_STOCK.search(fold.lower(name).strip()))
