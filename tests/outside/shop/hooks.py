"""The hooks of a made-up shop's connector, on top of what the scaffold wrote."""

import json

from kopru_tezgah.manifest import MANIFEST
from kopru_tezgah.mapping import order_record

from kopru.model import Text
from kopru.sdk import (
    Absent,
    CheckItem,
    CheckResult,
    Found,
    Page,
    Raw,
    Receipt,
    ReceiptState,
    hookimpl,
)
from kopru.toolkit.records import Item


class Tezgah:
    """Orders in, invoice links back."""

    manifest = MANIFEST

    @hookimpl
    def check_connection(self, ctx):
        """Read the list."""
        _get(ctx, "/orders")
        return CheckResult((CheckItem("orders", ok=True, message=Text(tr="okunuyor", en="readable")),))

    @hookimpl
    def fetch_orders(self, ctx, cursor, window, limit):
        """Return everything; the shop is small."""
        return Page(tuple(_record(each) for each in _get(ctx, "/orders")["orders"]), next_cursor=None)

    @hookimpl
    def fetch_order(self, ctx, ref):
        """Return one order."""
        return _record(_get(ctx, f"/orders/{ref.id}"))

    @hookimpl
    def parse_orders(self, config, raw):
        """Map a stored order."""
        return (order_record(Item(json.loads(raw.content), raw)),)

    @hookimpl
    def update_order_status(self, ctx, key, update):
        """Store the invoice's link."""
        body = {"url": update.invoice_url, "number": update.invoice_number, "reference": key.short}
        ctx.http.request("POST", f"/orders/{update.order.id}/invoice", json=body, headers=_headers(ctx))
        return Receipt(ReceiptState.DONE, ref=update.order)

    @hookimpl
    def locate(self, ctx, operation, key, hint):
        """Look for our reference at the order."""
        invoice = _get(ctx, f"/orders/{hint.id}")["invoice"] or {}
        found = invoice.get("reference") == key.short
        return Found(Receipt(ReceiptState.DONE, ref=hint)) if found else Absent()


def _headers(ctx):
    return {"x-api-key": ctx.config.api_key.get_secret_value()}


def _get(ctx, path):
    return json.loads(ctx.http.request("GET", path, headers=_headers(ctx)).content)


def _record(data):
    return order_record(Item(data, Raw(json.dumps(data, sort_keys=True).encode())))


plugin = Tezgah()
