"""The one spelling in which lines and items are compared.

Suppliers write SEKER, ŞEKER, Şeker and seker for one thing, so Turkish letters are folded away on both sides
instead of being restored. Broken encodings seen in practice are repaired first.
"""

import html
import re
import unicodedata

from kopru.toolkit.fold import fold as fold_any

LONGEST = 2_000
"""Characters of a text that are looked at; names are shorter, and pasted documents are no names."""

_LETTERS = str.maketrans(
    "çğıöşüâîûÇĞİÖŞÜÂÎÛÞþÐðÝý’‘´`ʼ“”″„×–—−‐‑…·•●",
    "cgiosuaiucgiosuaiussggii'''''\"\"\"\"x-----.   ",
)
_LEFT_OVER = re.compile(r"&(?:amp;)?#0*39;?|&?#0*39;?|&apos;?", re.IGNORECASE)
_UTF8_AS_LATIN = {
    "Ã§": "c",
    "Ã‡": "c",
    "Ã\x87": "c",
    "ÄŸ": "g",
    "Ä\x9f": "g",
    "Äž": "g",
    "Ä\x9e": "g",
    "Ä±": "i",
    "Ä°": "i",
    "Ã¶": "o",
    "Ã–": "o",
    "Ã\x96": "o",
    "ÅŸ": "s",
    "Å\x9f": "s",
    "Åž": "s",
    "Å\x9e": "s",
    "Ã¼": "u",
    "Ãœ": "u",
    "Ã\x9c": "u",
    "Ã¢": "a",
    "Ã®": "i",
    "Ã»": "u",
    "â€™": "'",
}
_MOJIBAKE = re.compile("|".join(map(re.escape, _UTF8_AS_LATIN)))
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return the text in lower case without Turkish letters, accents, marks of direction and mojibake."""
    text = text[:LONGEST]
    if "&" in text or "#" in text:
        text = html.unescape(_LEFT_OVER.sub("'", text))
    if not text.isascii():
        text = _MOJIBAKE.sub(lambda match: _UTF8_AS_LATIN[match[0]], text).translate(_LETTERS)
    if not text.isascii():
        text = fold_any("".join(each for each in text if unicodedata.category(each) != "Cf"))
    return text.lower()


def text_key(text: str) -> str:
    """Return the key under which rules and rejections of a text are kept: the folded words alone."""
    return _NOT_WORD.sub(" ", fold(text)).strip()


def code_chars(text: str) -> str:
    """Return a code's letters and digits, folded: ``ES-45L`` and ``es 45l`` are one."""
    return _NOT_WORD.sub("", fold(text))
