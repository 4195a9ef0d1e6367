"""Reading statements for SQL Server where a service takes them as text and knows no parameters.

A statement is written once with ``:name`` places; ``render`` puts literals there. Only the values a
statement needs come from outside, never names of tables or columns.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from kopru.hooks.errors import Rejected
from kopru.toolkit.texts import TEXTS

Value = str | int | Decimal | date | Sequence[str]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLACE = re.compile(r"'(?:[^']|'')*'|(?<![\w:]):([a-z_]+)\b")
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")


def literal(value: Value) -> str:
    """Return a value as a literal: texts quoted, outside ASCII marked as Unicode, days as ``'20261231'``.

    A sequence of texts becomes a list for ``IN (…)``; an empty one matches nothing.

    Raises:
        Rejected: ``tsql.text`` for a text with control characters.
        ValueError: the number is not finite.
    """
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise Rejected("tsql.text", TEXTS["tsql.text"], detail=repr(value[:100]))
        quoted = value.replace("'", "''")
        return f"'{quoted}'" if value.isascii() else f"N'{quoted}'"
    if isinstance(value, date):
        return f"'{value:%Y%m%d}'"
    if isinstance(value, int | Decimal):
        return _number(value)
    return ", ".join(map(literal, value)) or "NULL"


def render(statement: str, values: Mapping[str, Value]) -> str:
    """Return a statement with a literal in each of its places; what is quoted in it stays untouched.

    Raises:
        Rejected: see ``literal``.
        KeyError: a place has no value.
    """
    return _PLACE.sub(lambda place: literal(values[place[1]]) if place[1] else place[0], statement)


def is_name(text: str) -> bool:
    """Whether a text may stand in a statement as the name of a table or column."""
    return _NAME.match(text) is not None


def _number(value: int | Decimal) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal) and not value.is_finite():
        raise ValueError("a number must be finite")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
