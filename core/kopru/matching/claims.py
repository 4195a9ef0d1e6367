"""What a line claims to be by identifiers: a confirmed rule, our own code, a barcode."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from kopru.matching.api import CatalogueItem, Line, Via
from kopru.matching.identifiers import barcode_number, gtin
from kopru.matching.index import Index, Shelf

_SURELY_BARCODE = 12
"""Digits from which a partner's code with a right check digit is taken for a barcode; shorter ones are by
chance."""


class Owner(NamedTuple):
    """An item, by the shelf and row it stands in."""

    shelf: Shelf
    row: int

    @property
    def id(self) -> str:
        """The engine's id."""
        return self.shelf.segment.text("id", self.row)

    @property
    def code(self) -> str:
        """The item's code."""
        return self.shelf.segment.text("code", self.row)

    def item(self) -> CatalogueItem:
        """Return the item as it was indexed."""
        return self.shelf.segment.item(self.row)


@dataclass(frozen=True, slots=True)
class Claim:
    """The items one identifier names."""

    via: Via
    owners: tuple[Owner, ...]


@dataclass(frozen=True, slots=True)
class Claims:
    """What the identifiers of a line say, the most trusted first."""

    found: tuple[Claim, ...]
    unknown_barcode: bool
    """The line states a valid barcode that no item has."""
    unknown_code: bool
    """The line states a code of ours that no item has."""

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Every item named."""
        return tuple(dict.fromkeys(owner for claim in self.found for owner in claim.owners))

    @property
    def agreed(self) -> tuple[Owner, ...]:
        """The items that every identifier allows."""
        sets = [set(claim.owners) for claim in self.found]
        return tuple(owner for owner in self.owners if all(owner in each for each in sets))


def claims_of(line: Line, index: Index) -> Claims:
    """Look the identifiers of a line up."""
    rule = Claim(Via.RULE, tuple(_by_id(line.confirmed, index))) if line.confirmed else None
    own = Claim(Via.CODE, tuple(_by_code(line.own_code, index))) if line.own_code.strip() else None
    barcodes = [code for code in _barcodes(line) if code]
    named = [Claim(Via.BARCODE, tuple(_by_barcode(code, index))) for code in barcodes]
    found = [claim for claim in (rule, own, *named) if claim is not None and claim.owners]
    unknown = any(
        not claim.owners and gtin(code) is not None for claim, code in zip(named, barcodes, strict=True)
    )
    return Claims(tuple(found), unknown, own is not None and not own.owners)


def _barcodes(line: Line) -> Iterator[str]:
    if line.barcode.strip():
        yield line.barcode
    digits = re.sub(r"\s+", "", line.seller_code)
    if len(digits) >= _SURELY_BARCODE and gtin(digits) is not None:
        yield digits


def _by_id(id: str, index: Index) -> Iterator[Owner]:
    for shelf, dead in index.shelves:
        row = shelf.segment.row_of(id)
        if row is not None and index.alive([row], dead):
            yield Owner(shelf, row)


def _by_code(code: str, index: Index) -> Iterator[Owner]:
    for shelf, dead in index.shelves:
        for row in index.alive(shelf.segment.rows_of_code(code), dead):
            yield Owner(shelf, row)


def _by_barcode(code: str, index: Index) -> Iterator[Owner]:
    known = gtin(code)
    keys = [barcode_number(code), *([known.number] if known and known.case else [])]
    for key in keys:
        found = [
            Owner(shelf, row)
            for shelf, dead in index.shelves
            for row in index.alive(shelf.segment.rows_of_barcode(key), dead)
        ]
        if found:
            yield from found
            return
