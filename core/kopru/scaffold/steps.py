"""What each hook looks like in a new plugin: the module that does its work, and the first test of it."""

from dataclasses import dataclass

MODULES = {
    "check_connection": "check",
    "refresh_credentials": "login",
    "fetch_definitions": "definitions",
    "parse_webhook": "webhook",
    "fetch_orders": "orders",
    "fetch_order": "orders",
    "parse_orders": "orders",
    "fetch_returns": "orders",
    "fetch_products": "catalogue",
    "fetch_stock": "catalogue",
    "push_stock": "catalogue",
    "push_prices": "catalogue",
    "upsert_product": "catalogue",
    "fetch_parties": "parties",
    "upsert_party": "parties",
    "update_order_status": "status",
    "fetch_label": "status",
    "post_order": "documents",
    "post_invoice": "documents",
    "cancel_document": "documents",
    "submit_invoice": "documents",
    "fetch_document": "documents",
    "fetch_receipts": "documents",
    "fetch_inbox": "documents",
    "lookup_recipient": "recipients",
    "locate": "lookup",
    "fetch_refs": "refs",
    "render_invoice": "rendering",
    "validate_invoice": "rendering",
    "map_line": "advice",
}
"""The module of a plugin in which a hook's work is done."""

ABOUT = {
    "check": "The connection check. Every failed item tells the operator what to do.",
    "login": "The login.",
    "definitions": "The remote's own lists that settings refer to.",
    "webhook": "Calls the remote makes by itself: verified, never trusted.",
    "orders": "Orders and returns, as the hooks ask for them.",
    "catalogue": "Products, stock and prices.",
    "parties": "Business partners.",
    "status": "What is written back to an order.",
    "documents": "Documents: written, cancelled, asked for.",
    "recipients": "Who is registered for e-invoices.",
    "lookup": "After a lost answer: did the write arrive?",
    "refs": "The second listing, by which the engine proves that nothing is missing.",
    "rendering": "The e-document. Pure: the same invoice always gives the same bytes.",
    "advice": "What speaks for or against an own item. Everything it knows comes with the call.",
}
"""What the description of each module says."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A canonical document that records of the remote become: the functions of ``mapping.py`` for it."""

    word: str
    document: str


MAPPED = {
    "fetch_orders": Mapped("order", "Order"),
    "fetch_order": Mapped("order", "Order"),
    "parse_orders": Mapped("order", "Order"),
    "fetch_returns": Mapped("return", "Return"),
    "fetch_products": Mapped("product", "Product"),
    "fetch_stock": Mapped("level", "StockLevel"),
    "fetch_parties": Mapped("party", "PartyCard"),
    "fetch_inbox": Mapped("incoming", "IncomingInvoice"),
}
"""Hooks that return records, and what each of these is."""

_ORDER = 'order = ExternalRef(kind="order", id=str(world.orders[0].id))\n'

FIRST_TESTS = {
    "check_connection": "assert plugin.check_connection(ctx).ok",
    "refresh_credentials": "assert plugin.refresh_credentials(ctx).access_token.get_secret_value()",
    "fetch_definitions": "assert plugin.fetch_definitions(ctx)",
    "parse_webhook": (
        "with pytest.raises(AuthError):\n"
        '    plugin.parse_webhook(ctx, WebhookRequest(headers={}, body=b"{}"))'
    ),
    "fetch_orders": (
        "page = plugin.fetch_orders(ctx, None, window, 50)\n"
        "assert {order.number for order in page.values} == {order.number for order in world.orders}"
    ),
    "fetch_order": (
        f"{_ORDER}"
        "record = plugin.fetch_order(ctx, order)\n"
        "assert record.value is not None, record.findings\n"
        "assert record.value.total == world.orders[0].total"
    ),
    "parse_orders": (
        'with pytest.raises(Rejected):\n    plugin.parse_orders(ctx.config, Raw(b"this is no payload"))'
    ),
    "fetch_returns": "assert plugin.fetch_returns(ctx, None, window, 50).records == ()",
    "fetch_products": (
        "page = plugin.fetch_products(ctx, None, window, 100)\n"
        "assert {product.code for product in page.values} == {item.code for item in world.items}"
    ),
    "fetch_stock": (
        "item = world.items[0]\n"
        "page = plugin.fetch_stock(ctx, None, (item.code,), 50)\n"
        "assert [level.on_hand for level in page.values] == [item.stock]"
    ),
    "fetch_parties": "assert plugin.fetch_parties(ctx, None, window, 50).values",
    "fetch_inbox": "assert plugin.fetch_inbox(ctx, None, window, 50).records == ()",
    "push_stock": (
        "targets = stock_targets(world.items[:2], quantity=5)\n"
        'result = plugin.push_stock(ctx, sample_key("stock"), targets)\n'
        "assert [outcome.state for outcome in result.items] == [ReceiptState.DONE, ReceiptState.DONE]"
    ),
    "push_prices": (
        "targets = price_targets(world.items[:2])\n"
        'result = plugin.push_prices(ctx, sample_key("prices"), targets)\n'
        "assert [outcome.state for outcome in result.items] == [ReceiptState.DONE, ReceiptState.DONE]"
    ),
    "update_order_status": (
        f"{_ORDER}"
        'update = OrderUpdate(order, OrderAction.INVOICED, invoice_number="KIT2026000000001")\n'
        'receipt = plugin.update_order_status(ctx, sample_key("status"), update)\n'
        "assert receipt.state is ReceiptState.DONE"
    ),
    "fetch_label": "assert plugin.fetch_label(ctx, sample_order(world.orders[0])).content",
    "upsert_party": (
        'request = PartyRequest("120.01.001", sample_party(world.buyers[0]))\n'
        'assert plugin.upsert_party(ctx, sample_key("party"), request).number'
    ),
    "upsert_product": (
        'receipt = plugin.upsert_product(ctx, sample_key("item"), sample_product(world.items[0]))\n'
        "assert receipt.number"
    ),
    "post_order": (
        "order = sample_order(world.orders[0])\n"
        "items = {line.id: line.sku for line in order.lines}\n"
        'entry = LedgerOrder(order, party_code="120.01.001", items=items)\n'
        'assert plugin.post_order(ctx, sample_key("order"), entry).echo.total == order.total'
    ),
    "post_invoice": (
        'booking = LedgerInvoice(invoice, party_code="120.01.001")\n'
        'receipt = plugin.post_invoice(ctx, sample_key("invoice"), booking)\n'
        "assert receipt.echo.total == invoice.totals.payable"
    ),
    "cancel_document": (
        'unknown = Cancellation(ExternalRef(kind="invoice", id="0"), reason="Deneme")\n'
        "with pytest.raises(Rejected):\n"
        '    plugin.cancel_document(ctx, sample_key("cancel"), unknown)'
    ),
    "submit_invoice": (
        "submission = Submission(invoice, sample_document(invoice))\n"
        'receipt = plugin.submit_invoice(ctx, sample_key("submit"), submission)\n'
        "assert receipt.state in (ReceiptState.DONE, ReceiptState.ACCEPTED)"
    ),
    "fetch_document": (
        'unknown = ExternalRef(kind="invoice", id="0")\n'
        "with pytest.raises(Rejected):\n"
        "    plugin.fetch_document(ctx, unknown, DocumentFormat.XML, False)"
    ),
    "fetch_receipts": "assert plugin.fetch_receipts(ctx, ()) == ()",
    "lookup_recipient": (
        "buyer = next(each for each in world.buyers if each.aliases)\n"
        "tax_id = sample_party(buyer).tax_id\n"
        "assert tax_id is not None\n"
        "assert plugin.lookup_recipient(ctx, tax_id).registered"
    ),
    "locate": (
        f"{_ORDER}"
        'located = plugin.locate(ctx, Operation.$operation, sample_key("never sent"), order)\n'
        "assert isinstance(located, Absent | CannotTell)"
    ),
    "fetch_refs": "assert plugin.fetch_refs(ctx, RefKind.$refs, None, window, 50).next_cursor is None",
    "render_invoice": "assert plugin.render_invoice(ctx.config, invoice).content",
    "validate_invoice": (
        'nonsense = Rendered(content=b"<nonsense/>", filename="nonsense.xml")\n'
        "assert plugin.validate_invoice(ctx.config, nonsense, ctx.now())"
    ),
    "map_line": 'assert plugin.map_line(ctx, LineBatch("partner", ())) == ()',
}
"""The first test of each hook. It is short on purpose: the contract kit asks everything else."""
