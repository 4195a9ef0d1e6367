"""Words of which an item has one: colours, tastes, with or without.

A line and an item that name different ones are siblings, not the same.
"""

from collections.abc import Iterable
from functools import lru_cache

_GROUPS = """\
siyah beyaz kirmizi mavi yesil sari pembe mor turuncu kahverengi gri bej lacivert bordo haki turkuaz
black white red blue green yellow pink purple orange brown gray grey
cilekli muzlu kakaolu findikli fistikli vanilyali limonlu visneli portakalli kayisili karamelli elmali \
seftalili uzumlu narli ananasli bogurtlenli kavunlu hindistancevizli bademli cevizli ahududulu mangolu naneli
cilek muz kakao findik fistik vanilya limon visne portakal kayisi karamel elma seftali uzum nar ananas \
bogurtlen kavun hindistancevizi badem ceviz ahududu mango nane
sade acili tatli eksi
kadin erkek bebek cocuk
sag sol
yarim tam light
hindi tavuk dana kuzu sigir balik
tablet kapsul surup krem merhem jel losyon supozituvar
flakon ampul enjektor kalem kartus
small medium large xlarge
"""
_GROUP_OF = {word: number for number, words in enumerate(_GROUPS.splitlines()) for word in words.split()}
_SUFFIXES = (("li", "with"), ("lu", "with"), ("siz", "without"), ("suz", "without"))
_SHORTEST_STEM = 2


@lru_cache(maxsize=1 << 16)
def _choices(word: str) -> tuple[tuple[str, str], ...]:
    """Return what a word chooses: out of a group, and with or without its stem (*şekerli*, *şekersiz*)."""
    found = [(str(_GROUP_OF[word]), word)] if word in _GROUP_OF else []
    for suffix, choice in _SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            found.append((f"~{stem}", choice))
    return tuple(found)


def differ(line_left: Iterable[str], item_left: Iterable[str], shared: Iterable[str]) -> int:
    """Return how many choices line and item make differently.

    Args:
        line_left: words of the line that the item lacks.
        item_left: words of the item that the line lacks.
        shared: words of the item that the line has.
    """
    ours = dict(choice for word in line_left for choice in _choices(word))
    if not ours:
        return 0
    theirs = dict(choice for word in item_left for choice in _choices(word))
    contested = [group for group, choice in ours.items() if theirs.get(group, choice) != choice]
    if not contested:
        return 0
    agreed = {group for word in shared for group, _ in _choices(word)}
    return sum(group not in agreed for group in contested)
