"""Reads fields of Logo's answers, which may hold other types than described."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from kopru.sdk import Raw
from kopru.toolkit import dates

Row = Mapping[str, Any]


def text(row: Row, name: str) -> str:
    """Return a field as text, stripped; missing and null fields are empty.

    Raises:
        ValueError: the field holds an object or a list.
    """
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise ValueError(f"{name} is not a text")
    return str(value).strip()


def number(row: Row, name: str) -> Decimal | None:
    """Return a field as a number; missing, null and empty fields are ``None``.

    Raises:
        ValueError: the field is no finite number.
    """
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool | dict | list):
        raise ValueError(f"{name} is not a number")
    try:
        result = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{name} is not a number") from error
    if not result.is_finite():
        raise ValueError(f"{name} is not a finite number")
    return result


def integer(row: Row, name: str, default: int = 0) -> int:
    """Return a field as a whole number.

    Raises:
        ValueError: the field is no whole number.
    """
    value = number(row, name)
    if value is None:
        return default
    if value != value.to_integral_value() or abs(value) >= 2**63:
        raise ValueError(f"{name} is not a whole number")
    return int(value)


def reference(row: Row, name: str) -> int:
    """Return a record's own reference, which is never missing or zero.

    Raises:
        ValueError: it is.
    """
    value = integer(row, name)
    if value <= 0:
        raise ValueError(f"{name} is missing")
    return value


def day(row: Row, name: str) -> date | None:
    """Return a date field; Logo writes ISO dates with or without a clock.

    Raises:
        Rejected: ``date.unreadable``.
    """
    value = text(row, name)
    return dates.parse_date(value) if value else None


def children(row: Row, name: str) -> tuple[Row, ...]:
    """Return a nested collection; Logo always wraps it in ``{"items": […]}``."""
    collection = row.get(name)
    items = collection.get("items") if isinstance(collection, dict) else None
    return tuple(each for each in items if isinstance(each, dict)) if isinstance(items, list) else ()


def raw(data: Any) -> Raw:
    """Return a record of an answer as bytes for the payload store; numbers keep all their digits as texts."""
    written = json.dumps(data, ensure_ascii=False, default=str, separators=(",", ":"))
    return Raw(written.encode("utf-8", errors="replace"))
