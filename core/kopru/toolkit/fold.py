"""Turkish letter case and folding.

Turkish has two letters i: dotted (İ i) and dotless (I ı). Python's own ``lower`` and ``casefold`` follow
English, which makes ``"IŞIK".lower()`` the wrong word and ``"İ".lower()`` two characters.
"""

import re
import unicodedata

_TO_LOWER = str.maketrans({"I": "ı", "İ": "i"})
_TO_UPPER = str.maketrans({"i": "İ", "ı": "I"})
_PLAIN = str.maketrans({"ı": "i", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss"})
_ORDER = str.maketrans({"ç": "c~", "ğ": "g~", "ı": "h~", "ö": "o~", "ş": "s~", "ü": "u~"})
_NOT_WORD = re.compile(r"[\W_]+")


def lower(text: str) -> str:
    """Return the text in Turkish lower case."""
    return unicodedata.normalize("NFC", text).translate(_TO_LOWER).lower()


def upper(text: str) -> str:
    """Return the text in Turkish upper case."""
    return unicodedata.normalize("NFC", text).translate(_TO_UPPER).upper()


def title(text: str) -> str:
    """Return the text with each word's first letter in Turkish upper case, the rest in lower case."""
    return " ".join(upper(word[:1]) + lower(word[1:]) for word in text.split())


def fold(text: str) -> str:
    """Return a comparison key: letter case, both letters i, accents and repeated blanks do not count.

    ``"  IŞIK  Çiçek"``, ``"ışık çiçek"`` and ``"isik cicek"`` have one key. Suits a search column.
    """
    decomposed = unicodedata.normalize("NFKD", lower(unicodedata.normalize("NFKC", text)))
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.translate(_PLAIN).casefold().split())


def key(text: str) -> str:
    """Return ``fold(text)`` without anything but letters and digits, words joined by one blank."""
    return _NOT_WORD.sub(" ", fold(text)).strip()


def header(text: str) -> str:
    """Return a column heading's key: letters and digits only (``"Sipariş No."`` → ``siparisno``)."""
    return _NOT_WORD.sub("", fold(text))


def same(one: str, other: str) -> bool:
    """Whether two texts have the same comparison key."""
    return fold(one) == fold(other)


def sort_key(text: str) -> str:
    """Return a text whose plain byte order is the order of the Turkish alphabet (c ç d … h ı i … z)."""
    return " ".join(lower(text).translate(_ORDER).split())
