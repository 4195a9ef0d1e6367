"""Item cards (stok): cards and stock levels read back, and our request for ``StokKaydetV2``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from kopru.model import ExternalRef, Finding, LineKind, Product, Severity, StockLevel
from kopru.model.money import ZERO
from kopru.sdk import MappingMissing, Record, Rejected, Unsupported
from kopru.toolkit import rows, validation
from kopru.toolkit.rows import Row
from kopru.toolkit.text import clean, truncate
from kopru_mikro.codes import CODE_LENGTH, ITEM, ITEM_NAME_LENGTH
from kopru_mikro.config import ItemVat, MikroConfig
from kopru_mikro.mapping.party import record_id
from kopru_mikro.mapping.stored import currency_code
from kopru_mikro.texts import TEXTS
from kopru_mikro.vat import Pointers

Body = dict[str, Any]
Barcodes = Mapping[str, Sequence[tuple[str, int]]]
"""Per item code its barcodes and which of the card's units each one means."""

ALL_WAREHOUSES = "all"


def product_record(config: MikroConfig, row: Any, barcodes: Barcodes) -> Record[Product]:
    """Map an item card; one that cannot be read has findings, a unit without mapping a warning."""
    kept = rows.raw([row, barcodes.get(record_id(row, "sto_kod"), ())])
    warnings: list[Finding] = []

    def build() -> Product:
        code = rows.text(row, "sto_kod")
        known = {name: unit for unit, name in config.units.items()}
        named = rows.text(row, "sto_birim1_ad")
        if named not in known:
            text = TEXTS.text("mikro.item.unit", unit=named)
            warnings.append(
                Finding(code="mikro.item.unit", message=text, field="unit", severity=Severity.WARNING)
            )
        own = barcodes.get(code, ())
        return Product(
            ref=ExternalRef(kind=ITEM, id=code),
            revision=kept.digest,
            code=code,
            name=rows.text(row, "sto_isim") or code,
            barcodes=tuple(dict.fromkeys(barcode for barcode, unit in own if unit <= 1)),
            unit=known.get(named, "C62"),
            raw_unit=named,
            brand=rows.text(row, "sto_marka_kodu"),
            group=rows.text(row, "sto_anagrup_kod"),
            vat_rate=rows.number(row, "kdv"),
            extras=_packs(own),
            **_price(config, row),
        )

    record = validation.record(record_id(row, "sto_kod"), kept, build, prefix="mikro.item")
    if record.value is None or not warnings:
        return record
    return Record(record.external_id, record.raw, record.value, tuple(warnings))


def barcodes_of(found: Iterable[Any]) -> Barcodes:
    """Return the barcodes of rows by item; a row that cannot be read costs its barcode only."""
    by_item: dict[str, list[tuple[str, int]]] = {}
    for row in found:
        try:
            barcode, unit = rows.text(row, "barkod"), rows.integer(row, "bar_birimpntr", 1)
            if barcode:
                by_item.setdefault(rows.text(row, "bar_stokkodu"), []).append((barcode, unit))
        except (ValueError, AttributeError):
            continue
    return by_item


def stock_record(warehouse: int | None, row: Any, as_of: datetime) -> Record[StockLevel]:
    """Map a row of the stock statement."""
    kept = rows.raw(row)
    place = ALL_WAREHOUSES if warehouse is None else str(warehouse)

    def build() -> StockLevel:
        on_hand = rows.number(row, "eldeki")
        if on_hand is None:
            raise ValueError("eldeki is missing")
        return StockLevel(
            item_code=rows.text(row, "sto_kod"),
            warehouse=place,
            on_hand=on_hand,
            reserved=rows.number(row, "rezerve") or ZERO,
            as_of=as_of,
        )

    return validation.record(f"{record_id(row, 'sto_kod')}@{place}", kept, build, prefix="mikro.stock")


def check(config: MikroConfig, product: Product) -> None:
    """Refuse a product no card can be made of.

    Raises:
        Unsupported: the product is a service, whose cards have other fields.
        Rejected: ``mikro.item.*``.
        MappingMissing: ``mikro.unit``.
    """
    if product.kind is not LineKind.GOODS:
        raise Unsupported("mikro.item.service", TEXTS["mikro.item.service"])
    faults = (
        ("mikro.item.code", "code", not 0 < len(product.code) <= CODE_LENGTH),
        ("mikro.item.vat", "vat_rate", product.vat_rate is None),
    )
    found = [Finding(code=code, message=TEXTS[code], field=field) for code, field, wrong in faults if wrong]
    if found:
        raise Rejected(found[0].code, found[0].message, findings=found, field=found[0].field)
    if product.unit not in config.units:
        raise MappingMissing("mikro.unit", [product.unit], TEXTS.text("mikro.unit", units=product.unit))


def item_body(config: MikroConfig, product: Product, pointers: Pointers) -> Body:
    """Return the ``stoklar`` entry of a new card; ``pointers`` matters only where the settings ask for it."""
    rate = product.vat_rate or ZERO
    vat = pointers[rate] if config.item_vat is ItemVat.POINTER else rate
    made: Body = {
        "sto_kod": product.code,
        "sto_isim": truncate(clean(product.name), ITEM_NAME_LENGTH),
        "sto_kisa_ismi": "",
        "sto_cins": 0,
        "sto_doviz_cinsi": 0,
        "sto_birim1_ad": config.units[product.unit],
        "sto_perakende_vergi": vat,
        "sto_toptan_vergi": vat,
        "barkodlar": [
            {"bar_kodu": barcode, "bar_barkodtipi": 0, "bar_birimpntr": 1, "bar_master": place == 0}
            for place, barcode in enumerate(product.barcodes)
        ],
    }
    return made


def _packs(barcodes: Sequence[tuple[str, int]]) -> Body:
    """Return the barcodes of other units: a carton's barcode must not stand for one piece."""
    found: dict[str, Any] = {}
    for barcode, unit in barcodes:
        if unit > 1:
            found.setdefault(str(unit), []).append(barcode)
    return {"packs": found} if found else {}


def _price(config: MikroConfig, row: Row) -> Body:
    price = rows.number(row, "fiyat") if config.price_list else None
    if price is None or price < ZERO:
        return {"tax_included": False}
    currency = currency_code(config, rows.integer(row, "doviz"))
    if not currency:
        return {"tax_included": False}
    return {"price": price, "currency": currency, "tax_included": rows.flag(row, "kdvli")}
