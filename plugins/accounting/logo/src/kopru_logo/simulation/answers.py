"""Requests and records in the forms the simulated service speaks."""

import json
from decimal import Decimal
from urllib.parse import parse_qs

from kopru_logo.simulation import fields
from kopru_logo.simulation.shelf import Body, Entry

_NESTED = ("TRANSACTIONS", "DISPATCHES", "PAYMENT_LIST", "UNITS")


def belongs(entry: Entry, resource: str) -> bool:
    """Whether a record is of the resource: sales and purchase invoices share one table."""
    group = {"salesInvoices": 2, "purchaseInvoices": 1}.get(resource)
    return group is None or entry.body.get("GRPCODE") == group


def known_fields(resource: str) -> frozenset[str]:
    """Return the fields a query on a resource may name."""
    known = {"Arps": fields.ARPS, "items": fields.ITEMS, "salesOrders": fields.ORDER}
    if resource.endswith("Invoices"):
        return fields.INVOICE
    return known.get(resource, frozenset({"CODE", "NAME", "DESCRIPTION"}))


def shown(body: Body, *, full: bool) -> Body:
    """Return a record as it is answered: without ``expandLevel=full`` nested collections stay links."""
    if full:
        return body
    return {
        name: {"Meta": {"href": name}} if name in _NESTED and isinstance(value, dict) else value
        for name, value in body.items()
    }


def short(guid: str) -> str:
    """Return the short reference a GUID stands for."""
    return guid.replace("-", "").lower()[:16]


def body_of(content: bytes) -> Body | None:
    """Return a request's body, or ``None`` when it is no JSON object."""
    try:
        body = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def login_fields(content: bytes, kind: str) -> dict[str, str]:
    """Return the fields of a login in one of the content types installations ask for."""
    text = content.decode("utf-8", errors="replace")
    if kind == "application/json":
        body = body_of(content)
        return {str(name): str(value) for name, value in (body or {}).items()}
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
