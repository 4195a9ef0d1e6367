"""Cards by the API's own list methods, for services that take no SELECT.

Pages are asked for by ``Size`` and ``Index``. Whether ``Index`` counts pages or rows is not documented, so it
is found out: when the second page begins with the first one's second row, it counts rows.
"""

from collections.abc import Mapping
from typing import Any

from kopru.sdk import CursorExpired
from kopru.toolkit import paging, rows
from kopru.toolkit.rows import Row
from kopru_mikro import errors
from kopru_mikro.client import Client

MOST = 20_000
"""Longest list that is searched, so that a server which ignores ``Index`` cannot keep us for ever."""

_PAGE = 200
_Place = Mapping[str, str | int | None]


def parties(client: Client, cursor: str | None, limit: int) -> tuple[list[Row], str | None]:
    """Return the next partner cards and the cursor behind them."""
    filters = {"FieldName": "", "WhereStr": "", "Sort": "cari_kod"}
    return _page(client, "CariListesiV2", filters, "cari_kod", cursor, limit)


def items(client: Client, cursor: str | None, limit: int) -> tuple[list[Row], str | None]:
    """Return the next item cards and the cursor behind them."""
    return _page(client, "StokListesiV2", {"Sort": "sto_kod"}, "sto_kod", cursor, limit)


def parties_with(client: Client, column: str, value: str) -> list[Row]:
    """Return the partner cards with a value in a column, compared here whatever the service filters."""
    return _with(client, parties, column, value)


def items_with(client: Client, code: str) -> list[Row]:
    """Return the item cards with a code."""
    return _with(client, items, "sto_kod", code)


def _with(client: Client, listed: Any, column: str, value: str) -> list[Row]:
    found: list[Row] = []
    cursor, read = None, 0
    while read < MOST:
        page, cursor = listed(client, cursor, _PAGE)
        read += len(page)
        found += [row for row in page if _text(row, column) == value]
        if cursor is None:
            return found
    raise errors.unreadable(f"more than {MOST} cards")


def _page(
    client: Client, method: str, filters: Mapping[str, str], key: str, cursor: str | None, limit: int
) -> tuple[list[Row], str | None]:
    place: _Place = paging.decode_cursor(cursor) if cursor else {"index": 0, "size": limit, "by": ""}
    size, index, by = _whole(place, "size"), _whole(place, "index"), str(place.get("by") or "")
    found = _listed(client, method, filters, size, index)
    if index and not by:
        by = "row" if found and _text(found[0], key) == place.get("second") else "page"
        if by == "row":
            index = size
            found = _listed(client, method, filters, size, index)
    if len(found) < size:
        return found, None
    following: dict[str, str | int | None] = {"size": size, "by": by}
    following["index"] = index + (size if by == "row" else 1)
    if not by:
        if size == 1:
            following["by"] = "page"
        else:
            following["second"] = _text(found[1], key)
    return found, paging.encode_cursor(following)


def _listed(client: Client, method: str, filters: Mapping[str, str], size: int, index: int) -> list[Row]:
    data = client.read(method, {**filters, "Size": str(size), "Index": index})
    lists = [data] if isinstance(data, list) else [each for each in _values(data) if isinstance(each, list)]
    if len(lists) != 1 or not all(isinstance(row, dict) for row in lists[0]):
        raise errors.unreadable("no list in the answer")
    return lists[0]


def _values(data: Any) -> list[Any]:
    return list(data.values()) if isinstance(data, dict) else []


def _text(row: Row, name: str) -> str:
    try:
        return rows.text(row, name)
    except ValueError:
        return ""


def _whole(place: _Place, name: str) -> int:
    value = place.get(name)
    if not isinstance(value, int) or value < 0:
        raise CursorExpired("paging.cursor", detail=str(dict(place))[:200])
    return value
