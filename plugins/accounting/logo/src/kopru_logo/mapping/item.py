"""Item cards (malzeme): cards read from ``items``, stock levels, and our request for a new card."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from kopru.model import ExternalRef, Finding, LineKind, Product, Severity, StockLevel
from kopru.model.money import ZERO
from kopru.sdk import IdempotencyKey, Record, Rejected, Unsupported
from kopru.toolkit import validation
from kopru.toolkit.rows import Row, integer, number, raw, text
from kopru_logo.codes import ITEM, repaired
from kopru_logo.config import LogoConfig
from kopru_logo.mapping.lines import unit_code
from kopru_logo.reading import children, reference
from kopru_logo.texts import TEXTS

Body = dict[str, Any]
_VAT_FIELDS = ("VAT", "SELVAT", "RETURNVAT", "SELPRVAT", "RETURNPRVAT")


def product_record(config: LogoConfig, item: Any) -> Record[Product]:
    """Map an item card; a card that cannot be read has findings, a unit without mapping a warning."""
    kept = raw(item)
    warnings: list[Finding] = []

    def build() -> Product:
        units = children(item, "UNITS")
        main = next((unit for unit in units if _is_main(unit)), units[0] if units else {})
        unit, known = _unit(config, text(main, "UNIT_CODE"))
        if not known:
            message = TEXTS.text("logo.item.unit", unit=text(main, "UNIT_CODE"))
            warnings.append(
                Finding(code="logo.item.unit", message=message, field="unit", severity=Severity.WARNING)
            )
        extras = {"packs": packs} if (packs := _packs(units, main)) else {}
        return Product(
            ref=ExternalRef(kind=ITEM.kind, id=str(reference(item, "INTERNAL_REFERENCE"))),
            revision=kept.digest,
            code=text(item, "CODE"),
            name=_letters(config, text(item, "NAME")) or text(item, "CODE"),
            barcodes=tuple(dict.fromkeys(_barcodes(main))),
            unit=unit,
            raw_unit=text(main, "UNIT_CODE"),
            brand=_letters(config, text(item, "MARKCODE")),
            group=_letters(config, text(item, "GROUP_CODE")),
            vat_rate=_sale_vat(item),
            tax_included=False,
            active=integer(item, "RECORD_STATUS") == 0,
            extras=extras,
        )

    external_id = str(item.get("INTERNAL_REFERENCE") or "?")[:100] if isinstance(item, dict) else "?"
    record = validation.record(external_id, kept, build, prefix="logo.item")
    if record.value is None or not warnings:
        return record
    return Record(record.external_id, record.raw, record.value, tuple(warnings))


def stock_record(warehouse: int, row: Any, as_of: datetime) -> Record[StockLevel]:
    """Map a row of the stock statement."""
    kept = raw(row)

    def build() -> StockLevel:
        return StockLevel(
            item_code=text(row, "CODE"),
            warehouse=str(warehouse),
            on_hand=number(row, "ONHAND") or ZERO,
            reserved=number(row, "RESERVED") or ZERO,
            as_of=as_of,
        )

    code = str(row.get("CODE"))[:100] if isinstance(row, dict) else "?"
    return validation.record(f"{code}@{warehouse}", kept, build, prefix="logo.stock")


def item_body(config: LogoConfig, key: IdempotencyKey, product: Product) -> Body:
    """Return the request body of a new item card.

    Raises:
        Unsupported: the product is a service, whose cards have other fields.
        Rejected: ``logo.item.*`` when code or VAT rate is missing.
        MappingMissing: ``logo.unit``.
    """
    if product.kind is not LineKind.GOODS:
        raise Unsupported("logo.item.service", TEXTS["logo.item.service"])
    found = [
        Finding(code=code, message=TEXTS[code], field=field)
        for code, field, missing in (
            ("logo.item.code", "code", not product.code),
            ("logo.item.vat", "vat_rate", product.vat_rate is None),
        )
        if missing
    ]
    if found:
        raise Rejected(found[0].code, found[0].message, findings=found, field=found[0].field)
    return {
        "CARD_TYPE": 1,
        "CODE": product.code,
        "NAME": product.name,
        "GUID": str(key.uuid).upper(),
        **({"GROUP_CODE": config.item_group} if config.item_group else {}),
        "USEF_PURCHASING": 1,
        "USEF_SALES": 1,
        "USEF_MM": 1,
        **dict.fromkeys(_VAT_FIELDS, product.vat_rate),
        "UNITSET_CODE": config.unit_set,
        "AUTOINCSL": 1,
        "LOTS_DIVISIBLE": 1,
        "MULTI_ADD_TAX": 0,
        "PACKET": 0,
        "UNITS": {"items": [_unit_row(config, product)]},
    }


def _unit_row(config: LogoConfig, product: Product) -> Body:
    barcodes = [{"BARCODE": barcode, "TYPE": 0} for barcode in product.barcodes]
    return {
        "UNIT_CODE": unit_code(config, product.unit),
        "USEF_MTRLCLASS": 1,
        "USEF_PURCHCLAS": 1,
        "USEF_SALESCLAS": 1,
        "CONV_FACT1": 1,
        "CONV_FACT2": 1,
        **({"BARCODE_LIST": {"items": barcodes}} if barcodes else {}),
    }


def _is_main(unit: Row) -> bool:
    return number(unit, "CONV_FACT1") == number(unit, "CONV_FACT2")


def _barcodes(unit: Row) -> Iterator[str]:
    rows = [unit, *children(unit, "BARCODE_LIST")]
    for row in rows:
        for name in ("BARCODE", "BARCODE2", "BARCODE3"):
            if found := text(row, name):
                yield found


def _packs(units: tuple[Row, ...], main: Row) -> Body:
    """Return the barcodes of other units: a carton's barcode must not stand for one piece."""
    others = (
        (text(unit, "UNIT_CODE"), list(dict.fromkeys(_barcodes(unit)))) for unit in units if unit is not main
    )
    return {code: barcodes for code, barcodes in others if barcodes}


def _unit(config: LogoConfig, code: str) -> tuple[str, bool]:
    known = {logo: unit for unit, logo in config.units.items()}
    return known.get(code, "C62"), code in known


def _sale_vat(item: Row) -> Decimal | None:
    sale = number(item, "SELVAT")
    return sale if sale is not None else number(item, "VAT")


def _letters(config: LogoConfig, value: str) -> str:
    return repaired(value) if config.repair_letters else value
