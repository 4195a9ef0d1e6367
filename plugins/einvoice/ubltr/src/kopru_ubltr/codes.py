"""GİB's code tables, as far as the renderer and the checks need them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from kopru.model import PaymentMethod

SCHEMES = frozenset(
    {
        "MERSISNO", "TICARETSICILNO", "MUSTERINO", "ABONENO", "SAYACNO", "TESISATNO", "TELEFONNO",
        "HIZMETNO", "BAYINO", "SUBENO", "DISTRIBUTORNO", "TAPDKNO", "EPDKNO", "CIFTCINO", "IMALATCINO",
        "URETICINO", "DOSYANO", "HASTANO", "PASAPORTNO", "ARACIKURUMVKN", "ARACIKURUMETIKET",
        "ARACKIMLIKNO", "PLAKA", "SEVKIYATNO", "GTB_REFNO", "GTB_GCB_TESCILNO", "GTB_FIILI_IHRACAT_TARIHI",
    }
)  # fmt: skip
"""Register names a party may carry besides VKN or TCKN."""

PASSPORT = "PASAPORTNO"

ADDED_TAXES = frozenset(
    {
        "0015", "0021", "9021", "0022", "0059", "0061", "0071", "9077", "0073", "0074", "0075", "0076",
        "0077", "1047", "1048", "4071", "4080", "4081", "8001", "8002", "8004", "8005", "8006", "8007",
        "8008", "9040", "9944",
    }
)  # fmt: skip
"""Tax type codes that are added to the price.

Deducted ones (stoppage, withholdings) need kinds of their own.
"""

OLD_WITHHOLDING = "9015"
"""Tax type code under which old documents carry withheld VAT as a subtotal."""

VAT_RATES: tuple[tuple[date, frozenset[Decimal]], ...] = (
    (date(2023, 7, 10), frozenset({Decimal(1), Decimal(10), Decimal(20)})),
    (date.min, frozenset({Decimal(1), Decimal(8), Decimal(18)})),
)
"""VAT rates by the first day they are in force, newest first (presidential decision of July 2023)."""

PAYMENT_FORMS: Mapping[PaymentMethod, str] = {
    PaymentMethod.CARD: "KREDIKARTI/BANKAKARTI",
    PaymentMethod.TRANSFER: "EFT/HAVALE",
    PaymentMethod.CASH_ON_DELIVERY: "KAPIDAODEME",
    PaymentMethod.PLATFORM: "ODEMEARACISI",
    PaymentMethod.OTHER: "DIGER",
}
"""Payment forms of the e-Arşiv report (``odemeSekli``)."""

PAYMENT_NAMES: Mapping[PaymentMethod, str] = {
    PaymentMethod.CARD: "Kredi kartı/banka kartı",
    PaymentMethod.TRANSFER: "EFT/havale",
    PaymentMethod.CASH_ON_DELIVERY: "Kapıda ödeme",
    PaymentMethod.PLATFORM: "Ödeme aracısı",
    PaymentMethod.OTHER: "Diğer",
}

PAYMENT_MEANS: Mapping[PaymentMethod, str] = {
    PaymentMethod.CARD: "48",
    PaymentMethod.TRANSFER: "42",
    PaymentMethod.CASH_ON_DELIVERY: "10",
    PaymentMethod.PLATFORM: "ZZZ",
    PaymentMethod.OTHER: "1",
}
"""UN/CEFACT 4461 codes; ``ZZZ`` is "mutually defined", for money a marketplace collects."""

RETURNED = "IADE"
"""Document type of a reference to a returned invoice, in every kind of return (rule IADEInvioceCheck)."""

BANK_TRANSFER = "42"
UNSPECIFIED_MEANS = "1"

COUNTRIES: Mapping[str, str] = {
    "AE": "Birleşik Arap Emirlikleri", "AF": "Afganistan", "AL": "Arnavutluk", "AM": "Ermenistan",
    "AR": "Arjantin", "AT": "Avusturya", "AU": "Avustralya", "AZ": "Azerbaycan", "BA": "Bosna-Hersek",
    "BD": "Bangladeş", "BE": "Belçika", "BG": "Bulgaristan", "BH": "Bahreyn", "BR": "Brezilya",
    "BY": "Belarus", "CA": "Kanada", "CH": "İsviçre", "CL": "Şili", "CN": "Çin", "CO": "Kolombiya",
    "CY": "Kıbrıs", "CZ": "Çekya", "DE": "Almanya", "DK": "Danimarka", "DZ": "Cezayir", "EE": "Estonya",
    "EG": "Mısır", "ES": "İspanya", "ET": "Etiyopya", "FI": "Finlandiya", "FR": "Fransa",
    "GB": "Birleşik Krallık", "GE": "Gürcistan", "GH": "Gana", "GR": "Yunanistan", "HK": "Hong Kong",
    "HR": "Hırvatistan", "HU": "Macaristan", "ID": "Endonezya", "IE": "İrlanda", "IL": "İsrail",
    "IN": "Hindistan", "IQ": "Irak", "IR": "İran", "IS": "İzlanda", "IT": "İtalya", "JO": "Ürdün",
    "JP": "Japonya", "KE": "Kenya", "KG": "Kırgızistan", "KR": "Güney Kore", "KW": "Kuveyt",
    "KZ": "Kazakistan", "LB": "Lübnan", "LT": "Litvanya", "LU": "Lüksemburg", "LV": "Letonya",
    "LY": "Libya", "MA": "Fas", "MD": "Moldova", "ME": "Karadağ", "MK": "Kuzey Makedonya",
    "MN": "Moğolistan", "MT": "Malta", "MX": "Meksika", "MY": "Malezya", "NG": "Nijerya",
    "NL": "Hollanda", "NO": "Norveç", "NZ": "Yeni Zelanda", "OM": "Umman", "PH": "Filipinler",
    "PK": "Pakistan", "PL": "Polonya", "PT": "Portekiz", "QA": "Katar", "RO": "Romanya",
    "RS": "Sırbistan", "RU": "Rusya", "SA": "Suudi Arabistan", "SD": "Sudan", "SE": "İsveç",
    "SG": "Singapur", "SI": "Slovenya", "SK": "Slovakya", "SN": "Senegal", "SY": "Suriye",
    "TH": "Tayland", "TJ": "Tacikistan", "TM": "Türkmenistan", "TN": "Tunus", "TR": "Türkiye",
    "TW": "Tayvan", "TZ": "Tanzanya", "UA": "Ukrayna", "US": "Amerika Birleşik Devletleri",
    "UZ": "Özbekistan", "VN": "Vietnam", "XK": "Kosova", "YE": "Yemen", "ZA": "Güney Afrika",
}  # fmt: skip
"""Turkish names of countries by ISO code; others are written by their code."""


def country_name(code: str) -> str:
    """Return the Turkish name of a country, or its code."""
    return COUNTRIES.get(code, code)


def vat_rates(day: date) -> frozenset[Decimal]:
    """Return the VAT rates in force on a day, zero left out."""
    return next(rates for since, rates in VAT_RATES if day >= since)


def past_vat_rates(day: date) -> frozenset[Decimal]:
    """Return every VAT rate that was in force on a day or before it: returns keep the rate of their sale."""
    return frozenset().union(*(rates for since, rates in VAT_RATES if day >= since))
