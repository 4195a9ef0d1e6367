"""Lines as suppliers might write them, made from item names: two mixes with nothing in common but the names.

``LEARNED`` is trained on; ``HELD_BACK`` never is, it measures what happens with a supplier nobody has seen.
Both are made up here, from habits of tills, scanners and order forms, not from any supplier's lines.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kopru.matching.normalise import fold

WORD = re.compile(r"[^\W\d_]{3,}")
SIZE = re.compile(r"(?<![\w.,])(\d+(?:[.,]\d+)?)\s?(kg|gr|g|lt|litre|l|ml|cl)(?![\w])", re.IGNORECASE)
LETTERS = "abcdefghijklmnoprstuvyz"
_TO_BASE = {"kg": ("g", 1000.0), "g": ("g", 1.0), "gr": ("g", 1.0), "l": ("ml", 1000.0), "lt": ("ml", 1000.0)}
_TO_BASE |= {"litre": ("ml", 1000.0), "ml": ("ml", 1.0), "cl": ("ml", 10.0)}

Change = Callable[[list[str], random.Random], list[str]]


@dataclass(frozen=True)
class Made:
    """A made line: its text, its unit, and what was done to the name."""

    text: str
    unit: str
    changes: tuple[str, ...]


class Names:
    """Tells whether what is left of a name still names one item only."""

    def __init__(self, names: Sequence[str]) -> None:
        self._having: dict[str, set[int]] = defaultdict(set)
        for number, name in enumerate(names):
            for token in _tokens(name):
                self._having[token].add(number)

    def only(self, words: Sequence[str], number: int) -> bool:
        """Whether these words occur together in this name alone."""
        left: set[int] | None = None
        for token in sorted(_tokens(" ".join(words)), key=lambda each: len(self._having.get(each, ()))):
            left = set(self._having.get(token, ())) if left is None else left & self._having.get(token, set())
            if left == {number}:
                return True
        return False


def _tokens(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+|\d+(?:[.,]\d+)?", fold(text)))


def _pick(words: list[str], rnd: random.Random, least: int = 5) -> int | None:
    places = [at for at, word in enumerate(words) if WORD.fullmatch(word) and len(word) >= least]
    return rnd.choice(places) if places else None


def _change_word(change: Callable[[str, random.Random], str], least: int = 5) -> Change:
    def apply(words: list[str], rnd: random.Random) -> list[str]:
        at = _pick(words, rnd, least)
        return words if at is None else [*words[:at], change(words[at], rnd), *words[at + 1 :]]

    return apply


def _vowels_out(word: str, rnd: random.Random) -> str:
    bare = word[0] + "".join(letter for letter in word[1:] if fold(letter) not in "aeiou")
    return (bare if len(bare) > 2 else word[:3]) + rnd.choice(["", "."])


def _cut(word: str, rnd: random.Random) -> str:
    return word[: rnd.randint(3, max(3, len(word) - 2))] + rnd.choice(["", ".", "."])


def _mistype(word: str, rnd: random.Random) -> str:
    at = rnd.randrange(1, len(word) - 1)
    kind = rnd.randrange(4)
    if kind == 0:
        return word[:at] + word[at] + word[at:]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + rnd.choice(LETTERS) + word[at + 1 :]


def _glue(words: list[str], rnd: random.Random) -> list[str]:
    if len(words) < 3:
        return words
    at = rnd.randrange(len(words) - 1)
    return [*words[:at], words[at] + rnd.choice(["", ".", "-"]) + words[at + 1], *words[at + 2 :]]


def _rotate(words: list[str], rnd: random.Random) -> list[str]:
    at = rnd.randrange(1, len(words)) if len(words) > 2 else 0
    return words[at:] + words[:at]


def _noise(words: list[str], rnd: random.Random) -> list[str]:
    extra = rnd.choice(["YENİ", "KAMPANYA", "PROMO", "ORJ.", "İTHAL", "1.KALİTE", "STOK", "ÖZEL FİYAT"])
    return [extra, *words] if rnd.random() < 0.3 else [*words, extra]


def _stray(words: list[str], rnd: random.Random) -> list[str]:
    return [*words, rnd.choice(["{}", "({})", "#{}", "KOD:{}"]).format(rnd.randrange(10_000, 9_999_999))]


def _resize(text: str, rnd: random.Random) -> str:
    def write(match: re.Match[str]) -> str:
        base, factor = _TO_BASE[fold(match[2])]
        value = float(match[1].replace(",", ".")) * factor
        small = rnd.choice(["g", "gr", "GR."] if base == "g" else ["ml", "ML", "cc"])
        if value >= 250 and rnd.random() < 0.5:
            return (
                f"{value / 1000:g}".replace(".", rnd.choice(",."))
                + rnd.choice([" ", ""])
                + ("KG" if base == "g" else rnd.choice(["LT", "L", "Ltr"]))
            )
        return f"{value:g}" + rnd.choice([" ", ""]) + small

    return SIZE.sub(write, text)


def _weigh(words: list[str], rnd: random.Random) -> list[str]:
    """Write litres as kilograms, as tills do with kefir and oil."""
    units = {"l": "KG", "lt": "KG", "litre": "KG", "ml": "GR"}

    def write(match: re.Match[str]) -> str:
        unit = units.get(match[2].lower())
        if unit == "KG" and match[1].isdigit() and rnd.random() < 0.5:
            return f"{int(match[1]) * 1000} GR"
        return f"{match[1]} {unit}" if unit else match[0]

    return SIZE.sub(write, " ".join(words)).split()


def _initial(word: str, rnd: random.Random) -> str:
    return word[:1] + rnd.choice([".", ". "])


def _scan(word: str, rnd: random.Random) -> str:
    pairs = [("o", "0"), ("l", "1"), ("m", "rn"), ("s", "5"), ("u", "ü"), ("i", "l"), ("b", "8"), ("c", "e")]
    able = [(old, new) for old, new in pairs if old in word[1:].lower()]
    if not able:
        return word
    old, new = rnd.choice(able)
    at = word.lower().index(old, 1)
    return word[:at] + new + word[at + 1 :]


def _by_ear(word: str, rnd: random.Random) -> str:
    for old, new in (
        ("w", "v"),
        ("x", "ks"),
        ("q", "k"),
        ("ph", "f"),
        ("ğ", ""),
        ("ck", "k"),
        ("sh", "ş"),
        ("y", "i"),
    ):
        if old in word.lower()[1:]:
            return re.sub(f"(?<=.){old}", new, word, count=1, flags=re.IGNORECASE)
    return word


def _ending(word: str, rnd: random.Random) -> str:
    return word + rnd.choice(["i", "ler", "lar", "si", "nin"]) if rnd.random() < 0.5 else word[:-1]


def _split(words: list[str], rnd: random.Random) -> list[str]:
    at = _pick(words, rnd, 7)
    if at is None:
        return words
    cut = rnd.randrange(3, len(words[at]) - 2)
    return [*words[:at], words[at][:cut], words[at][cut:], *words[at + 1 :]]


def _stock(words: list[str], rnd: random.Random) -> list[str]:
    return [*words, rnd.choice(["SKT:12/27", "LOT A7731", "TR MENŞEİ", "DEPO-2", "BANDROLLÜ", "S.T. 2027"])]


def _shuffle(words: list[str], rnd: random.Random) -> list[str]:
    return [words[0], *rnd.sample(words[1:], len(words) - 1)] if words else words


def _spelled(text: str, rnd: random.Random) -> str:
    """Break the encoding."""
    return rnd.choice(
        [
            lambda: text.encode("cp1254", "replace").decode("latin-1"),
            lambda: text.encode().decode("cp1252", "replace"),
            lambda: text.replace("'", "&#039;").replace("&", "&amp;"),
        ]
    )()


def _turkish_upper(text: str) -> str:
    return text.replace("i", "İ").replace("ı", "I").upper()


@dataclass(frozen=True)
class Mix:
    """Changes with their share of lines."""

    words: tuple[tuple[str, float, Change], ...]
    drop: float
    resize: float
    cases: tuple[str, ...]
    joints: tuple[str, ...]
    broken: float

    def make(self, name: str, number: int, names: Names, rnd: random.Random) -> Made:
        """Write a name as this mix would."""
        words, changes = name.split(), []
        for _ in range(2):
            at = rnd.randrange(len(words)) if len(words) > 3 else -1
            if at >= 0 and rnd.random() < self.drop and not re.search(r"\d", words[at]):
                left = [*words[:at], *words[at + 1 :]]
                if names.only(left, number):
                    words, changes = left, [*changes, "drop"]
        text = " ".join(words)
        if rnd.random() < self.resize:
            changed = _resize(text, rnd)
            changes += ["resize"] * (changed != text)
            words = changed.split()
        for what, share, change in self.words:
            if rnd.random() < share:
                changed_words = change(words, rnd)
                changes += [what] * (changed_words != words)
                words = changed_words
        text, unit = rnd.choice(self.joints).join(words), "AD"
        if rnd.random() < 0.1:
            text += rnd.choice(self.cases).format(rnd.choice([6, 10, 12, 20, 24, 48]))
            unit, changes = "KOLİ", [*changes, "case"]
        style = rnd.random()
        text = fold(text).upper() if style < 0.4 else _turkish_upper(text) if style < 0.6 else text
        if rnd.random() < self.broken:
            text, changes = _spelled(text, rnd), [*changes, "encoding"]
        return Made(text, unit, tuple(changes))


LEARNED = Mix(
    words=(
        ("vowels", 0.25, _change_word(_vowels_out)),
        ("cut", 0.3, _change_word(_cut)),
        ("cut again", 0.15, _change_word(_cut)),
        ("mistype", 0.2, _change_word(_mistype)),
        ("glue", 0.1, _glue),
        ("rotate", 0.2, _rotate),
        ("noise", 0.12, _noise),
        ("stray", 0.1, _stray),
        ("weigh", 0.06, _weigh),
    ),
    drop=0.2,
    resize=0.4,
    cases=(" x{}", " 1*{}", " ({} ADET)", " {}'Lİ KOLİ"),
    joints=(" ",),
    broken=0.05,
)

HELD_BACK = Mix(
    words=(
        ("initial", 0.12, _change_word(_initial, 6)),
        ("scan", 0.2, _change_word(_scan)),
        ("by ear", 0.25, _change_word(_by_ear)),
        ("ending", 0.2, _change_word(_ending)),
        ("split", 0.12, _split),
        ("shuffle", 0.3, _shuffle),
        ("stock", 0.15, _stock),
    ),
    drop=0.3,
    resize=0.5,
    cases=(" {}LI", " *{}", " KOLİ({})", " {} AD/KL"),
    joints=(" ", " ", " ", "  ", "_", " / "),
    broken=0.12,
)
