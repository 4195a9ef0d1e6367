"""Documents as the simulated Nilvera keeps them, each with a fate that can be scripted."""

import re
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from datetime import datetime, time
from uuid import UUID

from kopru.sdk import Rejected
from kopru.toolkit import dates, xml
from kopru.toolkit.einvoice import GIB_FAULTS, GibGroup, Header, read_header
from kopru_nilvera.codes import Side

WAITING_CODES = (1000, 1100, 1200, 1220)
"""GİB's codes a document walks through before it is delivered."""

GIB_WORDS = {
    1000: "ZARF KUYRUĞA EKLENDİ",
    1100: "ZARF İŞLENİYOR",
    1200: "ZARF BAŞARIYLA İŞLENDİ",
    1220: "HEDEFTEN SİSTEM YANITI BEKLENİYOR",
    1300: "BAŞARIYLA TAMAMLANDI",
}
_NUMBER = re.compile(r"^[A-Z0-9]{3}(20\d{2}\d{9})?$")


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one document.

    ``polls`` is how many status questions find it waiting, ``seconds`` how long it waits at least; then it
    succeeds, or fails when ``gib_code`` is a fault or ``error`` gives Nilvera's own words. ``answer`` is the
    buyer's to a TICARIFATURA, given after ``answer_polls`` more questions. ``report_polls`` is the same for
    an e-Arşiv invoice's report.
    """

    polls: int | None = None
    seconds: float = 0.0
    gib_code: int = 1300
    error: str = ""
    answer: str = "waitingForApproval"
    answer_note: str = ""
    answer_polls: int = 0
    report_polls: int = 1


@dataclass(slots=True)
class Kept:
    """A document at Nilvera. ``committed_at`` is ``time.time()``, ``asked`` counts status questions."""

    side: Side
    header: Header
    number: str
    content: bytes
    created: datetime
    committed_at: float
    fate: Fate
    alias: str = ""
    asked: int = 0
    cancelled: bool = False
    reported: bool = False

    @property
    def ettn(self) -> str:
        """Return the ETTN in lower case."""
        return self.header.ettn

    @property
    def issued(self) -> datetime:
        """Return the date of issue as Nilvera lists it: the Istanbul day's start."""
        return datetime.combine(self.header.issue_date, time(), dates.ISTANBUL)

    def is_waiting(self, polls: int, now: float) -> bool:
        """Whether it is still on its way; ``polls`` is the simulator's own number of waiting answers."""
        needed = polls if self.fate.polls is None else self.fate.polls
        return self.asked < needed or now - self.committed_at < self.fate.seconds

    @property
    def has_failed(self) -> bool:
        """Whether its fate is to fail."""
        return bool(self.fate.error) or self.fate.gib_code in GIB_FAULTS

    @property
    def may_be_sent_again(self) -> bool:
        """Whether GİB's code lets the same ETTN and number be sent once more."""
        return GIB_FAULTS.get(self.fate.gib_code, GibGroup.DUPLICATE) is not GibGroup.DUPLICATE

    def asked_beyond(self, polls: int, further: int) -> bool:
        """Whether it was asked about so many times after it stopped waiting."""
        return self.asked >= (polls if self.fate.polls is None else self.fate.polls) + further


@dataclass(slots=True)
class Shelf:
    """The documents of one side, found by day without walking over all of them."""

    kept: list[Kept] = field(default_factory=list)
    _by_created: list[tuple[datetime, int]] = field(default_factory=list)
    _by_issue: list[tuple[datetime, int]] = field(default_factory=list)
    _last: tuple[tuple[object, ...], list[Kept]] | None = None

    def add(self, document: Kept) -> None:
        """Put a document on the shelf."""
        position = len(self.kept)
        self.kept.append(document)
        insort(self._by_created, (document.created, position))
        insort(self._by_issue, (document.issued, position))

    def select(self, by_issue: bool, since: datetime, until: datetime) -> list[Kept]:
        """Return the documents of a span, both ends included, in order of creation."""
        asked = (by_issue, since, until, len(self.kept))
        if self._last is None or self._last[0] != asked:
            index = self._by_issue if by_issue else self._by_created
            start = bisect_left(index, (since, -1))
            end = bisect_right(index, (until, len(self.kept)))
            found = [self.kept[position] for _, position in index[start:end]]
            if by_issue:
                found.sort(key=lambda document: document.created)
            self._last = (asked, found)
        return self._last[1]


def inspect(content: bytes) -> tuple[Header | None, tuple[str, ...]]:
    """Return a UBL document's header and what Nilvera finds wrong, a small part of its rules."""
    try:
        root = xml.parse(content)
        header = read_header(content)
    except Rejected as error:
        return None, (error.field or error.detail or error.code,)
    total = "{*}LegalMonetaryTotal/{*}PrepaidAmount"
    quantities = xml.texts(root, "{*}InvoiceLine/{*}InvoicedQuantity")
    prices = xml.texts(root, "{*}InvoiceLine/{*}Price/{*}PriceAmount")
    found = {
        "BuyerReference kullanılamaz.": root.find("{*}BuyerReference") is not None,
        "PrepaidAmount kullanılamaz.": root.find(total) is not None,
        "Miktar ve fiyat eksi olamaz.": any(value.startswith("-") for value in (*quantities, *prices)),
        "UUID geçersiz.": not _is_uuid(header.ettn),
        "ID geçersiz.": not _NUMBER.match(header.number),
    }
    return header, tuple(words for words, wrong in found.items() if wrong)


def file_in(content_type: str, body: bytes) -> bytes | None:
    """Return the bytes of the multipart field ``file``, ``None`` when there is none."""
    match = re.search(r'boundary="?([^";]+)"?', content_type)
    if not content_type.startswith("multipart/form-data") or not match:
        return None
    for part in body.split(b"--" + match[1].encode()):
        head, blank, content = part.partition(b"\r\n\r\n")
        if blank and b'name="file"' in head:
            return content.removesuffix(b"\r\n")
    return None


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
