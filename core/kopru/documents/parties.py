"""Buyer and delivery address as they stand on an invoice."""

import unicodedata

from kopru.documents.settings import MissingDistrict
from kopru.model import Address, Order, Party, PartyKind, TaxId, TaxScheme
from kopru.toolkit import taxnumbers


def tidy(text: str) -> str:
    """Return a text fit for a document: composed letters, no control or invisible characters, single blanks.

    Turkish letters stay as they are.
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():
        return " ".join(composed.split())
    kept = (" " if character.isspace() else character for character in composed)
    visible = (each for each in kept if unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return " ".join("".join(visible).split())


def invoice_buyer(missing_district: MissingDistrict, order: Order) -> Party:
    """Return the buyer of an order as it stands on the invoice.

    A person whose name came in one piece is split at the last word, as GİB wants first and last name. A
    buyer without a number gets the conventional one: ``11111111111`` for a consumer, ``2222222222`` abroad. A
    company's number is never made up. An empty invoice address takes the delivery address.
    """
    buyer = order.buyer
    address = buyer.address if buyer.address.city else order.shipping.address
    first, last = _names(buyer)
    return buyer.model_copy(
        update={
            "name": tidy(buyer.name),
            "first_name": first,
            "last_name": last,
            "tax_id": buyer.tax_id or _placeholder(buyer.kind, address.country),
            "tax_office": tidy(buyer.tax_office),
            "address": _address(missing_district, address),
        }
    )


def invoice_delivery(missing_district: MissingDistrict, order: Order) -> Address | None:
    """Return the delivery address, or ``None`` when the source gave none."""
    address = order.shipping.address
    return _address(missing_district, address) if address.city else None


def _names(buyer: Party) -> tuple[str, str]:
    """Return first and last name of a natural person, sole traders included; nothing for companies."""
    first, last = tidy(buyer.first_name), tidy(buyer.last_name)
    natural = buyer.kind is PartyKind.PERSON or (
        buyer.tax_id is not None and buyer.tax_id.scheme is TaxScheme.TCKN
    )
    if not natural or (first and last):
        return first, last
    head, _, tail = tidy(f"{first} {last}".strip() or buyer.name).rpartition(" ")
    return head, tail


def _placeholder(kind: PartyKind, country: str) -> TaxId | None:
    if country != "TR":
        return TaxId(scheme=TaxScheme.VKN, value=taxnumbers.FOREIGN_BUYER_VKN)
    if kind is PartyKind.PERSON:
        return TaxId(scheme=TaxScheme.TCKN, value=taxnumbers.UNKNOWN_CONSUMER_TCKN)
    return None


def _address(missing_district: MissingDistrict, address: Address) -> Address:
    parts = {
        name: tidy(getattr(address, name))
        for name in ("street", "neighbourhood", "district", "city", "postal_code")
    }
    if missing_district is MissingDistrict.USE_CITY:
        parts["district"] = parts["district"] or parts["city"]
    return address.model_copy(update=parts)
