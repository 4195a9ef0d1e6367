"""Which rows make up which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kopru.toolkit import fold
from kopru_orderfile.cells import Row, Table, blank
from kopru_orderfile.codes import SUMMARY_WORDS
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.fields import BUYERS
from kopru_orderfile.values import Unreadable, identifier

_SUBSTANCE = ("product", "sku", "barcode", *BUYERS)


@dataclass(frozen=True, slots=True)
class Grouped:
    """The rows of each order by its identity, in the file's order, and the rows that name no order.

    Rows without number, product and buyer belong to no order and are left out: sums, notes, blank templates.
    """

    orders: Mapping[str, Sequence[Row]]
    strays: tuple[tuple[Row, str], ...]
    """Each with the last part of a finding code."""


def identity_field(config: OrderFileConfig) -> str:
    """Return the field whose value is an order's identity."""
    return "package" if config.group_by == "package" else "number"


def grouped(table: Table, config: OrderFileConfig) -> Grouped:
    """Return the rows of a table order by order. Rows of one order need not stand together."""
    place = table.columns.places.get(identity_field(config))
    orders: dict[str, list[Row]] = {}
    strays: list[tuple[Row, str]] = []
    above = ""
    for row in table.rows:
        cell = row.cell(place)
        if blank(cell) and not row.flaw and not _has_substance(row, table):
            continue
        try:
            key = "" if blank(cell) else identifier(cell)[:200]
        except Unreadable as error:
            strays.append((row, error.code))
            continue
        if fold.key(key) in SUMMARY_WORDS and not _has_substance(row, table):
            continue
        if not key and config.fill_down:
            key = above
        if key:
            orders.setdefault(key, []).append(row)
            above = key
        else:
            strays.append((row, "no_number"))
    return Grouped(orders, tuple(strays))


def _has_substance(row: Row, table: Table) -> bool:
    places = table.columns.places
    return any(name in places and not blank(row.cell(places[name])) for name in _SUBSTANCE)
