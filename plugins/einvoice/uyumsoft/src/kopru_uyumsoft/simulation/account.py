"""One company's account at the simulated Uyumsoft: what it checks, what it keeps.

Uyumsoft refuses in words. Where the real behaviour is not published, the choice is an attribute.
"""

import re
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from kopru.sdk import Rejected
from kopru.toolkit import einvoice
from kopru.toolkit.taxnumbers import vkn_check_digit
from kopru_uyumsoft.codes import Side
from kopru_uyumsoft.simulation.documents import Box, Fate, Kept, incoming_ubl

COMPANY = ("990000000" + str(vkn_check_digit("990000000")), "Örnek Ticaret A.Ş.")
SUPPLIER = ("991111111" + str(vkn_check_digit("991111111")), "Deneme Tedarik Ltd. Şti.")

_ARCHIVE = "EARSIVFATURA"
_NUMBER = re.compile(r"^[A-Z0-9]{3}20\d{2}\d{9}$")

Note = Callable[..., None]
"""Writes one fact to the ground-truth log: kind, then particulars."""


class Refusal(Exception):
    """Something Uyumsoft does not do, with its words."""


@dataclass(slots=True)
class Registration:
    """One mailbox in the register of e-invoice users."""

    title: str
    alias: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """A document as it was handed over, with what Uyumsoft looks at beside it."""

    content: bytes
    scenario: str
    buyer: str
    alias: str
    delivery: str
    info: str


class Account:
    """The state of one account. Not thread-safe: the simulator answers one request at a time."""

    def __init__(self, note: Note, visible: Callable[[float], bool], polls: int) -> None:
        """Take the truth log, the read lag, and how many status questions find a document on its way."""
        self.note = note
        self.visible = visible
        self.polls = polls
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.tax_number, self.company_name = COMPANY
        self.services = {"HasEInvoice": True, "HasEarchive": True}
        self.register: dict[str, list[Registration]] = {}
        self.sender_aliases = ["urn:mail:defaultgb@ornek.example.com"]
        self.unknown_is_refused = False
        """Whether a status question about an unknown document is refused instead of left unanswered."""
        self.cancelling_twice_is_refused = True
        self.outbox, self.inbox = Box(), Box()
        self._by_ettn: dict[str, Kept] = {}
        self._by_number: dict[str, Kept] = {}
        self._fates: dict[str, Fate] = {}
        self._arrivals = count(1)

    # Changing the world

    def enrol(self, tax_number: str, title: str, alias: str) -> None:
        """Register a mailbox of a taxpayer."""
        self.register.setdefault(tax_number, []).append(Registration(title, alias))

    def script(self, ettn: str, fate: Fate) -> None:
        """Decide the fate of a document, before or after it is sent."""
        self._fates[ettn] = fate
        if document := self._by_ettn.get(ettn):
            document.fate = fate

    def answer(self, ettn: str, answer: str) -> None:
        """Let the buyer of a TICARIFATURA answer now: ``Approved``, ``Declined`` or ``Return``."""
        self.script(ettn, replace(self._by_ettn[ettn].fate, polls=0, answer=answer))

    def receive(
        self, number: str, sender: tuple[str, str], payable: Decimal, profile: str, content: bytes | None
    ) -> str:
        """Let an invoice arrive in the inbox and return its ETTN."""
        now, position = self.clock(), next(self._arrivals)
        ettn = str(uuid.uuid5(uuid.NAMESPACE_URL, f"incoming:{position}"))
        ubl = incoming_ubl(
            ettn=ettn,
            number=number or f"GLN{now.year}{position:09d}",
            profile=profile,
            issued=now,
            sender=sender,
            buyer=self.tax_number,
            payable=payable,
        )
        stored = ubl if content is None else content
        header = einvoice.read_header(ubl)
        document = Kept(Side.INCOMING, header, stored, now, time.time(), Fate(polls=0))
        self._by_ettn[ettn] = document
        self.inbox.add(document)
        return ettn

    # Taking and cancelling documents

    def take(self, sent: Sent) -> Kept:
        """Take a document.

        Raises:
            Refusal: whatever Uyumsoft has against it.
        """
        try:
            header = einvoice.read_header(sent.content)
        except Rejected as error:
            raise Refusal(f"Fatura okunamadı: {error.field or error.code}") from error
        side = Side.E_ARCHIVE if sent.scenario == "eArchive" else Side.E_INVOICE
        fate = self._fates.get(header.ettn, Fate())
        document = Kept(side, header, sent.content, self.clock(), time.time(), fate, sent.info)
        self._refuse_form(document)
        self._refuse_known(document)
        self._refuse_buyer(document, sent)
        self._commit(document)
        return document

    def cancel(self, ettn: str) -> None:
        """Cancel an e-Arşiv invoice."""
        document = self._by_ettn.get(ettn.lower())
        if document is None or document.side is not Side.E_ARCHIVE:
            raise Refusal("İptal edilecek e-Arşiv fatura bulunamadı.")
        if self.status(document) == "Error":
            raise Refusal("Hatalı fatura iptal edilemez.")
        if document.cancelled and self.cancelling_twice_is_refused:
            raise Refusal("Fatura daha önce iptal edilmiş.")
        if not document.cancelled:
            document.cancelled = True
            self.note("document.cancelled", ettn=document.ettn, number=document.header.number)

    def _refuse_form(self, document: Kept) -> None:
        header = document.header
        if header.sender_tax_number != self.tax_number:
            raise Refusal("Gönderici VKN bilgisi firma ile uyuşmuyor.")
        if not _NUMBER.match(header.number):
            raise Refusal("Fatura numarası geçersiz.")

    def _refuse_known(self, document: Kept) -> None:
        known = self._by_ettn.get(document.ettn)
        if known is not None and not (self.status(known) == "Error" and known.may_be_sent_again):
            raise Refusal("Bu ETTN ile daha önce fatura gönderilmiş.")
        holder = self._by_number.get(document.header.number)
        if holder is not None and holder.ettn != document.ettn:
            raise Refusal("Fatura numarası daha önce kullanılmış.")

    def _refuse_buyer(self, document: Kept, sent: Sent) -> None:
        entries = [
            entry for entry in self.register.get(document.header.buyer_tax_number, ()) if entry.enabled
        ]
        if (document.header.profile == _ARCHIVE) != (document.side is Side.E_ARCHIVE):
            raise Refusal("Fatura profili seçilen senaryo ile uyuşmuyor.")
        if document.side is Side.E_ARCHIVE:
            if sent.delivery not in ("Paper", "Electronic"):
                raise Refusal("e-Arşiv teslim şekli belirtilmelidir.")
            if entries:
                raise Refusal("Alıcı e-Fatura mükellefidir; e-Arşiv gönderilemez.")
            return
        if not entries:
            raise Refusal("Alıcı e-Fatura mükellefi değildir.")
        if sent.buyer != document.header.buyer_tax_number:
            raise Refusal("Hedef müşteri fatura alıcısı ile uyuşmuyor.")
        if sent.alias not in {entry.alias for entry in entries}:
            raise Refusal("Alıcı etiketi bulunamadı.")

    def _commit(self, document: Kept) -> None:
        header = document.header
        self.note(
            "invoice.submitted",
            ettn=document.ettn,
            number=header.number,
            total=str(header.payable),
            currency=header.currency,
            side=document.side.value,
            profile=header.profile,
            buyer=header.buyer_tax_number,
        )
        self._by_number[header.number] = document
        earlier = self._by_ettn.get(document.ettn)
        if earlier is not None:
            # Sent again after a fault at GİB: the same document in a new envelope.
            earlier.header, earlier.content, earlier.info = header, document.content, document.info
            earlier.asked, earlier.fate = 0, Fate()
            return
        self._by_ettn[document.ettn] = document
        self.outbox.add(document)

    # Telling about documents

    def box(self, name: str) -> Box:
        """Return the box of that name, ``Inbox`` or ``Outbox``."""
        return self.inbox if name == "Inbox" else self.outbox

    def status(self, document: Kept) -> str:
        """Return Uyumsoft's word for where a document stands."""
        return document.status(self.polls)

    def seen(self, box: str, ettn: str) -> Kept | None:
        """Return a document of a box that reads see."""
        document = self._by_ettn.get(ettn.lower())
        if document is None or (document.side is Side.INCOMING) != (box == "Inbox"):
            return None
        return document if self.visible(document.committed_at) else None

    def known(self, ettns: Sequence[str]) -> list[Kept]:
        """Return the sent documents that reads see.

        Raises:
            Refusal: one is unknown, and the account refuses such questions.
        """
        found = [self.seen("Outbox", ettn) for ettn in ettns]
        if self.unknown_is_refused and None in found:
            raise Refusal("Fatura bulunamadı.")
        return [document for document in found if document is not None]
