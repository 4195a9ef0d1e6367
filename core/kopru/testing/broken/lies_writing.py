"""Plugins that lie about what they write. What the lie is stands in the first line of each class."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kopru.hooks.errors import ConnectorError, OutcomeUnknown, TransientError
from kopru.hooks.manifest import Manifest
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    Absent,
    BatchResult,
    Found,
    IdempotencyKey,
    LedgerInvoice,
    LedgerOrder,
    Located,
    Operation,
    Receipt,
    ReceiptState,
)
from kopru.model import (
    ExternalRef,
    PriceTarget,
)
from kopru.testing.broken.common import (
    Context,
    listing,
    receipt,
    send,
)
from kopru.testing.broken.ledger import LEDGER, ledger
from kopru.testing.broken.lies_reading import READER, Checks
from kopru.testing.broken.shop import SHOP, shop

_LEDGER_WRITES = LEDGER.writes


def writer(*operations: Operation, **changes: Any) -> Manifest:
    """Return the manifest of a ledger that makes some writes only."""
    writes = {operation: _LEDGER_WRITES[operation] for operation in operations}
    facts = {"streams": {}, "removable": (), "documents": LEDGER.documents, **changes}
    if Operation.POST_INVOICE not in operations:
        facts["documents"] = ()
    return replace(LEDGER, name="liar", **{"writes": writes, **facts})


class DoublesBlindly(Checks):
    """Says that the target takes our key, but never sends it."""

    manifest = writer(Operation.POST_INVOICE)

    @hookimpl
    def post_invoice(self, ctx: Context, key: IdempotencyKey, invoice: LedgerInvoice) -> Receipt:
        """Book an invoice."""
        total, number = str(invoice.invoice.totals.payable), invoice.invoice.number
        return ledger.book(ctx, key, "invoices", {"number": number, "total": total})


class OrderWriter(Checks):
    """Enters orders in the ledger and looks them up."""

    manifest = writer(Operation.POST_ORDER)

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        return ledger.post_order(ctx, key, order)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up."""
        return ledger.locate(ctx, operation, key, hint)


class NeverFinds(OrderWriter):
    """Says absent whatever was written."""

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up."""
        return Absent()


class GuessesAbsent(OrderWriter):
    """Takes trouble with the look-up for "absent"."""

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up."""
        try:
            return ledger.locate(ctx, operation, key, hint)
        except ConnectorError:
            return Absent()


class GuessesFound(OrderWriter):
    """Takes the newest order for the one that was asked about."""

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up."""
        found = listing(ctx, "ledger-orders")
        return Found(receipt("ledger-orders", found[-1])) if found else Absent()


class CallsItTransient(OrderWriter):
    """Takes a lost answer for trouble that left no trace."""

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        try:
            return ledger.post_order(ctx, key, order)
        except OutcomeUnknown as error:
            raise TransientError("liar.again", detail=str(error)) from error


class WritesInADryRun(OrderWriter):
    """Marks its write as safe, so that nothing holds it back."""

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        body = {"total": str(order.order.total), "party": order.party_code, "reference": key.short}
        return receipt("ledger-orders", send(ctx, "POST", "/ledger-orders", body, safe=True))


class EchoesNothing(OrderWriter):
    """Does not say what total the target has stored."""

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        stored = ledger.post_order(ctx, key, order)
        return Receipt(ReceiptState.DONE, stored.ref)


class RepeatsItself(OrderWriter):
    """Sends again by itself after a lost answer."""

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        try:
            return ledger.post_order(ctx, key, order)
        except OutcomeUnknown:
            return ledger.post_order(ctx, key, order)


class LeaksItsKey(OrderWriter):
    """Writes the key of the account into its errors."""

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        try:
            return ledger.post_order(ctx, key, order)
        except ConnectorError as error:
            error.detail = f"key was {ctx.config.key.get_secret_value()}"
            raise


class LosesItems(Checks):
    """Names no outcome for items it does not send."""

    manifest = replace(READER, streams={}, writes={Operation.PUSH_PRICES: SHOP.writes[Operation.PUSH_PRICES]})

    @hookimpl
    def push_prices(self, ctx: Context, key: IdempotencyKey, items: Sequence[PriceTarget]) -> BatchResult:
        """Send prices."""
        known = [item for item in items if not item.sku.startswith("YOK")]
        return shop.push_prices(ctx, key, known)
