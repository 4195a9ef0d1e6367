"""Exact matching: which own item an order line is, by keys that are equal or not, never by likeness.

Three keys are tried: a link a person confirmed, the item code (SKU) and the barcode. A confirmed link is
final, because a person decided it. Otherwise one key must name exactly one item and no other key may
exclude it: keys that name different items are a *conflict*, and when every key names several items the line
is *ambiguous*. Nothing is guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from kopru.matching.texts import TEXTS
from kopru.model import LineKind, OrderLine, Text
from kopru.toolkit import taxnumbers


class ItemKey(StrEnum):
    """By what a line finds an item."""

    LINK = "link"
    SKU = "sku"
    BARCODE = "barcode"


ALL_KEYS = (ItemKey.LINK, ItemKey.SKU, ItemKey.BARCODE)


@dataclass(frozen=True, slots=True)
class Item:
    """An own item, as matching and composing need it. ``id`` is the engine's own."""

    id: str
    code: str
    name: str = ""
    barcodes: tuple[str, ...] = ()
    vat_rate: Decimal | None = None
    unit: str = "C62"


@dataclass(frozen=True, slots=True)
class LinkKey:
    """What a confirmed link is stored under: a channel's own name for a product."""

    kind: str
    """``sku``, ``barcode`` or ``product`` (the channel's product id)."""
    value: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The keys to fetch from storage before resolving a batch of lines."""

    links: frozenset[LinkKey]
    codes: frozenset[str]
    barcodes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ItemIndex:
    """The items that may be meant, as the caller found them.

    Args:
        links: item id per confirmed link of this channel.
        by_id: items by id, at least those the links name.
        by_code: items per code as ``code_key`` gives it.
        by_barcode: items per barcode as ``barcode_key`` gives it.
    """

    links: Mapping[LinkKey, str] = field(default_factory=dict)
    by_id: Mapping[str, Item] = field(default_factory=dict)
    by_code: Mapping[str, Sequence[Item]] = field(default_factory=dict)
    by_barcode: Mapping[str, Sequence[Item]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item], links: Mapping[LinkKey, str] | None = None) -> "ItemIndex":
        """Index a whole catalogue."""
        by_id: dict[str, Item] = {}
        by_code: dict[str, list[Item]] = {}
        by_barcode: dict[str, list[Item]] = {}
        for item in items:
            by_id[item.id] = item
            if code_key(item.code):
                by_code.setdefault(code_key(item.code), []).append(item)
            for barcode in dict.fromkeys(map(barcode_key, item.barcodes)):
                if barcode:
                    by_barcode.setdefault(barcode, []).append(item)
        return cls(links=links or {}, by_id=by_id, by_code=by_code, by_barcode=by_barcode)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The line is this item; ``by`` is the strongest key that said so."""

    item: Item
    by: ItemKey
    reason: Text
    code: str = "match.resolved"


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Every key names several items."""

    items: tuple[Item, ...]
    by: ItemKey
    reason: Text
    code: str = "match.ambiguous"


@dataclass(frozen=True, slots=True)
class Conflicting:
    """Keys name different items."""

    items: tuple[Item, ...]
    reason: Text
    code: str = "match.conflict"


@dataclass(frozen=True, slots=True)
class Unmatched:
    """No key names an item."""

    reason: Text
    code: str = "match.unmatched"


@dataclass(frozen=True, slots=True)
class NotTried:
    """The line needs no item: a service of the settings, or cancelled."""

    reason: Text
    code: str


Match = Resolved | Ambiguous | Conflicting | Unmatched | NotTried


def code_key(code: str) -> str:
    """Return an item code as it is compared: outer blanks and ASCII letter case do not count.

    Only ASCII letters are folded, so that two codes never become equal by a rule of one language.
    """
    return "".join(each.upper() if each.isascii() else each for each in " ".join(code.split()))


def barcode_key(barcode: str) -> str:
    """Return a barcode as it is compared, or nothing when it is no barcode.

    GTINs with a right check digit are compared as GTIN-14, so that leading zeros do not count. Digits of a
    GTIN's length with a wrong check digit are a typing mistake and never match. In-house codes of other
    shapes are compared as they are.
    """
    plain = "".join(barcode.split())
    if taxnumbers.is_gtin(plain):
        return plain.zfill(14)
    if plain.isascii() and plain.isdigit() and len(plain) in taxnumbers.GTIN_LENGTHS:
        return ""
    return code_key(plain)


def link_keys(line: OrderLine) -> tuple[LinkKey, ...]:
    """Return the names a link of this line may be stored under, the most telling first.

    A channel's product id may cover several variants (sizes, colours), so it only counts for lines that
    have neither code nor barcode.
    """
    named = (("sku", code_key(line.sku)), ("barcode", barcode_key(line.barcode)))
    keys = tuple(LinkKey(kind, value) for kind, value in named if value)
    return keys or ((LinkKey("product", line.product_id),) if line.product_id else ())


def wanted_keys(lines: Iterable[OrderLine]) -> Wanted:
    """Return every key to look up for these lines, so that storage can fetch them in three queries."""
    tried = [line for line in lines if _skip(line) is None]
    return Wanted(
        links=frozenset(key for line in tried for key in link_keys(line)),
        codes=frozenset(filter(None, (code_key(line.sku) for line in tried))),
        barcodes=frozenset(filter(None, (barcode_key(line.barcode) for line in tried))),
    )


def resolve_lines(
    lines: Iterable[OrderLine], index: ItemIndex, keys: Sequence[str] = ALL_KEYS
) -> dict[str, Match]:
    """Resolve each line to an own item; the answer is keyed by line id.

    Args:
        lines: the lines of one order.
        index: the items that may be meant.
        keys: which keys the tenant lets decide (``link``, ``sku``, ``barcode``).

    Raises:
        ValueError: an unknown key.
    """
    allowed = {ItemKey(key) for key in keys}
    return {line.id: resolve_line(line, index, allowed) for line in lines}


def resolve_line(line: OrderLine, index: ItemIndex, keys: Iterable[ItemKey] = ALL_KEYS) -> Match:
    """Resolve one line; see ``resolve_lines``."""
    skipped = _skip(line)
    if skipped is not None:
        return skipped
    allowed = set(keys)
    linked = _linked(line, index) if ItemKey.LINK in allowed else None
    if linked is not None:
        return linked
    claims = _claims(line, index, allowed)
    if not claims:
        return _unmatched(line, allowed)
    unique = [claim for claim in claims if len(claim.items) == 1]
    if not unique:
        return _ambiguous(line, claims[0])
    best = unique[0]
    if any(best.items[0] not in claim.items for claim in claims):
        return _conflict(line, claims)
    return Resolved(best.items[0], best.key, TEXTS.text(f"match.{best.key.value}", value=best.value))


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one key says about a line."""

    key: ItemKey
    value: str
    items: tuple[Item, ...]


def _skip(line: OrderLine) -> NotTried | None:
    if line.cancelled:
        return NotTried(TEXTS.text("match.cancelled"), "match.cancelled")
    if line.kind in {LineKind.SHIPPING, LineKind.FEE}:
        return NotTried(TEXTS.text("match.service"), "match.service")
    return None


def _linked(line: OrderLine, index: ItemIndex) -> Match | None:
    """Return what the confirmed links say; links that disagree are a conflict like any other."""
    claims = []
    for key in link_keys(line):
        id = index.links.get(key)
        if id is None:
            continue
        item = index.by_id.get(id)
        if item is None:
            return Unmatched(
                TEXTS.text("match.link_gone", name=line.name, value=key.value), "match.link_gone"
            )
        claims.append(_Claim(ItemKey.LINK, key.value, (item,)))
    if not claims:
        return None
    if len({claim.items[0].id for claim in claims}) > 1:
        return _conflict(line, claims)
    return Resolved(claims[0].items[0], ItemKey.LINK, TEXTS.text("match.link"))


def _claims(line: OrderLine, index: ItemIndex, allowed: set[ItemKey]) -> list[_Claim]:
    named = (
        (ItemKey.SKU, line.sku, index.by_code.get(code_key(line.sku), ())),
        (ItemKey.BARCODE, line.barcode, index.by_barcode.get(barcode_key(line.barcode), ())),
    )
    return [
        _Claim(key, value, _distinct(items))
        for key, value, items in named
        if key in allowed and value and items
    ]


def _distinct(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple({item.id: item for item in items}.values())


def _ambiguous(line: OrderLine, claim: _Claim) -> Ambiguous:
    key = TEXTS[f"match.key.{claim.key.value}"]
    template, items = TEXTS["match.ambiguous"], _codes(claim.items)
    reason = Text(
        tr=template.tr.format(key=key.tr, value=claim.value, items=items),
        en=template.en.format(key=key.en, value=claim.value, items=items),
    )
    return Ambiguous(claim.items, claim.key, reason)


def _conflict(line: OrderLine, claims: Sequence[_Claim]) -> Conflicting:
    said = ", ".join(f"{claim.value} → {_codes(claim.items)}" for claim in claims)
    items = _distinct(item for claim in claims for item in claim.items)
    return Conflicting(items, TEXTS.text("match.conflict", name=line.name, claims=said))


def _unmatched(line: OrderLine, allowed: set[ItemKey]) -> Unmatched:
    tried = [
        value
        for key, value in ((ItemKey.SKU, line.sku), (ItemKey.BARCODE, line.barcode))
        if key in allowed and value
    ]
    if not tried:
        return Unmatched(TEXTS.text("match.no_key", name=line.name), "match.no_key")
    if tried == [line.barcode] and not barcode_key(line.barcode):
        reason = TEXTS.text("match.barcode_digit", name=line.name, value=line.barcode)
        return Unmatched(reason, "match.barcode_digit")
    return Unmatched(TEXTS.text("match.unmatched", name=line.name, tried=", ".join(tried)))


def _codes(items: Iterable[Item]) -> str:
    return ", ".join(item.code for item in items)
