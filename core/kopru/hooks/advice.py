"""What advisers are asked and what they answer: which own item a line of a partner's document may be.

The engine has looked already; an adviser says what speaks for or against items the engine may have missed.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kopru.model import Text


@dataclass(frozen=True, slots=True)
class Candidate:
    """An own item the built-in matcher thinks a line may be.

    ``score`` is its probability, 0 to 1. ``closed`` says that the item contradicts a size, pack, model number
    or code that the line states: it is never chosen without a person, whatever is advised.
    """

    item_id: str
    item_code: str
    name: str
    score: float
    closed: bool = False


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line nobody has decided yet. Any field but ``id`` may be empty.

    ``price`` is per unit and without VAT, in ``currency``; ``unit`` is the document's unit code or word.
    ``candidates`` come best first.
    """

    id: str
    text: str
    seller_code: str = ""
    barcode: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    currency: str = "TRY"
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line of the same partner that was posted to an own item before. Prices as in ``AskedLine``.

    ``confirmed`` says that a person chose or confirmed the item.
    """

    text: str
    item_id: str
    item_code: str
    item_name: str
    at: datetime
    seller_code: str = ""
    barcode: str = ""
    unit: str = ""
    price: Decimal | None = None
    currency: str = "TRY"
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class LineBatch:
    """Lines of one partner to advise on, and what is known about the partner.

    ``partner`` is a key within the company and means nothing outside it. ``past`` comes newest first and may
    be cut off.
    """

    partner: str
    lines: tuple[AskedLine, ...]
    past: tuple[PastLine, ...] = ()


@dataclass(frozen=True, slots=True)
class LineAdvice:
    """What speaks for or against one item of one line.

    ``weight`` goes from -1 (surely not) over 0 (nothing) to 1 (surely). ``reason`` is one sentence for the
    user that names the evidence.
    """

    line_id: str
    item_id: str
    weight: float
    reason: Text
