"""What the tests share: made-up rows, files written for real, and the plugin's view of them."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kopru.model import Order
from kopru.sdk import Ctx, Raw, Record
from kopru.testing.context import test_ctx
from kopru_orderfile import plugin
from kopru_orderfile.config import OrderFileConfig

BASE: dict[str, Any] = {
    "Sipariş No": "S-1",
    "Sipariş Tarihi": "02.03.2026 09:30",
    "Alıcı": "Ayşe Örnekoğlu",
    "Adres": "Deneme Cad. No:1",
    "İlçe": "Kadıköy",
    "İl": "İstanbul",
    "Stok Kodu": "STK-1",
    "Ürün Adı": "Seramik Kupa",
    "Adet": "1",
    "Birim Fiyat": "120,00",
    "KDV Oranı": "20",
}


def write_csv(rows: Sequence[Mapping[str, Any]], delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    lines = [headings, *([row.get(heading, "") for heading in headings] for row in rows)]
    quoted = (delimiter.join(_quoted(str(cell), delimiter) for cell in line) for line in lines)
    return ("\r\n".join(quoted) + "\r\n").encode(encoding)


def _quoted(cell: str, delimiter: str) -> str:
    if any(mark in cell for mark in (delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def write_xlsx(*sheets: Sequence[Sequence[Any]], titles: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for index, rows in enumerate(sheets):
        sheet = book.create_sheet(titles[index] if titles else f"Sayfa{index + 1}")
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_rows(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    return [headings, *([row.get(heading) for heading in headings] for row in rows)]


def parse_bytes(content: bytes, **settings: Any) -> dict[str, Record[Order]]:
    config = OrderFileConfig(folder="unused", **settings)
    records = plugin.parse_orders(config, Raw(content))
    assert len({record.external_id for record in records}) == len(records)
    return {record.external_id: record for record in records}


def row_of(**changes: Any) -> dict[str, Any]:
    """Return a row; keyword names are headings with ``_`` for blanks."""
    return {**BASE, **{name.replace("_", " "): value for name, value in changes.items()}}


@pytest.fixture
def row() -> Callable[..., dict[str, Any]]:
    return row_of


@pytest.fixture
def csv_of() -> Callable[..., bytes]:
    return write_csv


@pytest.fixture
def xlsx_of() -> Callable[..., bytes]:
    return write_xlsx


@pytest.fixture
def rows_of() -> Callable[..., list[list[Any]]]:
    return as_rows


@pytest.fixture
def parse() -> Callable[..., dict[str, Record[Order]]]:
    return parse_bytes


@pytest.fixture
def parse_rows() -> Callable[..., dict[str, Record[Order]]]:
    """Write rows as CSV and map them."""

    def parsed(*rows: Mapping[str, Any], **settings: Any) -> dict[str, Record[Order]]:
        return parse_bytes(write_csv(rows), **settings)

    return parsed


@pytest.fixture
def order(parse_rows: Callable[..., dict[str, Record[Order]]]) -> Callable[..., Order]:
    """Map rows that must give one order without anything to remark."""

    def mapped(*rows: Mapping[str, Any], **settings: Any) -> Order:
        (record,) = parse_rows(*rows, **settings).values()
        assert record.findings == ()
        assert record.value is not None
        return record.value

    return mapped


@pytest.fixture
def codes(parse_rows: Callable[..., dict[str, Record[Order]]]) -> Callable[..., list[str]]:
    """Map rows of one order that must be held, and return the codes of its findings."""

    def found(*rows: Mapping[str, Any], **settings: Any) -> list[str]:
        (record,) = parse_rows(*rows, **settings).values()
        assert record.value is None
        assert any(finding.blocks for finding in record.findings)
        return [finding.code.removeprefix("orderfile.") for finding in record.findings]

    return found


@pytest.fixture
def ctx_of(tmp_path: Path) -> Callable[..., Ctx[Any]]:
    def made(**settings: Any) -> Ctx[Any]:
        now = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
        return test_ctx(plugin, {"folder": str(tmp_path), **settings}, now=lambda: now)

    return made
