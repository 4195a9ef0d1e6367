"""Texts made fit for a remote's fields: lengths, invisible characters, names, phones."""

import re
import unicodedata
from dataclasses import dataclass

# Bidirectional marks and overrides, zero-width characters, soft hyphen, BOM, interlinear marks and tags:
# invisible, and able to make a text show something else than it holds.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPLIT_NAME = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return a text on one line: NFC, without control and invisible characters, blanks collapsed."""
    return " ".join(_visible(text).split())


def clean_lines(text: str) -> str:
    """Return a text cleaned line by line; empty lines at both ends are dropped."""
    lines = re.split(r"\r\n|\r|\n|\u2028|\u2029", text)
    return "\n".join(clean(line) for line in lines).strip("\n")


def has_hidden(text: str) -> bool:
    """Whether a text holds control, bidirectional or zero-width characters."""
    return bool(_CONTROL.search(text) or _INVISIBLE.search(text))


def truncate(text: str, length: int, *, mark: str = "") -> str:
    """Return the first ``length`` characters; a cut text ends with ``mark`` inside that length.

    Never cuts between a letter and its combining accents.
    """
    if len(text) <= length:
        return text
    end = max(0, length - len(mark))
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return (text[:end].rstrip() + mark)[:length]


def truncate_bytes(text: str, size: int, *, encoding: str = "utf-8") -> str:
    """Return the longest start of a text whose encoded form has at most ``size`` bytes.

    Characters the encoding does not have count as one byte, as a replacement sign would.
    """
    used = 0
    for index, character in enumerate(text):
        used += len(character.encode(encoding, errors="replace"))
        if used > size:
            return truncate(text, index)
    return text


def join(*parts: str, separator: str = " ") -> str:
    """Return the non-empty parts, cleaned and joined."""
    return separator.join(part for part in map(clean, parts) if part)


def split_name(full_name: str) -> tuple[str, str]:
    """Return first names and last name: the last word is the last name, as in Turkish registers.

    A single word is the first name and leaves the last name empty.
    """
    words = _SPLIT_NAME.split(clean(full_name))
    if len(words) == 1:
        return words[0], ""
    return " ".join(words[:-1]), words[-1]


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number in parts: country code, area or operator code, subscriber number; digits only."""

    country: str
    area: str
    number: str

    @property
    def e164(self) -> str:
        """Return ``+905321234567``."""
        return f"+{self.country}{self.area}{self.number}"

    @property
    def national(self) -> str:
        """Return the number as dialled inside the country (``05321234567`` in Turkey)."""
        return f"0{self.area}{self.number}"


def split_phone(text: str) -> Phone | None:
    """Return the parts of a Turkish phone number, or ``None`` when it is not one.

    Takes ``+90 (532) 123 45 67``, ``00905321234567``, ``0532 123 45 67``, ``5321234567``; an extension after
    ``/``, ``x`` or ``dahili`` is dropped.
    """
    bare = re.split(r"/|\bx\b|x(?=\d)|dahili|ext", text, maxsplit=1, flags=re.IGNORECASE)[0]
    if re.search(r"[^\d\s()+.\-\u00a0]", bare):
        return None
    digits = re.sub(r"\D", "", bare)
    for prefix in ("0090", "90", "0"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 10:
            digits = digits[len(prefix) :]
            break
    if len(digits) != 10 or digits[0] not in "2345":
        return None
    return Phone("90", digits[:3], digits[3:])


def _visible(text: str) -> str:
    spaced = re.sub(r"[\t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]", " ", text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _CONTROL.sub("", spaced)))
