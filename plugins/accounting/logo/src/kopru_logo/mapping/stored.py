"""A document as Logo holds it, read from a REST object or from a row of the query door."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kopru.model import ExternalRef
from kopru.model.money import cents
from kopru.sdk import Echo, Receipt, ReceiptState, Rejected
from kopru.toolkit.rows import Row, integer, number, text
from kopru_logo.codes import (
    DOCUMENTS,
    LOCAL_CURRENCY,
    PURCHASE_GROUP,
    PURCHASE_INVOICE,
    SALES_INVOICE,
    SALES_ORDER,
    Document,
)
from kopru_logo.config import LogoConfig
from kopru_logo.reading import day as read_day
from kopru_logo.reading import reference
from kopru_logo.texts import TEXTS

LOCAL_CODE = "TRY"


@dataclass(frozen=True, slots=True)
class Stored:
    """What is compared, listed and answered about a document; ``period`` is the one it was read from."""

    document: Document
    period: int
    ref: int
    number: str = ""
    guid: str = ""
    track: str = ""
    party: str = ""
    day: date | None = None
    total: Decimal | None = None
    currency: str = LOCAL_CODE
    cancelled: bool = False

    @property
    def external_id(self) -> str:
        """Return an id that is unique within the connection: references repeat per table and period."""
        return f"{self.document.prefix}-{self.period:02d}-{self.ref}"

    @property
    def external_ref(self) -> ExternalRef:
        """Return the document's external reference."""
        return ExternalRef(kind=self.document.kind, id=self.external_id)

    @property
    def receipt(self) -> Receipt:
        """Return the receipt of having written this document."""
        echo = Echo(
            total=self.total,
            currency=self.currency,
            party=self.party or None,
            date=self.day.isoformat() if self.day else None,
            number=self.number or None,
        )
        return Receipt(ReceiptState.DONE, self.external_ref, self.number or None, echo)


def from_object(config: LogoConfig, document: Document, answer: Row) -> Stored:
    """Read a REST object.

    Raises:
        ValueError, Rejected: a field has another form than described.
    """
    order = document is SALES_ORDER
    currency = integer(answer, "CURR_TRANSACTIN" if order else "CURR_INVOICE")
    foreign = not is_local(config, currency) and answer.get("TC_NET") is not None
    total = number(answer, "TC_NET" if foreign else "TOTAL_NET")
    return Stored(
        document=document,
        period=config.period,
        ref=reference(answer, "INTERNAL_REFERENCE"),
        number=text(answer, "NUMBER"),
        guid=text(answer, "GUID").upper(),
        track=text(answer, "DOC_TRACK_NR"),
        party=text(answer, "ARP_CODE"),
        day=read_day(answer, "DATE"),
        total=None if total is None else cents(total),
        currency=currency_code(config, currency) if foreign else LOCAL_CODE,
        cancelled=integer(answer, "CANCELLED") != 0,
    )


def from_row(config: LogoConfig, document: Document, row: Row) -> Stored:
    """Read a row of the query door; the row's group code tells sales and purchase invoices apart.

    Raises:
        ValueError, Rejected: a column has another form than described.
    """
    if document is SALES_INVOICE and integer(row, "GRPCODE") == PURCHASE_GROUP:
        document = PURCHASE_INVOICE
    currency = integer(row, "TRCURR")
    foreign = not is_local(config, currency)
    total = number(row, "TRNET" if foreign else "NETTOTAL")
    return Stored(
        document=document,
        period=config.period,
        ref=reference(row, "LOGICALREF"),
        number=text(row, "FICHENO"),
        guid=text(row, "GUID").upper(),
        track=text(row, "DOCTRACKINGNR"),
        party=text(row, "ARP_CODE"),
        day=read_day(row, "DATE_"),
        total=None if total is None else cents(total),
        currency=currency_code(config, currency) if foreign else LOCAL_CODE,
        cancelled=integer(row, "CANCELLED") != 0,
    )


def parse_ref(config: LogoConfig, ref: ExternalRef) -> tuple[Document, int]:
    """Return the document kind and Logo's own reference of an external reference.

    Raises:
        Rejected: ``logo.ref.unknown``, or ``logo.ref.other_period`` for a document of another period, which
            this session cannot reach.
    """
    document = next((each for each in DOCUMENTS if each.kind == ref.kind), None)
    prefix, _, rest = ref.id.partition("-")
    period, _, own = rest.partition("-")
    if document is None or prefix != document.prefix or not (_digits(period) and _digits(own)):
        raise Rejected("logo.ref.unknown", TEXTS.text("logo.ref.unknown", ref=f"{ref.kind} {ref.id}"[:100]))
    if int(period) != config.period:
        text = TEXTS.text("logo.ref.other_period", document=int(period), period=config.period)
        raise Rejected("logo.ref.other_period", text)
    return document, int(own)


def is_local(config: LogoConfig, currency: int) -> bool:
    """Whether a currency number stands for the firm's own currency."""
    return currency in (LOCAL_CURRENCY, config.currencies.get(LOCAL_CODE, LOCAL_CURRENCY))


def currency_code(config: LogoConfig, currency: int) -> str:
    """Return the code of a currency number, or nothing when the settings do not name it."""
    return next((code for code, known in config.currencies.items() if known == currency), "")


def _digits(part: str) -> bool:
    return part.isascii() and part.isdigit()
