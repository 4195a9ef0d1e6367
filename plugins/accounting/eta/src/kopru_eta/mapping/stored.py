"""An invoice as ETA holds it, read from a row."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kopru.model import ExternalRef
from kopru.model.money import cents
from kopru.sdk import Echo, Receipt, ReceiptState, Rejected, SqlRow
from kopru.toolkit import dates, rows
from kopru_eta.codes import INVOICE, LOCAL
from kopru_eta.texts import TEXTS

_KEY = re.compile(r"[0-9a-f]{16}")
_ID = re.compile(r"(\d{4})/(\d{1,10})")
_LIRA = ("", "TL", "TRL", "TRY", "YTL")


@dataclass(frozen=True, slots=True)
class Stored:
    """What is compared, listed and answered about an invoice; ``year`` says in which database it is."""

    year: int
    ref: int
    day: date
    number: str
    party: str
    total: Decimal
    currency: str
    lines: int
    stock_ref: int
    account_ref: int
    ledger_ref: int
    key: str = ""

    @property
    def external(self) -> ExternalRef:
        """Return its external reference: year and FATFISREFNO, which is unique within a year."""
        return ExternalRef(kind=INVOICE, id=f"{self.year}/{self.ref}")

    @property
    def receipt(self) -> Receipt:
        """Return the receipt of having written it."""
        echo = Echo(
            self.total, self.currency or None, self.party or None, self.day.isoformat(), self.number or None
        )
        return Receipt(ReceiptState.DONE, self.external, self.number or None, echo)


def from_row(year: int, row: SqlRow) -> Stored:
    """Read a row.

    Raises:
        ValueError, Rejected: a column has another form than described.
    """
    total = rows.number(row, "total")
    ref = rows.integer(row, "ref")
    if total is None or ref <= 0:
        raise ValueError("reference or total is missing")
    key = rows.text(row, "key_text")
    currency = rows.text(row, "currency")
    return Stored(
        year=year,
        ref=ref,
        day=_day(row.get("day")),
        number=rows.text(row, "number"),
        party=rows.text(row, "party_code"),
        total=cents(total),
        currency=LOCAL if currency in _LIRA else currency,
        lines=rows.integer(row, "line_count"),
        stock_ref=rows.integer(row, "stock_ref"),
        account_ref=rows.integer(row, "account_ref"),
        ledger_ref=rows.integer(row, "ledger_ref"),
        key=key if _KEY.fullmatch(key) else "",
    )


def parse_ref(ref: ExternalRef) -> tuple[int, int]:
    """Return year and reference of an invoice.

    Raises:
        Rejected: ``eta.ref.unknown``.
    """
    found = _ID.fullmatch(ref.id)
    if ref.kind != INVOICE or found is None:
        raise Rejected("eta.ref.unknown", TEXTS.text("eta.ref.unknown", ref=f"{ref.kind} {ref.id}"[:100]))
    return int(found[1]), int(found[2])


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else dates.parse_date(str(value))
