"""One company's account at the simulated Nilvera: what it checks, what it keeps, what it tells.

Every refusal carries the number Nilvera publishes for it. Where the real behaviour is not published, the
choice is an attribute.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from kopru.toolkit import dates
from kopru.toolkit.einvoice import read_header
from kopru.toolkit.taxnumbers import vkn_check_digit
from kopru_nilvera.codes import ANSWERED_PROFILE, OUTGOING, Side
from kopru_nilvera.simulation.documents import GIB_WORDS, WAITING_CODES, Fate, Kept, Shelf, inspect
from kopru_nilvera.simulation.views import incoming_ubl

COMPANY = ("990000000" + str(vkn_check_digit("990000000")), "Örnek Ticaret A.Ş.")
SUPPLIER = ("991111111" + str(vkn_check_digit("991111111")), "Deneme Tedarik Ltd. Şti.")

_PUBLIC = "KAMU"
_ARCHIVE = "EARSIVFATURA"

Note = Callable[..., None]
"""Writes one fact to the ground-truth log: kind, then particulars."""


class Refusal(Exception):
    """A request Nilvera does not carry out: HTTP status, its number and its words."""

    def __init__(self, status: int, code: int, description: str, detail: str = "") -> None:
        """Take what goes into the error body."""
        super().__init__(description)
        self.status = status
        self.body = {
            "Message": "GECERSIZ ISTEK" if status == 400 else "HATALI ISTEK",
            "Errors": [{"Code": code, "Description": description, "Detail": detail}],
        }


@dataclass(slots=True)
class Registration:
    """One mailbox in the register of e-invoice users."""

    title: str
    alias: str
    created: datetime
    active: bool = True


@dataclass(slots=True)
class Series:
    """One number series of a side; ``last`` gives the last number of each year."""

    id: int
    name: str
    active: bool = True
    default: bool = False
    last: dict[int, int] = field(default_factory=dict)


class Account:
    """The state of one account. Not thread-safe: the simulator answers one request at a time."""

    def __init__(self, note: Note, visible: Callable[[float], bool], polls: int) -> None:
        """Take the truth log, the read lag, and how many status questions find a document waiting."""
        self.note = note
        self.visible = visible
        self.polls = polls
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.tax_number, self.company_name = COMPANY
        self.active = True
        self.registered = True
        self.credit = 1_000_000
        self.credit_ends: datetime | None = None
        self.register: dict[str, list[Registration]] = {}
        self.public_bodies: set[str] = set()
        self.series: dict[Side, dict[str, Series]] = {
            Side.E_INVOICE: {"EFA": Series(1, "EFA", default=True)},
            Side.E_ARCHIVE: {"EAR": Series(2, "EAR", default=True)},
        }
        self.templates = {side: [str(uuid.uuid5(uuid.NAMESPACE_DNS, side))] for side in OUTGOING}
        self.cancelling_twice_is_refused = True
        """Nilvera's answer to a second cancellation is not published."""
        self.writes_zones = True
        """Whether the times it tells carry their zone."""
        self.shelves = {side: Shelf() for side in Side}
        self._by_ettn: dict[str, Kept] = {}
        self._by_number: dict[str, Kept] = {}
        self._fates: dict[str, Fate] = {}
        self.fate = Fate()
        """What becomes of documents nobody decided about when they are sent."""
        self._arrivals = count(1)

    # Changing the world

    def enrol(self, tax_number: str, title: str, alias: str) -> None:
        """Register a mailbox of a taxpayer."""
        self.register.setdefault(tax_number, []).append(Registration(title, alias, self.clock()))

    def retire(self, tax_number: str) -> None:
        """Take every mailbox of a taxpayer out of use."""
        for entry in self.register.get(tax_number, ()):
            entry.active = False

    def script(self, ettn: str, fate: Fate) -> None:
        """Decide the fate of a document, before or after it is sent."""
        self._fates[ettn] = fate
        if document := self._by_ettn.get(ettn):
            document.fate = fate

    def answer(self, ettn: str, code: str, note: str) -> None:
        """Let the buyer of a TICARIFATURA answer now."""
        fate = self._by_ettn[ettn].fate
        self.script(ettn, replace(fate, polls=0, answer=code, answer_note=note, answer_polls=0))

    def report(self, ettn: str) -> None:
        """Let an e-Arşiv invoice stand in an accepted report."""
        self._by_ettn[ettn].reported = True

    def receive(
        self, number: str, sender: tuple[str, str], payable: Decimal, profile: str, content: bytes | None
    ) -> str:
        """Let an invoice arrive in the inbox and return its ETTN."""
        now, position = self.clock(), next(self._arrivals)
        ettn = str(uuid.uuid5(uuid.NAMESPACE_URL, f"incoming:{position}"))
        ubl = incoming_ubl(
            ettn=ettn,
            number=number or f"GLN{now.astimezone(dates.ISTANBUL).year}{position:09d}",
            profile=profile,
            issued=now,
            sender=sender,
            buyer=self.tax_number,
            payable=payable,
        )
        header = read_header(ubl)
        stored = ubl if content is None else content
        fate = Fate(polls=0)
        self._keep(Kept(Side.INCOMING, header, header.number, stored, now, time.time(), fate))
        return ettn

    # Taking and cancelling documents

    def take(self, side: Side, content: bytes, alias: str, template: str) -> Kept:
        """Take a UBL document.

        Raises:
            Refusal: whatever Nilvera has against it.
        """
        if template and template not in self.templates[side]:
            raise Refusal(404, 3010, "Şablon Bulunamadı.", template)
        header, faults = inspect(content)
        if header is None or faults:
            raise Refusal(422, 2015, "Şema/Şematron Hatası", "; ".join(faults))
        fate = self._fates.get(header.ettn, self.fate)
        document = Kept(side, header, header.number, content, self.clock(), time.time(), fate, alias)
        self._refuse_known(document)
        self._refuse_credit()
        self._refuse_buyer(document)
        self._number(document)
        self._commit(document)
        return document

    def add_series(self, side: Side, name: str, *, active: bool) -> Series:
        """Define a number series."""
        known = self.series[side]
        if len(name) != 3 or not name.isalnum() or name != name.upper():
            raise Refusal(400, 400, "Name", "Seri 3 karakter olmalıdır.")
        if name in known:
            raise Refusal(409, 1005, "Seri daha önce kullanılmış.", name)
        known[name] = Series(len(known) + 10, name, active=active)
        return known[name]

    def cancel(self, ettn: str) -> None:
        """Cancel an e-Arşiv invoice."""
        document = self.find(Side.E_ARCHIVE, ettn)
        if self.state(document) == "error":
            raise Refusal(422, 422, "Hatalı fatura iptal edilemez.", document.number)
        if document.cancelled and self.cancelling_twice_is_refused:
            raise Refusal(422, 422, "Fatura zaten iptal edilmiş.", document.number)
        if not document.cancelled:
            document.cancelled = True
            self.note("document.cancelled", ettn=document.ettn, number=document.number)

    def revert_cancel(self, ettn: str) -> None:
        """Take a cancellation back."""
        document = self.find(Side.E_ARCHIVE, ettn)
        document.cancelled = False
        self.note("document.restored", ettn=document.ettn, number=document.number)

    def _refuse_known(self, document: Kept) -> None:
        sender = document.header.sender_tax_number
        if sender != self.tax_number:
            raise Refusal(409, 1000, "Gönderilen VKN firma ile uyuşmuyor.", sender)
        known = self._by_ettn.get(document.ettn)
        if known is not None and not (self.state(known) == "error" and known.may_be_sent_again):
            raise Refusal(409, 1001, "UUID (ETTN) sistemde kayıtlı.", document.ettn)
        holder = self._by_number.get(document.number)
        if holder is not None and holder.ettn != document.ettn:
            raise Refusal(409, 1004, "Fatura daha önce eklenmiş.", document.number)

    def _refuse_credit(self) -> None:
        if self.credit_ends is not None and self.credit_ends < self.clock():
            raise Refusal(422, 2075, "Kontör paketinizin süresi dolmuş.")
        if self.credit < 1:
            raise Refusal(422, 2000, "Yeterli kontörünüz bulunmamaktadır.")

    def _refuse_buyer(self, document: Kept) -> None:
        buyer, profile = document.header.buyer_tax_number, document.header.profile
        if document.side is Side.E_INVOICE:
            self._refuse_mailbox(document)
        elif profile != _ARCHIVE:
            raise Refusal(422, 2060, "Fatura senaryosu e-Arşiv olmalıdır.", profile)
        elif any(entry.active for entry in self.register.get(buyer, ())):
            raise Refusal(422, 2025, "Alıcı e-Fatura mükellefidir; e-Arşiv gönderilemez.", buyer)

    def _refuse_mailbox(self, document: Kept) -> None:
        buyer, profile = document.header.buyer_tax_number, document.header.profile
        if profile == _ARCHIVE:
            raise Refusal(422, 2063, "Senaryo e-Arşiv; e-Fatura olarak gönderilemez.", profile)
        if not self.registered:
            raise Refusal(422, 2051, "Gönderici e-Fatura mükellefi değildir.")
        entries = self.register.get(buyer, [])
        named = [entry for entry in entries if entry.alias == document.alias]
        if named and not any(entry.active for entry in named):
            raise Refusal(422, 2052, "Alıcı etiketi kullanımda değildir.", document.alias)
        if not any(entry.active for entry in entries):
            raise Refusal(422, 2054, "Alıcı e-Fatura mükellefi değildir.", buyer)
        if not named:
            raise Refusal(404, 3000, "Alıcıya ait etiket bulunamadı.", document.alias)
        if (buyer in self.public_bodies) != (profile == _PUBLIC):
            code = 2059 if buyer in self.public_bodies else 2061
            raise Refusal(422, code, "Kamu senaryosu uyuşmuyor.", profile)

    def _number(self, document: Kept) -> None:
        given, year = document.header.number, document.header.issue_date.year
        series = self.series[document.side].get(given[:3])
        if series is None or not series.active:
            raise Refusal(404, 3009, "Seri firmaya tanımlı değil.", given[:3])
        if len(given) == 3:
            document.number = f"{given}{year}{series.last.get(year, 0) + 1:09d}"
        elif given[3:7] != str(year):
            raise Refusal(422, 2100, "Seri ile belge yılı uyuşmuyor.", given)

    def _commit(self, document: Kept) -> None:
        header, year = document.header, document.header.issue_date.year
        series = self.series[document.side][document.number[:3]]
        series.last[year] = max(series.last.get(year, 0), int(document.number[7:]))
        self.credit -= 1
        self.note(
            "invoice.submitted",
            ettn=document.ettn,
            number=document.number,
            total=str(header.payable),
            currency=header.currency,
            side=document.side.value,
            profile=header.profile,
            buyer=header.buyer_tax_number,
        )
        self._keep(document)

    def _keep(self, document: Kept) -> None:
        earlier = self._by_ettn.get(document.ettn)
        if earlier is not None:
            # Sent again after a fault at GİB: the same document in a new envelope.
            earlier.header, earlier.number, earlier.content = (
                document.header,
                document.number,
                document.content,
            )
            earlier.alias, earlier.asked, earlier.fate = document.alias, 0, self.fate
            self._by_number[document.number] = earlier
            return
        self._by_ettn[document.ettn] = document
        if document.side is not Side.INCOMING:
            self._by_number[document.number] = document
        self.shelves[document.side].add(document)

    # Telling about documents

    def find(self, side: Side, ettn: str) -> Kept:
        """Return a document of a side, whether reads see it yet or not."""
        document = self._by_ettn.get(ettn.lower())
        if document is None or document.side is not side:
            raise Refusal(404, 3003, "Belge Sistemde Bulunamadı.", ettn)
        return document

    def seen(self, side: Side, ettn: str) -> Kept:
        """Return a document of a side that reads see."""
        document = self.find(side, ettn)
        if not self.visible(document.committed_at):
            raise Refusal(404, 3003, "Belge Sistemde Bulunamadı.", ettn)
        return document

    def state(self, document: Kept) -> str:
        """Return Nilvera's word for where a document stands."""
        if document.is_waiting(self.polls, time.time()):
            return "waiting"
        return "error" if document.has_failed else "succeed"

    def status(self, document: Kept) -> dict[str, Any]:
        """Return the answer to a status question; being asked moves the document on."""
        telling = self._archive_status if document.side is Side.E_ARCHIVE else self._invoice_status
        answer = telling(document)
        document.asked += 1
        return answer

    def row(self, document: Kept) -> dict[str, Any]:
        """Return a document as its side's list shows it."""
        header, state = document.header, self.state(document)
        row: dict[str, Any] = {
            "UUID": document.ettn,
            "InvoiceNumber": document.number,
            "InvoiceType": header.kind,
            "IssueDate": self.stamp(document.issued),
            "CurrencyCode": header.currency,
            "PayableAmount": header.payable,
            "CreatedDate": self.stamp(document.created),
            "StatusCode": state,
            "StatusDetail": None,
        }
        if document.side is Side.E_ARCHIVE:
            flags = {"IsCancel": document.cancelled, "IsReport": document.reported}
            return {**row, "ReceiverTaxNumber": header.buyer_tax_number, **flags}
        envelope = {
            "InvoiceProfile": header.profile,
            "AnswerCode": self._answer_code(document),
            "EnvelopeDate": self.stamp(document.created),
        }
        if document.side is Side.INCOMING:
            sender = {"SenderTaxNumber": header.sender_tax_number, "SenderName": header.sender_name}
            return {**row, **envelope, **sender}
        return {**row, **envelope, "ReceiverTaxNumber": header.buyer_tax_number}

    def stamp(self, moment: datetime) -> str:
        """Return a time as Nilvera writes it."""
        if self.writes_zones:
            return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return moment.astimezone(dates.ISTANBUL).replace(tzinfo=None).isoformat(timespec="milliseconds")

    def _answer_code(self, document: Kept) -> str:
        if self.state(document) != "succeed" or document.header.profile != ANSWERED_PROFILE:
            return "unknown"
        answered = document.asked_beyond(self.polls, document.fate.answer_polls)
        return document.fate.answer if answered else "waitingForApproval"

    def _invoice_status(self, document: Kept) -> dict[str, Any]:
        state, answer = self.state(document), self._answer_code(document)
        on_its_way = WAITING_CODES[min(document.asked, len(WAITING_CODES) - 1)]
        gib = on_its_way if state == "waiting" else document.fate.gib_code
        note = document.fate.answer_note if answer in ("approved", "rejected") else ""
        words = document.fate.error if state == "error" else ""
        return {
            "InvoiceProfile": document.header.profile,
            "IssueDate": self.stamp(document.issued),
            "Answer": {"AnswerCode": answer, "AnswerNote": note or None, "Description": None},
            "InvoiceStatus": {
                "Code": state,
                "Description": state.upper(),
                "DetailDescription": words or None,
            },
            "EnvelopeInfo": {
                "UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, document.ettn)),
                "GIBCode": gib,
                "GIBDescription": GIB_WORDS.get(gib, f"HATA {gib}"),
                "CreatedDate": self.stamp(document.created),
            },
        }

    def _archive_status(self, document: Kept) -> dict[str, Any]:
        state = self.state(document)
        if state == "succeed" and document.asked_beyond(self.polls, document.fate.report_polls):
            document.reported = True
        return {
            "StatusCode": state,
            "StatusDetail": document.fate.error or state.upper(),
            "ReportStatus": "Reported" if document.reported else "NotReported",
            "CancelStatus": document.cancelled,
        }
