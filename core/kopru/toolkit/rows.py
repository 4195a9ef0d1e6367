"""Fields of rows that a remote database or service returns, whatever types they come in.

Missing, null and empty fields are told apart from fields of another type than documented: those raise
``ValueError``, which ``validation.record`` turns into a finding of the one record.
"""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from kopru.hooks.types import Raw

Row = Mapping[str, Any]

_LARGEST = 2**63


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
    """Return a field as a number, also one written as text (``"12.50"``); missing and empty is ``None``.

    A decimal comma is refused rather than guessed.

    Raises:
        ValueError: the field is no finite number.
    """
    value = row.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool | dict | list):
        raise ValueError(f"{name} is not a number")
    try:
        result = Decimal(str(value).strip())
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
    if value != value.to_integral_value() or abs(value) >= _LARGEST:
        raise ValueError(f"{name} is not a whole number")
    return int(value)


def flag(row: Row, name: str) -> bool:
    """Return a field as yes or no: JSON booleans, 0 and 1, and the words a driver writes for them.

    Raises:
        ValueError: the field is neither.
    """
    value = row.get(name)
    if isinstance(value, bool):
        return value
    word = text(row, name).lower()
    if word in ("", "0", "false"):
        return False
    if word in ("1", "-1", "true"):
        return True
    raise ValueError(f"{name} is neither yes nor no")


def raw(data: Any) -> Raw:
    """Return a record of an answer as bytes for the payload store; numbers keep all their digits."""
    written = json.dumps(data, ensure_ascii=False, default=str, separators=(",", ":"))
    return Raw(written.encode("utf-8", errors="replace"))
