"""One order's rows as they stood in the file, packed so that a better mapping can be replayed on them.

JSON with the table's headings, the order's rows with their numbers, and what the whole file proved about
number styles and doubtful headings. The file's name is left out: the same rows give the same bytes whatever
the file is called.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from kopru.sdk import Rejected
from kopru.toolkit import validation
from kopru_orderfile import columns, profiles
from kopru_orderfile.cells import Cell, Flaw, Row, Table
from kopru_orderfile.config import AUTO, OrderFileConfig
from kopru_orderfile.reading import Decisions
from kopru_orderfile.texts import TEXTS

MEDIA_TYPE = "application/vnd.kopru.orderfile+json"
_MARK = b'{"kopru.orderfile":1,'


def pack(table: Table, decisions: Decisions, rows: Sequence[Row]) -> bytes:
    """Return an order's rows as bytes; the same rows and decisions always give the same bytes."""
    data = {
        "kopru.orderfile": 1,
        "headings": table.columns.headings,
        "rows": [[row.number, row.flaw, [_packed(cell) for cell in row.cells]] for row in rows],
        "styles": sorted(decisions.styles.items()),
        "dates": sorted(decisions.dates.items()),
        "roles": sorted(decisions.roles.items()),
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def is_packed(content: bytes) -> bool:
    """Whether bytes are an order packed here, not a file of a seller."""
    return content.startswith(_MARK)


def unpack(content: bytes, config: OrderFileConfig) -> tuple[Table, Decisions]:
    """Return the table that holds only the packed order, its columns matched anew, and the file's decisions.

    Raises:
        Rejected: ``orderfile.payload.unreadable``.
    """
    data = validation.read_json(content)
    try:
        headings = [str(heading) for heading in data["headings"]]
        rows = [
            Row(int(number), tuple(map(_unpacked, cells)), str(flaw)) for number, flaw, cells in data["rows"]
        ]
        decisions = Decisions(
            styles={int(place): str(style) for place, style in data["styles"]},
            dates={int(place): str(order) for place, order in data["dates"]},
            roles={str(name): str(role) for name, role in data["roles"]},
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        code = "orderfile.payload.unreadable"
        raise Rejected(code, TEXTS[code], detail=f"{type(error).__name__}: {error}"[:300]) from error
    prices = "" if config.prices == AUTO else config.prices
    found = columns.match(headings, profiles.chosen(config.profile, headings), config.columns, prices)
    return Table("", found, rows), decisions


def _packed(cell: Cell) -> Any:
    if isinstance(cell, Decimal):
        return {"n": f"{cell:f}"}
    if isinstance(cell, datetime):
        return {"d": cell.isoformat()}
    if isinstance(cell, Flaw):
        return {"!": cell.code}
    return cell


def _unpacked(cell: Any) -> Cell:
    if isinstance(cell, str):
        return cell
    (kind, value), *_ = cell.items()
    if kind == "n":
        return Decimal(value)
    return datetime.fromisoformat(value) if kind == "d" else Flaw(str(value))
