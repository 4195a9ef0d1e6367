"""Texts a person reads, always in Turkish and English."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

Language = Literal["tr", "en"]


class Text(BaseModel):
    """One message in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tr: str
    en: str

    def of(self, language: Language) -> str:
        """Return the message in one language."""
        return self.tr if language == "tr" else self.en

    def fill(self, **values: object) -> Self:
        """Return the message with its ``{name}`` places filled."""
        return type(self)(tr=self.tr.format(**values), en=self.en.format(**values))


class Catalogue:
    """The user texts of one package, found by stable dotted code."""

    def __init__(self, entries: Mapping[str, tuple[str, str]]) -> None:
        """Take ``{code: (Turkish, English)}``."""
        self._entries = {code: Text(tr=tr, en=en) for code, (tr, en) in entries.items()}

    def __getitem__(self, code: str) -> Text:
        """Return the template of a code.

        Raises:
            KeyError: the code has no text.
        """
        return self._entries[code]

    def __contains__(self, code: object) -> bool:
        return code in self._entries

    def codes(self) -> frozenset[str]:
        """Return every code that has a text."""
        return frozenset(self._entries)

    def text(self, code: str, /, **values: object) -> Text:
        """Return the text of a code with its places filled."""
        return self._entries[code].fill(**values)
