"""Documents as the simulated Uyumsoft keeps them, each with a fate that can be scripted."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from xml.sax.saxutils import escape

from kopru.toolkit import dates
from kopru.toolkit.einvoice import GIB_FAULTS, GibGroup, Header
from kopru_uyumsoft.codes import Side

CODES = {
    "Draft": 0,
    "Canceled": 10,
    "Queued": 100,
    "Processing": 200,
    "SentToGib": 300,
    "Approved": 1000,
    "WaitingForAprovement": 1100,
    "Declined": 1200,
    "Return": 1300,
    "EArchivedCanceled": 1400,
    "Error": 2000,
}
_ON_ITS_WAY = ("Queued", "Processing", "SentToGib")
_TYPES = {"TEMELFATURA": "BaseInvoice", "TICARIFATURA": "ComercialInvoice"}


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one document.

    ``polls`` is how many status questions find it on its way; then it is approved, waits for the buyer of a
    TICARIFATURA until ``answer`` is given, or fails when ``error`` says why or ``gib_code`` is a fault.
    ``status`` overrides all of it.
    """

    polls: int | None = None
    gib_code: int = 1300
    error: str = ""
    answer: str = ""
    status: str = ""


@dataclass(slots=True)
class Kept:
    """A document at Uyumsoft. ``committed_at`` is ``time.time()``, ``asked`` counts status questions."""

    side: Side
    header: Header
    content: bytes
    created: datetime
    committed_at: float
    fate: Fate
    info: str = ""
    """What was sent beside the document, as XML."""
    asked: int = 0
    cancelled: bool = False

    @property
    def ettn(self) -> str:
        """Return the ETTN in lower case."""
        return self.header.ettn

    @property
    def issued(self) -> datetime:
        """Return the date of issue as a time: the Istanbul day's start."""
        return datetime.combine(self.header.issue_date, time(), dates.ISTANBUL)

    @property
    def type(self) -> str:
        """Return Uyumsoft's word for the profile."""
        return _TYPES.get(self.header.profile, "BaseInvoice")

    @property
    def has_failed(self) -> bool:
        """Whether its fate is to fail."""
        return bool(self.fate.error) or self.fate.gib_code in GIB_FAULTS

    @property
    def may_be_sent_again(self) -> bool:
        """Whether GİB's code lets the same ETTN and number be sent once more."""
        return GIB_FAULTS.get(self.fate.gib_code, GibGroup.DUPLICATE) is not GibGroup.DUPLICATE

    def status(self, polls: int) -> str:
        """Return Uyumsoft's word for where it stands; ``polls`` is the account's own number of questions."""
        needed = polls if self.fate.polls is None else self.fate.polls
        if self.cancelled:
            return "EArchivedCanceled"
        if self.fate.status:
            return self.fate.status
        if self.asked < needed:
            return _ON_ITS_WAY[min(self.asked, len(_ON_ITS_WAY) - 1)]
        if self.has_failed:
            return "Error"
        answered = self.type != "ComercialInvoice" or self.side is Side.INCOMING
        return "Approved" if answered else self.fate.answer or "WaitingForAprovement"


@dataclass(slots=True)
class Box:
    """The documents of a box, found by day without walking over all of them."""

    kept: list[Kept] = field(default_factory=list)
    _by_date: dict[str, list[tuple[datetime, int]]] = field(
        default_factory=lambda: {"Create": [], "Execution": []}
    )

    def add(self, document: Kept) -> None:
        """Put a document into the box."""
        position = len(self.kept)
        self.kept.append(document)
        insort(self._by_date["Create"], (document.created, position))
        insort(self._by_date["Execution"], (document.issued, position))

    def select(self, date: str, since: datetime, until: datetime) -> list[Kept]:
        """Return the documents of a span by one of their dates, both ends included, in its order."""
        index = self._by_date[date]
        start, end = bisect_left(index, (since, -1)), bisect_right(index, (until, len(self.kept)))
        return [self.kept[position] for _, position in index[start:end]]


def pdf(words: str) -> bytes:
    """Return what begins and ends like a PDF and names a document."""
    return f"%PDF-1.4\n% {words}\ntrailer\n<< >>\n%%EOF\n".encode()


def html(document: Kept) -> str:
    """Return a page that names a document."""
    header = document.header
    title = escape(f"{header.number} {header.payable} {header.currency}")
    return f"<!DOCTYPE html>\n<html><body><h1>{title}</h1></body></html>"


def incoming_ubl(
    *,
    ettn: str,
    number: str,
    profile: str,
    issued: datetime,
    sender: tuple[str, str],
    buyer: str,
    payable: Decimal,
) -> bytes:
    """Return an invoice somebody sent to the company, with just the parts a reader needs."""
    oasis = "urn:oasis:names:specification:ubl:schema:xsd"
    tax_number, name = sender
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{oasis}:Invoice-2" xmlns:cac="{oasis}:CommonAggregateComponents-2"
 xmlns:cbc="{oasis}:CommonBasicComponents-2">
<cbc:CustomizationID>TR1.2</cbc:CustomizationID><cbc:ProfileID>{profile}</cbc:ProfileID>
<cbc:ID>{number}</cbc:ID><cbc:UUID>{ettn}</cbc:UUID>
<cbc:IssueDate>{dates.local_date(issued)}</cbc:IssueDate>
<cbc:InvoiceTypeCode>SATIS</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party>
<cac:PartyIdentification><cbc:ID schemeID="VKN">{tax_number}</cbc:ID></cac:PartyIdentification>
<cac:PartyName><cbc:Name>{escape(name)}</cbc:Name></cac:PartyName>
</cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party>
<cac:PartyIdentification><cbc:ID schemeID="VKN">{buyer}</cbc:ID></cac:PartyIdentification>
</cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal>
<cbc:PayableAmount currencyID="TRY">{payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>
""".encode()
