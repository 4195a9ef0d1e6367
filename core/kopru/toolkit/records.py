"""Answers as text: each record of a list keeps the exact bytes it came in."""

import json
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from kopru.hooks.errors import Rejected
from kopru.hooks.types import Raw
from kopru.toolkit.texts import TEXTS
from kopru.toolkit.validation import MAX_BYTES

_SPACE = re.compile(r"[ \t\n\r]*")
_LONGEST_NUMBER = 40
_MAX_EXPONENT = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One record: as data and as it was written."""

    data: Any
    raw: Raw


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its records taken out.

    ``data`` is the whole without the list of records; ``items`` is ``None`` when there is no such list.
    """

    data: Any
    items: tuple[Item, ...] | None = None


def read(content: bytes, path: Sequence[str] = (), *, limit: int = MAX_BYTES) -> Answer:
    """Return JSON data with the records of the list at ``path``, a chain of field names.

    An empty path means that the text itself is the list. Numbers stay exact. Absurdly long numbers become
    text and bytes that are not UTF-8 become half surrogates, so that they spoil only their own record: ask
    ``validation.text_findings`` about each.

    Raises:
        Rejected: ``json.too_large``, ``json.malformed`` or ``json.too_deep``.
    """
    if len(content) > limit:
        raise Rejected("json.too_large", TEXTS.text("json.too_large", size=len(content), limit=limit))
    text = content.removeprefix(BOM_UTF8).decode("utf-8", errors="surrogateescape")
    found: list[tuple[Item, ...]] = []
    try:
        data, end = _value(text, _skip(text, 0), tuple(path), found)
        if _skip(text, end) != len(text):
            raise ValueError("text after the end")
    except RecursionError as error:
        raise Rejected("json.too_deep", TEXTS.text("json.too_deep", limit=sys.getrecursionlimit())) from error
    except ValueError as error:
        raise Rejected("json.malformed", TEXTS["json.malformed"], detail=str(error)[:200]) from error
    return Answer(data, found[-1] if found else None)


def _value(text: str, at: int, path: tuple[str, ...], found: list[tuple[Item, ...]]) -> tuple[Any, int]:
    """Read the value at a place; the list that lies at the end of the path goes to ``found``."""
    if not path and text[at : at + 1] == "[":
        items, end = _items(text, at)
        found.append(items)
        return None, end
    if path and text[at : at + 1] == "{":
        return _object(text, at, path, found)
    return _decode(text, at)


def _object(
    text: str, start: int, path: tuple[str, ...], found: list[tuple[Item, ...]]
) -> tuple[dict[str, Any], int]:
    fields: dict[str, Any] = {}
    at = _skip(text, start + 1)
    while text[at : at + 1] != "}":
        name, at = _decode(text, at)
        if not isinstance(name, str):
            raise ValueError("a field without a name")
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        if name == path[0]:
            fields[name], at = _value(text, at, path[1:], found)
        else:
            fields[name], at = _decode(text, at)
        at = _next(text, at, "}")
    return fields, at + 1


def _items(text: str, start: int) -> tuple[tuple[Item, ...], int]:
    items = []
    at = _skip(text, start + 1)
    while text[at : at + 1] != "]":
        data, end = _decode(text, at)
        items.append(Item(data, Raw(text[at:end].encode("utf-8", errors="surrogateescape"))))
        at = _next(text, end, "]")
    return tuple(items), at + 1


def _next(text: str, at: int, closing: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] == closing:
        return at
    at = _skip(text, _expect(text, at, ","))
    if text[at : at + 1] == closing:
        raise ValueError("a comma before the end")
    return at


def _expect(text: str, at: int, character: str) -> int:
    if text[at : at + 1] != character:
        raise ValueError(f"expected {character!r} at {at}")
    return at + 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _decode(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except StopIteration as error:
        raise ValueError(f"expected a value at {at}") from error


def _number(text: str) -> Decimal | str:
    try:
        value = Decimal(text) if len(text) <= _LONGEST_NUMBER else None
    except InvalidOperation:
        value = None
    return text if value is None or abs(value.adjusted()) > _MAX_EXPONENT else value


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_NUMBER else text


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_whole, parse_constant=str)
