"""Listings to canonical products. They carry no barcode and no VAT rate, and mostly no name."""

from kopru.model import ExternalRef, Product
from kopru.sdk import Raw, Record, Rejected
from kopru.toolkit import dates, mapping, text, validation
from kopru_hepsiburada import codes
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.mapping.common import NAMESPACE, error, moment
from kopru_hepsiburada.mapping.remote import RemoteListing
from kopru_hepsiburada.payload import folded, text_of
from kopru_hepsiburada.texts import TEXTS

PREFIX = "hepsiburada.listing"

_EXTRAS = (
    *("listingid", "dispatchtime", "issalable", "issuspended", "islocked", "isfrozen", "isfulfilledbyhb"),
    *("priceincreasedisabled", "pricedecreasedisabled", "stockdecreasedisabled"),
    *("minimumpurchasablequantity", "maximumpurchasablequantity", "hasvariant"),
)


def product_record(data: object, raw: Raw, index: int, config: HepsiburadaConfig) -> Record[Product]:
    """Map one listing; faults become findings of this record alone."""
    fields = folded(data)
    if not isinstance(fields, dict):
        return Record(f"row#{index}", raw, None, (error("hepsiburada.listing.not_an_object", ""),))
    names = (text_of(fields.get(name)) for name in ("hepsiburadasku", "merchantsku"))
    identity = ":".join(names).strip(":") or f"row#{index}"
    return validation.record(identity, raw, lambda: _product(fields, raw, config), prefix=PREFIX)


def listing_ref(listing: RemoteListing) -> ExternalRef:
    """Return the reference that names both article numbers."""
    return ExternalRef(kind=codes.LISTING, id=f"{listing.hepsiburada_sku}:{listing.merchant_sku}")


def _product(fields: dict[str, object], raw: Raw, config: HepsiburadaConfig) -> Product:
    faults = mapping.text_faults(fields, raw, PREFIX)
    if faults:
        code = "hepsiburada.listing.unreadable"
        raise Rejected(code, TEXTS[code], findings=faults)
    listing = RemoteListing.model_validate(fields)
    price = listing.price
    product = Product(
        ref=listing_ref(listing),
        revision="-",
        code=text.clean(listing.merchant_sku),
        name=text.clean(listing.product_name) or listing.merchant_sku,
        price=mapping.money(price.amount) if price else None,
        currency=(price.currency.strip().upper() if price else "") or "TRY",
        stock=None if listing.available_stock is None else mapping.plain(listing.available_stock),
        active=listing.is_salable and not listing.is_suspended,
        modified_at=moment(listing.last_update_date, config),
        extras={NAMESPACE: mapping.extras(fields, _EXTRAS)},
    )
    digest = mapping.revision(product, product.modified_at or dates.EPOCH)
    return product.model_copy(update={"revision": digest})
