"""Mikro's numbers, names and lengths, as its API collection, tables and live databases show them."""

from datetime import date
from enum import IntEnum, StrEnum
from typing import Final

DOCUMENTS_PATH: Final = "/Api/APIMethods"


class Version(StrEnum):
    """Versions of the service; they differ in port and methods."""

    V16 = "V16"
    V17 = "V17"


PORTS: Final = {Version.V16: 8084, Version.V17: 8094}

READS: Final = frozenset(
    {
        "CariListesiV2",
        "StokListesiV2",
        "VergiListesiV2",
        "SqlVeriOkuV2",
    }
)
"""Methods whose filters stand beside the credentials."""

WRITES: Final = frozenset(
    {
        "AlimSatimEvragiSilV2",
        "CariKaydetV2",
        "FaturaKaydetV2",
        "FaturaKaydetV3",
        "SiparisKaydetV2",
        "SiparisSilV2",
        "StokKaydetV2",
    }
)
"""Methods whose payload stands among the credentials, inside ``Mikro``."""

ONLY_V17: Final = frozenset({"SqlVeriOkuV2"})


class Document(StrEnum):
    """Kinds of ledger documents, as our references name them. Ids are Mikro's GUIDs."""

    INVOICE = "invoice"
    ORDER = "sales_order"


PARTY: Final = "party"
ITEM: Final = "item"


class InvoiceClass(IntEnum):
    """``cha_cinsi`` of an invoice header."""

    WHOLESALE = 6
    RETAIL = 7


LINE_CLASS: Final = {InvoiceClass.WHOLESALE: 0, InvoiceClass.RETAIL: 1}
"""``sth_cins`` of the lines that belong to a header class."""

CUSTOMER: Final = 0
"""``cha_cari_cins``: the account is a customer, not a bank or cash account."""

SERVICE_CARD: Final = 3
"""``cha_kasa_hizmet``: the counter account is a service card."""

SALES_INVOICE: Final = 63
PURCHASE_INVOICE: Final = 0
"""``cha_evrak_tip``. Purchase invoices and sales returns share one number."""

RECEIVED_ORDER: Final = 0
NORMAL_ORDER: Final = 0
"""``sip_tip`` and ``sip_cins`` of a sales order."""

ORDER_FILE: Final = 21
"""``egk_dosyano``: notes that belong to orders."""

VAT_POINTERS: Final = range(11)
"""Row numbers of a firm's tax table."""

NO_CURRENCY: Final = 255

CODE_LENGTH: Final = 25
TITLE_LENGTH: Final = 127
ITEM_NAME_LENGTH: Final = 127
UNIT_LENGTH: Final = 10
POSTAL_CODE_LENGTH: Final = 8
PHONE_LENGTH: Final = 10
LINE_TEXT_LENGTH: Final = 50
NOTE_LENGTH: Final = 127
NOTE_COUNT: Final = 10
KEY_LENGTH: Final = 16
DISCOUNTS: Final = 6

NO_GUID: Final = "00000000-0000-0000-0000-000000000000"


def written_day(day: date) -> str:
    """Return a day as write methods take it."""
    return f"{day:%d.%m.%Y}"


def due_day(day: date) -> int:
    """Return a day as ``cha_vade`` takes it: a number such as 20261231."""
    return int(f"{day:%Y%m%d}")


def guid(value: str) -> str:
    """Return a GUID without the braces the SQL method puts around it, in lower case."""
    return value.strip().strip("{}").lower()
