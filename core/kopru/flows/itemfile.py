"""Own items from a CSV file: code, name, barcode, vat_rate, unit, prices; Turkish headers work too."""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import count

from kopru.hooks.types import Raw, Record
from kopru.model import ExternalRef, Finding, Product, Text
from kopru.toolkit import numbers, validation
from kopru.toolkit.fold import fold

_NAMES = {
    "code": ("code", "kod", "stok kodu", "urun kodu", "sku"),
    "name": ("name", "ad", "urun adi", "aciklama", "stok adi"),
    "barcode": ("barcode", "barkod", "barkodlar", "barcodes", "gtin"),
    "vat_rate": ("vat_rate", "kdv", "kdv orani", "vat"),
    "unit": ("unit", "birim"),
    "price": ("price", "fiyat", "satis fiyati"),
    "list_price": ("list_price", "list price", "liste fiyati"),
}
_UNITS = {
    "": "C62",
    "adet": "C62",
    "ad": "C62",
    "kg": "KGM",
    "gr": "GRM",
    "lt": "LTR",
    "mt": "MTR",
    "koli": "BX",
}


def read_items(content: bytes) -> tuple[list[Record[Product]], list[Finding]]:
    """Read items; a row that cannot be used is told with its number, the others are returned."""
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = _rows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    columns = _columns(next(rows, (1, []))[1] or [])
    if "code" not in columns or "name" not in columns:
        return [], [
            _finding(
                "items.file.header", "header", "“kod” ve “ad” sütunları", "the columns “code” and “name”"
            )
        ]
    items: list[Record[Product]] = []
    findings: list[Finding] = []
    for number, cells in rows:
        if cells is None:
            findings.append(_finding("items.file.row", f"row {number}", "kısa hücreler", "shorter cells"))
        elif any(cell.strip() for cell in cells):
            row = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
            made = _item(row, number, findings)
            if made is not None:
                items.append(made)
    return items, findings


def _decoded(content: bytes) -> str:
    """Return the text; what is not UTF-8 was written by a Turkish Windows program."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1254", errors="replace")


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | None]]:
    """Yield each row with its number; ``None`` stands for one with a cell beyond all measure."""
    for number in count(1):
        try:
            yield number, next(reader)
        except csv.Error:
            yield number, None
        except StopIteration:
            return


def _columns(header: list[str]) -> dict[str, int]:
    folded = [" ".join(fold(cell).split()) for cell in header]
    return {name: folded.index(word) for name, words in _NAMES.items() for word in words if word in folded}


def _item(row: dict[str, str], number: int, findings: list[Finding]) -> Record[Product] | None:
    code, name = row.get("code", ""), row.get("name", "")
    if not code or not name:
        findings.append(_finding("items.file.row", f"row {number}", "kod ve ad", "code and name"))
        return None
    rate = _rate(row.get("vat_rate", ""))
    if rate is None and row.get("vat_rate"):
        findings.append(
            _finding("items.file.vat", f"row {number}", "geçerli bir KDV oranı", "a valid VAT rate")
        )
        return None
    raw = Raw(repr(row).encode(), "text/csv")
    record = validation.record(code, raw, lambda: _product(row, rate), prefix="items.file")
    findings += [each.model_copy(update={"field": f"row {number}, {each.field}"}) for each in record.findings]
    return record if record.value is not None else None


def _product(row: dict[str, str], rate: Decimal | None) -> Product:
    unit = row.get("unit", "")
    return Product(
        ref=ExternalRef(kind="file", id=row["code"]),
        revision="1",
        code=row["code"],
        name=row["name"],
        barcodes=tuple(part.strip() for part in row.get("barcode", "").split("|") if part.strip()),
        unit=_UNITS.get(fold(unit), unit if unit.isascii() and unit.isupper() and len(unit) <= 3 else "C62"),
        vat_rate=rate,
        price=_amount(row.get("price", "")),
        list_price=_amount(row.get("list_price", "")),
    )


def _rate(text: str) -> Decimal | None:
    try:
        rate = Decimal(text.strip().strip("%").replace(",", "."))
    except InvalidOperation:
        return None
    return rate if 0 <= rate <= 100 else None


def _amount(text: str) -> Decimal | None:
    """Return an amount with VAT; an empty cell is no price, and one that reads two ways is refused."""
    return numbers.parse(text, numbers.detect([text])) if text else None


def _finding(code: str, where: str, tr: str, en: str) -> Finding:
    return Finding(
        code=code, message=Text(tr=f"{tr} gerekli.", en=f"{en.capitalize()} are needed."), field=where
    )
