"""Answers of the API as text: each record keeps the exact bytes it came in."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kopru.sdk import Raw, Rejected
from kopru.toolkit import records
from kopru.toolkit.records import Item

_SPACE = b" \t\n\r"


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

    Accepts ``{"content": [...]}`` with any further fields, a bare list, and one record alone.

    Raises:
        ValueError: the text is not JSON, too large or nested too deeply.
    """
    text = content.removeprefix(BOM_UTF8).strip(_SPACE)
    bare = text.startswith(b"[")
    try:
        answer = records.read(text, () if bare else ("content",))
    except Rejected as error:
        raise ValueError(error.detail or error.message.en) from error
    if bare and answer.items is not None:
        return Payload(answer.items, enveloped=False)
    if not isinstance(answer.data, dict):
        raise ValueError("neither an object nor a list")
    if answer.items is None:
        return Payload((Item(answer.data, Raw(text)),), answer.data, enveloped=False)
    fields = {name: value for name, value in answer.data.items() if name != "content"}
    return Payload(answer.items, fields)
