"""Which words of a partner stand for words of our item names. Pure."""

from collections.abc import Mapping

_SHORTEST = 2
_MISSING = 2
"""Letters an abbreviation leaves out at least; fewer may be an ending or a typing mistake."""


def abbreviations(line_key: str, name_key: str) -> Mapping[str, str]:
    """Return the words of a confirmed line that shorten exactly one word of the item's name each.

    Args:
        line_key: the line's text, folded.
        name_key: the item's name, folded.
    """
    line, name = line_key.split(), name_key.split()
    ours = [word for word in dict.fromkeys(line) if word not in name]
    theirs = [word for word in dict.fromkeys(name) if word not in line]
    found = {}
    for word in ours:
        meant = [each for each in theirs if shortens(word, each)]
        if len(meant) == 1 and sum(shortens(other, meant[0]) for other in ours) == 1:
            found[word] = meant[0]
    return found


def shortens(word: str, whole: str) -> bool:
    """Whether a word is made of letters of another in their order, beginning with the first."""
    if not (word.isalpha() and whole.isalpha()):
        return False
    if len(word) < _SHORTEST or len(whole) < len(word) + _MISSING or word[0] != whole[0]:
        return False
    letters = iter(whole)
    return all(letter in letters for letter in word)
