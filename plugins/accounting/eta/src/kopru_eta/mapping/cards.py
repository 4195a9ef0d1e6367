"""Item and partner cards and stock levels, read from rows."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from kopru.model import ExternalRef, Finding, PartyCard, Product, Severity, StockLevel
from kopru.model.money import ZERO
from kopru.sdk import Record, SqlRow
from kopru.toolkit import rows, validation
from kopru_eta.codes import ALL_WAREHOUSES, ITEM, PARTY
from kopru_eta.config import EtaConfig
from kopru_eta.texts import TEXTS

Price = tuple[Decimal | None, int]
"""A price and the number of its VAT rate."""


def product_record(
    config: EtaConfig, row: SqlRow, barcodes: Mapping[str, tuple[str, ...]], prices: Mapping[str, Price]
) -> Record[Product]:
    """Map an item card; a unit the settings do not name is taken for pieces, with a warning."""
    warnings: list[Finding] = []
    code = name_of(row, "item_code")
    own = barcodes.get(code, ())
    price = prices.get(code, (None, 0))
    kept = rows.raw({**row, "barcodes": own, "price": price[0], "vat_number": price[1]})
    known = {name: unit for unit, name in config.units.items()}

    def build() -> Product:
        unit = rows.text(row, "unit_name").rstrip(".")
        if unit not in known:
            text = TEXTS.text("eta.item.unit", unit=unit or "-")
            warnings.append(
                Finding(code="eta.item.unit", message=text, field="unit", severity=Severity.WARNING)
            )
        return Product(
            ref=ExternalRef(kind=ITEM, id=rows.text(row, "item_code")),
            revision=kept.digest,
            code=rows.text(row, "item_code"),
            name=rows.text(row, "item_name") or rows.text(row, "item_code"),
            barcodes=own,
            unit=known.get(unit, "C62"),
            raw_unit=unit,
            vat_rate=config.vat_numbers.get(price[1]),
            price=price[0] if price[0] is not None and price[0] >= ZERO else None,
            tax_included=config.prices_include_vat,
        )

    record = validation.record(code or "?", kept, build, prefix="eta.item")
    if record.value is None or not warnings:
        return record
    return Record(record.external_id, record.raw, record.value, tuple(warnings))


def barcodes_of(found: Iterable[SqlRow]) -> dict[str, tuple[str, ...]]:
    """Return barcodes by item; a row that cannot be read costs its barcode only."""
    made: dict[str, tuple[str, ...]] = {}
    for row in found:
        code, barcode = name_of(row, "item_code"), name_of(row, "barcode")
        if code and barcode and barcode not in made.get(code, ()):
            made[code] = (*made.get(code, ()), barcode)
    return made


def prices_of(found: Iterable[SqlRow]) -> dict[str, Price]:
    """Return the lowest price by item."""
    made: dict[str, Price] = {}
    for row in found:
        try:
            price, number = rows.number(row, "price"), rows.integer(row, "vat_number")
        except ValueError:
            continue
        made.setdefault(name_of(row, "item_code"), (price, number))
    return made


def stock_record(row: SqlRow, as_of: datetime) -> Record[StockLevel]:
    """Map the balance of an item card; ETA's balances per warehouse are not described."""
    kept = rows.raw(row)

    def build() -> StockLevel:
        on_hand = rows.number(row, "on_hand")
        if on_hand is None:
            raise ValueError("on_hand is missing")
        code = rows.text(row, "item_code")
        return StockLevel(item_code=code, warehouse=ALL_WAREHOUSES, on_hand=on_hand, as_of=as_of)

    return validation.record(name_of(row, "item_code") or "?", kept, build, prefix="eta.stock")


def card_record(row: SqlRow) -> Record[PartyCard]:
    """Map a partner card."""
    kept = rows.raw(row)

    def build() -> PartyCard:
        code = rows.text(row, "party_code")
        number = rows.text(row, "tax_number").replace(" ", "").replace("-", "")
        return PartyCard(
            ref=ExternalRef(kind=PARTY, id=code),
            revision=kept.digest,
            code=code,
            name=rows.text(row, "customer_name") or code,
            tax_number=number,
        )

    return validation.record(name_of(row, "party_code") or "?", kept, build, prefix="eta.party")


def name_of(row: SqlRow, column: str) -> str:
    """Return a field for people and cursors, empty when it cannot be read."""
    try:
        return rows.text(row, column)[:255]
    except ValueError:
        return ""
