"""Matching of order lines to own items. Pure; the exact part.

``wanted_keys(lines)`` says what to fetch, ``ItemIndex`` holds it, ``resolve_lines(lines, index, keys)``
answers per line id: ``Resolved``, ``Ambiguous``, ``Conflicting``, ``Unmatched`` or ``NotTried``.
"""

from kopru.matching.exact import (
    ALL_KEYS,
    Ambiguous,
    Conflicting,
    Item,
    ItemIndex,
    ItemKey,
    LinkKey,
    Match,
    NotTried,
    Resolved,
    Unmatched,
    Wanted,
    barcode_key,
    code_key,
    link_keys,
    resolve_line,
    resolve_lines,
    wanted_keys,
)

__all__ = [
    "ALL_KEYS",
    "Ambiguous",
    "Conflicting",
    "Item",
    "ItemIndex",
    "ItemKey",
    "LinkKey",
    "Match",
    "NotTried",
    "Resolved",
    "Unmatched",
    "Wanted",
    "barcode_key",
    "code_key",
    "link_keys",
    "resolve_line",
    "resolve_lines",
    "wanted_keys",
]
