"""Rows of the feeds, which only tell that something about an order changed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.mapping.common import moment
from kopru_hepsiburada.payload import folded, text_of

CHANGED = "laststatusupdatedate"
_DATES = (
    *(CHANGED, "statusdate", "shippeddate", "delivereddate", "receiveddate", "undelivereddate"),
    *("canceldate", "cancelleddate", "unpackeddate"),
)


class Row(NamedTuple):
    """What a row tells: the orders it is about, and when they changed, as far as it says.

    ``changed_at`` is the order's own time of change; ``at`` is the newest time of any kind.
    """

    orders: tuple[str, ...]
    at: datetime | None
    changed_at: datetime | None


def row_of(data: object, config: HepsiburadaConfig) -> Row:
    """Return what a row of any feed tells; a row that cannot be read names no order."""
    fields = folded(data)
    if not isinstance(fields, dict):
        return Row((), None, None)
    orders = tuple(dict.fromkeys(_orders(fields)))
    times = [moment(text_of(fields.get(name)), config) for name in _DATES]
    return Row(
        orders=orders,
        at=max(filter(None, times), default=None),
        changed_at=times[0],
    )


def identity_of(data: object) -> str:
    """Return what tells a row from its neighbours, the same as long as it is listed."""
    fields = folded(data, depth=1)
    if not isinstance(fields, dict):
        return ""
    names = ("id", "lineitemid", "packagenumber", "number", "listingid", "ordernumber")
    return next(filter(None, (text_of(fields.get(name)) for name in names)), "")


def _orders(fields: Mapping[str, Any]) -> Iterator[str]:
    items = fields.get("items")
    numbers = fields.get("ordernumbers")
    rows = [fields, *(items if isinstance(items, list) else ())]
    found = [row.get("ordernumber") for row in rows if isinstance(row, dict)]
    for number in (*found, *(numbers if isinstance(numbers, list) else ())):
        if is_order_number(text_of(number)):
            yield text_of(number)


def is_order_number(text: str) -> bool:
    """Whether a text can be an order number: ASCII letters, digits and dashes, not only zeros."""
    return text.isascii() and text.replace("-", "").isalnum() and len(text) <= 40 and bool(text.strip("0-"))
