"""Products to canonical products: one per variant."""

from decimal import Decimal
from typing import Any

from kopru.model import ExternalRef, LineKind, Product
from kopru.model.money import ZERO, cents
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import text, validation
from kopru.toolkit.mapping import plain, revision, text_faults
from kopru_ikas import codes
from kopru_ikas.config import IkasConfig
from kopru_ikas.mapping.common import error, identity
from kopru_ikas.mapping.lines import variant_id
from kopru_ikas.mapping.remote import RemotePrice, RemoteProduct, RemoteVariant
from kopru_ikas.texts import TEXTS

PREFIX = "ikas.product"

_SHARED = ("id", "name", "type", "updatedAt", "deleted", "brand", "categories")


def product_records(data: object, raw: Raw, index: int, config: IkasConfig) -> tuple[Record[Product], ...]:
    """Map a product with all its variants; a bad variant spoils neither its product nor its neighbours."""
    variants = data.get("variants") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(variants, list):
        return (Record(f"row#{index}", raw, None, (error("ikas.product.not_an_object", "variants"),)),)
    return tuple(_record(data, variant, raw, f"{index}.{n}", config) for n, variant in enumerate(variants))


def price_of(prices: tuple[RemotePrice, ...], price_list: str) -> RemotePrice | None:
    """Return a variant's price in one price list; an empty name means the shop's own prices."""
    return next((each for each in prices if each.price_list_id == price_list), None)


def _record(
    data: dict[str, Any], variant: object, raw: Raw, place: str, config: IkasConfig
) -> Record[Product]:
    own = variant.get("id") if isinstance(variant, dict) else None
    known = variant_id(identity(data, 0), own)[:200] if isinstance(own, str) else f"row#{place}"
    return validation.record(known, raw, lambda: _product(data, variant, raw, config), prefix=PREFIX)


def _product(data: dict[str, Any], row: Any, raw: Raw, config: IkasConfig) -> Product:
    shared = {name: data.get(name) for name in _SHARED}
    product, variant = RemoteProduct.model_validate(shared), RemoteVariant.model_validate(row)
    faults = text_faults({**shared, "variant": row}, raw, PREFIX)
    if faults:
        raise Rejected("ikas.product.unreadable", TEXTS["ikas.product.unreadable"], findings=faults)
    price = price_of(variant.prices, config.price_list_id)
    lowered = price.discount_price if price else None
    full = price.sell_price if price else None
    document = Product(
        ref=ExternalRef(kind=codes.PRODUCT, id=variant_id(product.id, variant.id)),
        revision="-",
        code=text.clean(variant.sku),
        name=text.clean(product.name) or variant.sku or variant.id,
        kind=LineKind.SERVICE if product.type in ("MEMBERSHIP", "SUBSCRIPTION") else LineKind.GOODS,
        barcodes=tuple(dict.fromkeys(code.strip() for code in variant.barcode_list if code.strip())),
        brand=text.clean(product.brand.name),
        group=text.clean(product.categories[0].name) if product.categories else "",
        price=_money(full if lowered is None else lowered),
        list_price=_money(full),
        currency=price.currency if price else "TRY",
        tax_included=not config.prices_exclude_vat,
        stock=_stock(variant, config.stock_location_id),
        active=variant.is_active and not variant.deleted and not product.deleted,
        modified_at=product.updated_at,
    )
    content = revision(document, document.modified_at) if document.modified_at else _digest(document)
    return document.model_copy(update={"revision": content})


def _digest(document: Product) -> str:
    return Raw(document.model_dump_json(exclude={"revision"}).encode()).digest[:16]


def _money(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else cents(amount)


def _stock(variant: RemoteVariant, location: str) -> Decimal:
    counts = (each.stock_count for each in variant.stocks if location in ("", each.stock_location_id))
    return plain(sum(counts, ZERO))
