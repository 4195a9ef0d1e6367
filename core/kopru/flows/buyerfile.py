"""A buyer's list of our items, from a CSV or XLSX file."""

from collections.abc import Container, Mapping, Sequence

from kopru.flows.buyers import Listed, finding
from kopru.flows.texts_buyers import TEXTS
from kopru.model import Finding
from kopru.toolkit import tables

_NAMES = {
    "item_code": (
        "stok kodu",
        "kodumuz",
        "satıcı kodu",
        "tedarikçi kodu",
        "item code",
        "our code",
        "code",
        "kod",
    ),
    "barcode": ("barkod", "barcode", "gtin", "ean"),
    "code": (
        "alıcı kodu",
        "müşteri kodu",
        "müşteri stok kodu",
        "alıcı stok kodu",
        "buyer code",
        "buyer item code",
    ),
    "name": (
        "alıcı adı",
        "müşteri ürün adı",
        "alıcı ürün adı",
        "müşteri adı",
        "buyer name",
        "buyer item name",
    ),
}
_HEADING_ROWS = 20
"""Rows in which the headings are looked for; titles may stand above them."""


def read_list(content: bytes) -> tuple[list[Listed], list[Finding]]:
    """Read a buyer's list; a row that cannot be used is told with its number, the others are returned.

    Raises:
        Rejected: the file cannot be read at all.
    """
    rows = tables.read(content)
    for place, row in enumerate(rows[:_HEADING_ROWS]):
        columns = tables.columns(row, _NAMES)
        if _names_an_item(columns) and _says_something(columns):
            return _listed(rows[place + 1 :], columns)
    return [], [Finding(code="buyers.file.header", message=TEXTS["buyers.file.header"], field="header")]


def _listed(rows: Sequence[tables.Row], columns: Mapping[str, int]) -> tuple[list[Listed], list[Finding]]:
    listed: list[Listed] = []
    findings: list[Finding] = []
    for row in rows:
        cells = row.cells or ()
        given = {name: cells[at] for name, at in columns.items() if at < len(cells) and cells[at]}
        if _names_an_item(given) and _says_something(given):
            listed.append(Listed(row.number, **{"code": "", "name": "", **given}))
        else:
            findings.append(finding("buyers.row.empty", row.number))
    return listed, findings


def _names_an_item(given: Container[str]) -> bool:
    return "item_code" in given or "barcode" in given


def _says_something(given: Container[str]) -> bool:
    return "code" in given or "name" in given
