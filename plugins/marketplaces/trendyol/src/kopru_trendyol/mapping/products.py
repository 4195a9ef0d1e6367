"""Approved products to canonical products: one per variant, known by its barcode."""

from collections.abc import Mapping
from typing import Any

from kopru.model import ExternalRef, Product
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import dates, text, validation
from kopru.toolkit.mapping import extras, money, plain, revision, text_faults
from kopru_trendyol import codes
from kopru_trendyol.mapping.common import NAMESPACE, error
from kopru_trendyol.mapping.remote import RemoteContent, RemoteVariant
from kopru_trendyol.texts import TEXTS

PREFIX = "trendyol.product"

_CONTENT = ("title", "brand", "category")
_CONTENT_EXTRAS = ("contentId", "productMainId")
_VARIANT_EXTRAS = ("variantId", "commission", "archived", "locked", "blacklisted", "onSale")


def product_records(data: object, raw: Raw, index: int, currency: str) -> tuple[Record[Product], ...]:
    """Map one content with all its variants; a bad variant spoils neither its content nor its neighbours."""
    variants = data.get("variants") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(variants, list):
        finding = error("trendyol.product.not_an_object", "variants")
        return (Record(f"row#{index}", raw, None, (finding,)),)
    return tuple(
        _record(data, variant, raw, f"row#{index}.{place}", currency)
        for place, variant in enumerate(variants)
    )


def _record(
    content: Mapping[str, Any], variant: object, raw: Raw, place: str, currency: str
) -> Record[Product]:
    barcode = variant.get("barcode") if isinstance(variant, dict) else None
    identity = barcode if isinstance(barcode, str) and 0 < len(barcode) <= 200 else place
    return validation.record(identity, raw, lambda: _product(content, variant, raw, currency), prefix=PREFIX)


def _product(content: Mapping[str, Any], data: Any, raw: Raw, currency: str) -> Product:
    shared = RemoteContent.model_validate({name: content.get(name) for name in _CONTENT})
    variant = RemoteVariant.model_validate(data)
    shown = {name: content.get(name) for name in (*_CONTENT, *_CONTENT_EXTRAS)}
    faults = text_faults({**shown, "variant": data}, raw, PREFIX)
    if faults:
        raise Rejected("trendyol.product.unreadable", TEXTS["trendyol.product.unreadable"], findings=faults)
    stock = variant.stock.quantity
    product = Product(
        ref=ExternalRef(kind=codes.PRODUCT, id=variant.barcode),
        revision="-",
        code=variant.stock_code,
        name=text.clean(shared.title) or variant.stock_code or variant.barcode,
        barcodes=(variant.barcode,),
        brand=text.clean(shared.brand.name),
        group=text.clean(shared.category.name),
        vat_rate=None if variant.vat_rate is None else plain(variant.vat_rate),
        price=None if variant.price.sale is None else money(variant.price.sale),
        list_price=None if variant.price.full is None else money(variant.price.full),
        currency=currency,
        stock=None if stock is None else plain(stock),
        active=not (variant.archived or variant.locked or variant.blacklisted),
        modified_at=variant.modified_at,
        extras={NAMESPACE: extras(content, _CONTENT_EXTRAS) | extras(data, _VARIANT_EXTRAS)},
    )
    return product.model_copy(update={"revision": revision(product, variant.modified_at or dates.EPOCH)})
