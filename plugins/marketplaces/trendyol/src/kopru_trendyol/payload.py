"""Answers of the API as text: each record keeps the exact bytes it came in."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from kopru.sdk import Raw

_SPACE = re.compile(r"[ \t\n\r]*")
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One record of an answer: as data and as it was written."""

    data: Any
    raw: Raw


@dataclass(frozen=True, slots=True)
class Payload:
    """An answer: its records, and the other fields of its envelope.

    ``enveloped`` is false when the text was a bare list or one single record.
    """

    items: tuple[Item, ...]
    fields: Mapping[str, Any] = field(default_factory=dict)
    enveloped: bool = True

    def count(self, name: str) -> int | None:
        """Return a whole, non-negative number of the envelope, or ``None`` when there is none."""
        value = self.fields.get(name)
        return value if type(value) is int and value >= 0 else None


def read(content: bytes) -> Payload:
    """Split a JSON text into its records.

    Accepts ``{"content": [...]}`` with any further fields, a bare list, and one record alone. Numbers stay
    exact. Absurdly long numbers become text and bytes that are not UTF-8 become half surrogates, so that they
    spoil only their own record.

    Raises:
        ValueError: the text is not JSON or nested too deeply.
    """
    text = content.removeprefix(BOM_UTF8).decode("utf-8", errors="surrogateescape")
    try:
        return _read(text, _skip(text, 0))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _read(text: str, start: int) -> Payload:
    if text[start : start + 1] == "[":
        items, end = _items(text, start)
        payload = Payload(items, enveloped=False)
    elif text[start : start + 1] == "{":
        payload, end = _object(text, start)
    else:
        raise ValueError("neither an object nor a list")
    if _skip(text, end) != len(text):
        raise ValueError("text after the end")
    return payload


def _object(text: str, start: int) -> tuple[Payload, int]:
    fields: dict[str, Any] = {}
    items: tuple[Item, ...] | None = None
    at = _skip(text, start + 1)
    while text[at : at + 1] != "}":
        name, at = _decode(text, at)
        if not isinstance(name, str):
            raise ValueError("a field without a name")
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        if name == "content" and text[at : at + 1] == "[":
            items, at = _items(text, at)
        else:
            fields[name], at = _decode(text, at)
        at = _next(text, at, "}")
    end = at + 1
    if items is not None:
        return Payload(items, fields), end
    whole = Item(fields, _raw(text[start:end]))
    return Payload((whole,), fields, enveloped=False), end


def _items(text: str, start: int) -> tuple[tuple[Item, ...], int]:
    items = []
    at = _skip(text, start + 1)
    while text[at : at + 1] != "]":
        data, end = _decode(text, at)
        items.append(Item(data, _raw(text[at:end])))
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


def _raw(text: str) -> Raw:
    return Raw(text.encode("utf-8", errors="surrogateescape"))


def _number(text: str) -> Decimal | str:
    if len(text) > _LONGEST_NUMBER:
        return text
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _whole(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_NUMBER else text


_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_whole, parse_constant=str)
