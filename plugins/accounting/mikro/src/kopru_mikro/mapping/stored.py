"""A document as Mikro holds it, read from a row of a SELECT."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kopru.model import ExternalRef
from kopru.model.money import ZERO, cents
from kopru.sdk import Echo, Receipt, ReceiptState, Rejected
from kopru.toolkit import dates, rows
from kopru.toolkit.rows import Row
from kopru_mikro.codes import KEY_LENGTH, Document, guid
from kopru_mikro.config import DocumentNumber, MikroConfig
from kopru_mikro.texts import TEXTS

LOCAL = "TRY"
_KEY = re.compile(rf"^[0-9a-f]{{{KEY_LENGTH}}}(?= |$)")
_GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


@dataclass(frozen=True, slots=True)
class Stored:
    """What is compared, listed and answered about a document.

    ``series`` and ``sequence`` are Mikro's own number, ``number`` the document's official one. ``sent`` says
    that Mikro itself has made an e-document of it, ``delivered`` that an order was delivered in part.
    """

    document: Document
    guid: str
    type: int
    series: str
    sequence: int
    day: date
    party: str
    total: Decimal
    currency: str
    lines: int
    key: str = ""
    number: str = ""
    cancelled: bool = False
    sent: bool = False
    delivered: bool = False

    @property
    def ref(self) -> ExternalRef:
        """Return the document's external reference."""
        return ExternalRef(kind=self.document.value, id=self.guid)

    @property
    def own_number(self) -> str:
        """Return Mikro's own number as people read it."""
        return f"{self.series}-{self.sequence}" if self.series else str(self.sequence)

    @property
    def receipt(self) -> Receipt:
        """Return the receipt of having written this document."""
        echo = Echo(
            total=self.total,
            currency=self.currency or None,
            party=self.party or None,
            date=self.day.isoformat(),
            number=self.number or None,
        )
        number = self.own_number if self.document is Document.ORDER else self.number
        return Receipt(ReceiptState.DONE, self.ref, number or None, echo)


def from_row(config: MikroConfig, document: Document, row: Row) -> Stored:
    """Read a row of an invoice's or an order's statement.

    Raises:
        ValueError, Rejected: a column has another form than described.
    """
    return _invoice(config, row) if document is Document.INVOICE else _order(config, row)


def parse_ref(ref: ExternalRef) -> tuple[Document, str]:
    """Return kind and GUID of an external reference.

    Raises:
        Rejected: ``mikro.ref.unknown``.
    """
    own = guid(ref.id)
    if ref.kind not in set(Document) or not _GUID.match(own):
        raise Rejected("mikro.ref.unknown", TEXTS.text("mikro.ref.unknown", ref=f"{ref.kind} {ref.id}"[:100]))
    return Document(ref.kind), own


def currency_code(config: MikroConfig, number: int) -> str:
    """Return the code of a currency number, or nothing when the settings do not name it."""
    if number == 0:
        return LOCAL
    return next((code for code, known in config.currencies.items() if known == number), "")


def _invoice(config: MikroConfig, row: Row) -> Stored:
    key, said = _split(rows.text(row, "cha_aciklama"))
    written = rows.text(row, "cha_belge_no") if config.document_number is DocumentNumber.INVOICE else ""
    return Stored(
        document=Document.INVOICE,
        guid=_own_guid(row, "cha_Guid"),
        type=rows.integer(row, "cha_evrak_tip"),
        series=rows.text(row, "cha_evrakno_seri"),
        sequence=rows.integer(row, "cha_evrakno_sira"),
        day=dates.parse_date(rows.text(row, "cha_tarihi")),
        party=rows.text(row, "cha_kod"),
        total=_total(row, "cha_meblag"),
        currency=currency_code(config, rows.integer(row, "cha_d_cins")),
        lines=rows.integer(row, "satirlar"),
        key=key,
        number=written or (said if key else ""),
        cancelled=rows.flag(row, "cha_iptal"),
        sent=bool(rows.text(row, "cha_ebelgeno_seri")),
    )


def _order(config: MikroConfig, row: Row) -> Stored:
    return Stored(
        document=Document.ORDER,
        guid=_own_guid(row, "sip_Guid"),
        type=0,
        series=rows.text(row, "sip_evrakno_seri"),
        sequence=rows.integer(row, "sip_evrakno_sira"),
        day=dates.parse_date(rows.text(row, "sip_tarih")),
        party=rows.text(row, "sip_musteri_kod"),
        total=_total(row, "toplam"),
        currency=currency_code(config, rows.integer(row, "sip_doviz_cinsi")),
        lines=rows.integer(row, "satirlar"),
        key=_split(rows.text(row, "aciklama"))[0],
        cancelled=rows.flag(row, "sip_iptal"),
        delivered=(rows.number(row, "teslim") or ZERO) > ZERO,
    )


def _split(description: str) -> tuple[str, str]:
    """Return the key a description begins with and the word after it; texts people wrote have no key."""
    found = _KEY.match(description)
    if not found:
        return "", ""
    return found[0], description[found.end() :].strip().partition(" ")[0]


def _own_guid(row: Row, name: str) -> str:
    value = guid(rows.text(row, name))
    if not _GUID.match(value):
        raise ValueError(f"{name} is no GUID")
    return value


def _total(row: Row, name: str) -> Decimal:
    value = rows.number(row, name)
    if value is None:
        raise ValueError(f"{name} is missing")
    return cents(value)
