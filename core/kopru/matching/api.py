"""What goes into line matching and what comes out. Plain frozen values; no algorithm.

The other public names stand in three modules:

``kopru.matching.buffers``
    ``pack(arrays)`` gives the bytes of an index file piece by piece, ``unpack(view)`` reads them back without
    copying, so a caller may map a file into memory and share it between processes.
``kopru.matching.index``
    ``build(items)`` makes the arrays of a catalogue. ``Index.of(arrays)`` is the index: immutable, safe to
    read from many threads. ``index.changed(items, gone)`` gives a new index that already finds new and
    renamed items and no longer the removed ones (milliseconds; the arrays are shared). ``index.merged()``
    gives the arrays of a new base with every change in it.
``kopru.matching.matcher``
    ``Matcher(index).match(lines, ...)`` answers one ``Verdict`` a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from kopru.matching.texts_lines import TEXTS
from kopru.model import Text

_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """An own item as the index takes it.

    Args:
        id: the engine's id; unique, compared as it is.
        code: the item's code in the ledger.
        name: the item's name.
        barcodes: GTINs and in-house barcodes.
        aliases: further names, such as line texts people confirmed.
        unit: unit of the card, only kept.
    """

    id: str
    code: str
    name: str
    barcodes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line to find the item of. Any field but ``id`` may be empty.

    Args:
        id: given back in the verdict.
        text: the description, in any spelling.
        seller_code: the partner's own code; a barcode may stand here too.
        barcode: as written, right or wrong.
        unit: unit code or word; ``KOLI`` and the like tell that a case is sold.
        own_code: our own item code where the document states it (buyer's item code).
        confirmed: id of the item a confirmed rule of this partner names, as the caller found it.
        tried: false for lines that need no item (service, expense); answered ``NOT_TRIED``.
    """

    id: str
    text: str
    seller_code: str = ""
    barcode: str = ""
    unit: str = ""
    own_code: str = ""
    confirmed: str = ""
    tried: bool = True


class State(StrEnum):
    """What became of a line. ``USER`` is never answered here: it is what a person's own choice is stored
    as."""

    RESOLVED = "resolved"
    """Çözümlendi: the first suggestion is the item, nobody needs to look."""
    SUGGESTED = "suggested"
    """There are suggestions, a person decides."""
    CONFLICT = "conflict"
    """The line's own statements contradict each other, as barcode and text; a person decides."""
    UNMATCHED = "unmatched"
    """Eşleşmedi: nothing worth suggesting was found."""
    NOT_TRIED = "not_tried"
    """The line needs no item."""
    USER = "user"
    """Kullanıcı: a person chose."""


class Via(StrEnum):
    """By what a suggestion was found."""

    RULE = "rule"
    CODE = "code"
    BARCODE = "barcode"
    ALIAS = "alias"
    TEXT = "text"


class Gate(StrEnum):
    """Why a suggestion may not be resolved alone, however sure the score is."""

    SIZE = "size"
    """A size, strength or number of the line differs from the item's, or the order of joined strengths."""
    PACK = "pack"
    """The number of pieces differs, and the line is not sold by the case."""
    MODEL = "model"
    """A model number differs or is missing on one side."""
    VARIANT = "variant"
    """Line and item name different colours, tastes, forms, or one is with and the other without."""
    UNSTATED = "unstated"
    """The item states a number that the line does not."""
    UNIT = "unit"
    """A number agrees, but only one side says what it counts (``250`` and ``250 ml``)."""
    BARCODE = "barcode"
    """The line's barcode names another item, or none, while the item has one of its own."""
    CODE = "code"
    """The document states our code of another item."""
    RIVAL = "rival"
    """Another item fits the line as well."""
    VAT = "vat"
    """The item has another VAT rate. Never answered here: the caller knows the rates."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The evidence: words and numbers as they stand in the line or the item."""

    matched: tuple[str, ...] = ()
    """Words and numbers both have."""
    line_only: tuple[str, ...] = ()
    """Those of the line that the item lacks."""
    item_only: tuple[str, ...] = ()
    """Those of the item that the line lacks."""

    @property
    def text(self) -> Text:
        """The evidence in one sentence for the user."""
        return TEXTS.text(
            "match.reasons",
            matched=_listed(self.matched),
            line_only=_listed(self.line_only),
            item_only=_listed(self.item_only),
        )


def _listed(words: tuple[str, ...]) -> str:
    shown = ", ".join(words[:_MOST_SHOWN])
    return (shown + ", …" if len(words) > _MOST_SHOWN else shown) or "–"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item a line may be.

    Args:
        item_id: the engine's id.
        item_code: the item's code.
        name: the name or alias that fitted best.
        score: calibrated probability that this is the item, 0 to 1.
        via: how it was found.
        reasons: why, and what speaks against it.
        gates: what forbids resolving alone; empty when nothing does.
        case_size: pieces in a case, when the line is sold by the case and says how many.
        version: version of the matcher and its constants.
    """

    item_id: str
    item_code: str
    name: str
    score: float
    via: Via
    reasons: Reasons
    gates: frozenset[Gate]
    case_size: Decimal | None
    version: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one line: its state, suggestions best first, and one sentence for the user."""

    line_id: str
    state: State
    suggestions: tuple[Suggestion, ...]
    reason: Text
    code: str
    """Stable code of the reason, such as ``match.text.resolved``."""
    version: str

    @property
    def best(self) -> Suggestion | None:
        """The first suggestion."""
        return self.suggestions[0] if self.suggestions else None


@dataclass(frozen=True, slots=True)
class Memory:
    """What a partner and the tenant taught, as the caller has it.

    Args:
        words: the partner's words by ``kopru.matching.normalise.fold``, each with the catalogue words it was
            confirmed to mean (``{"syh": "siyah"}``).
        rejected: pairs of ``text_key(text)`` and item id that a person rejected; never suggested again.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    rejected: frozenset[tuple[str, str]] = frozenset()


NO_MEMORY = Memory()


@dataclass(frozen=True, slots=True)
class Policy:
    """When a line is resolved alone.

    Args:
        threshold: least score at which the text alone decides; ``None`` takes the one that came with the
            constants. A tenant's recalibration sets its own; above 1 always asks. Rules, codes and barcodes
            are not measured by it.
        alone: by what a line may be resolved alone at all.
    """

    threshold: float | None = None
    alone: frozenset[Via] = frozenset(Via)


DEFAULT_POLICY = Policy()
