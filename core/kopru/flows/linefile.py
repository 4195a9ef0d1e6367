"""Lines from files: CSV and XLSX tables, and e-invoices in UBL 2.1 that suppliers sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kopru.flows.env import Work
from kopru.flows.linerows import LineRow, LineSource
from kopru.flows.orderlines import line_id_of
from kopru.flows.texts_lines import TEXTS
from kopru.hooks.errors import Rejected
from kopru.model import Finding, Severity
from kopru.toolkit import numbers, tables, xml

_NAMES = {
    "text": ("text", "metin", "açıklama", "ürün adı", "mal hizmet", "ad", "name", "description"),
    "seller_code": ("code", "kod", "ürün kodu", "stok kodu", "satıcı kodu", "seller code", "sku"),
    "own_code": ("own code", "bizim kod", "alıcı kodu", "buyer code"),
    "barcode": ("barcode", "barkod", "gtin", "ean"),
    "unit": ("unit", "birim"),
    "quantity": ("quantity", "miktar", "adet"),
    "price": ("price", "fiyat", "birim fiyat", "unit price"),
    "currency": ("currency", "para birimi", "döviz"),
    "vat_rate": ("vat_rate", "vat", "kdv", "kdv oranı"),
    "partner": ("partner", "cari", "vkn", "tedarikçi", "supplier"),
}
_NUMBERS = ("quantity", "price", "vat_rate")
_LONGEST = 20_000


@dataclass(frozen=True)
class LineFile:
    """The lines of a file and what could not be used."""

    lines: tuple[LineRow, ...]
    findings: tuple[Finding, ...] = ()


def read_lines(work: Work, content: bytes, name: str, partner: str) -> LineFile:
    """Read the lines of a file.

    Args:
        work: whose lines they are.
        content: the file.
        name: its name; with the row's number it names a line for good.
        partner: who it comes from, where the file does not say.

    Raises:
        Rejected: the file cannot be read at all.
    """
    start = content[:1000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"<"):
        return read_invoice(work, content)
    return _table(work, tables.read(content), name, partner, content.startswith(b"PK"))


def _table(work: Work, rows: Sequence[tables.Row], name: str, partner: str, plain: bool) -> LineFile:
    columns = tables.columns(rows[0], _NAMES) if rows else {}
    if not {"text", "seller_code", "barcode"} & columns.keys():
        raise Rejected("lines.file_header", TEXTS["lines.file_header"])
    cells = [(row.number, _named(row, columns)) for row in rows[1:]]
    styles = {each: _style([row.get(each, "") for _, row in cells], plain) for each in _NUMBERS}
    lines, findings = [], []
    for number, row in cells:
        where = f"row {number}"
        texts = {key: value for key, value in row.items() if key not in _NUMBERS and value}
        if not {"text", "seller_code", "barcode"} & texts.keys():
            findings.append(_finding("lines.file_row", where))
            continue
        values = {key: _number(row.get(key, ""), styles[key], where, findings) for key in _NUMBERS}
        texts = {"partner": partner} | texts
        lines.append(_line(work, LineSource.FILE, name, str(number), texts, values))
    return LineFile(tuple(lines), tuple(findings))


def _named(row: tables.Row, columns: Mapping[str, int]) -> dict[str, str]:
    cells = row.cells or ()
    return {name: cells[place][:_LONGEST] for name, place in columns.items() if place < len(cells)}


def _style(cells: Sequence[str], plain: bool) -> numbers.Style:
    """Return how the numbers of a column are written; where nothing tells, the Turkish way."""
    if plain:
        return numbers.Style.INTERNATIONAL
    try:
        return numbers.detect([cell for cell in cells if cell])
    except Rejected:
        return numbers.Style.TURKISH


def _number(cell: str, style: numbers.Style, where: str, findings: list[Finding]) -> Decimal | None:
    if not cell:
        return None
    try:
        return numbers.parse(cell, style)
    except Rejected:
        findings.append(_finding("lines.file_number", where, value=cell[:40]))
        return None


def _line(
    work: Work,
    source: LineSource,
    ref: str,
    line: str,
    texts: Mapping[str, str],
    values: Mapping[str, Decimal | None],
) -> LineRow:
    return LineRow(
        id=line_id_of(work, source, f"{texts.get('partner', '')}:{ref}", line),
        source=source,
        source_ref=f"{texts.get('partner', '')}:{ref}",
        source_line=line,
        partner=texts.get("partner", ""),
        partner_name=texts.get("partner_name", ""),
        text=texts.get("text", ""),
        seller_code=texts.get("seller_code", ""),
        own_code=texts.get("own_code", ""),
        barcode=texts.get("barcode", ""),
        unit=texts.get("unit", ""),
        currency=(texts.get("currency") or "TRY")[:3].upper(),
        quantity=values.get("quantity"),
        price=values.get("price"),
        vat_rate=values.get("vat_rate"),
    )


def _finding(code: str, where: str, **values: object) -> Finding:
    return Finding(code=code, message=TEXTS.text(code, **values), field=where, severity=Severity.ERROR)


# e-invoices (OASIS UBL 2.1; UBL-TR names the parties' VKN and TCKN by schemeID)

_SUPPLIER = "{*}AccountingSupplierParty/{*}Party"
_ITEM = "{*}Item"
_VAT = "0015"
"""Code of the VAT in GİB's list of taxes."""


def read_invoice(work: Work, content: bytes) -> LineFile:
    """Read the lines of an e-invoice.

    Raises:
        Rejected: it is no invoice, or cannot be read.
    """
    root = xml.parse(content)
    if xml.local_name(root) != "Invoice":
        problem = f"<{xml.local_name(root)}>"
        raise Rejected("lines.file", TEXTS.text("lines.file", problem=problem))
    supplier = {"partner": _tax_number(root), "partner_name": _supplier_name(root)}
    number = xml.required_text(root, "{*}ID")
    currency = xml.text(root, "{*}DocumentCurrencyCode")
    findings: list[Finding] = []
    lines = []
    for place, element in enumerate(root.iterfind("{*}InvoiceLine"), 1):
        id = xml.text(element, "{*}ID") or str(place)
        texts = supplier | {"currency": currency} | _item_texts(element)
        if not any(texts.get(key) for key in ("text", "seller_code", "barcode")):
            findings.append(_finding("lines.file_row", f"line {id}"))
            continue
        given = {key: value for key, value in texts.items() if value}
        lines.append(_line(work, LineSource.INVOICE, number, id, given, _item_numbers(element)))
    return LineFile(tuple(lines), tuple(findings))


def _tax_number(root: xml.Element) -> str:
    for id in root.iterfind(f"{_SUPPLIER}/{{*}}PartyIdentification/{{*}}ID"):
        if id.get("schemeID") in ("VKN", "TCKN") and id.text:
            return id.text.strip()
    return xml.text(root, f"{_SUPPLIER}/{{*}}PartyTaxScheme/{{*}}CompanyID")


def _supplier_name(root: xml.Element) -> str:
    name = xml.text(root, f"{_SUPPLIER}/{{*}}PartyName/{{*}}Name")
    person = [xml.text(root, f"{_SUPPLIER}/{{*}}Person/{{*}}{part}") for part in ("FirstName", "FamilyName")]
    return name or " ".join(filter(None, person))


def _item_texts(line: xml.Element) -> dict[str, str]:
    quantity = line.find("{*}InvoicedQuantity")
    return {
        "text": xml.text(line, f"{_ITEM}/{{*}}Name") or xml.text(line, f"{_ITEM}/{{*}}Description"),
        "seller_code": xml.text(line, f"{_ITEM}/{{*}}SellersItemIdentification/{{*}}ID"),
        "own_code": xml.text(line, f"{_ITEM}/{{*}}BuyersItemIdentification/{{*}}ID"),
        "barcode": xml.text(line, f"{_ITEM}/{{*}}StandardItemIdentification/{{*}}ID"),
        "unit": quantity.get("unitCode", "") if quantity is not None else "",
    }


def _item_numbers(line: xml.Element) -> dict[str, Decimal | None]:
    price, base = _amount(line, "{*}Price/{*}PriceAmount"), _amount(line, "{*}Price/{*}BaseQuantity")
    return {
        "quantity": _amount(line, "{*}InvoicedQuantity"),
        "price": price / base if price is not None and base else price,
        "vat_rate": _vat_rate(line),
    }


def _amount(element: xml.Element, path: str) -> Decimal | None:
    try:
        return numbers.parse(xml.text(element, path), numbers.Style.INTERNATIONAL)
    except Rejected:
        return None


def _vat_rate(line: xml.Element) -> Decimal | None:
    """Return the rate of the VAT among the taxes of a line; a single tax without a code is taken for it."""
    taxes = list(line.iterfind("{*}TaxTotal/{*}TaxSubtotal"))
    codes = [xml.text(tax, "{*}TaxCategory/{*}TaxScheme/{*}TaxTypeCode") for tax in taxes]
    vat = next((tax for tax, code in zip(taxes, codes, strict=True) if code == _VAT), None)
    if vat is None and codes == [""]:
        vat = taxes[0]
    return None if vat is None else _amount(vat, "{*}Percent")
