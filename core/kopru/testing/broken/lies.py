"""The honest plugins with one lie each. What the lie is stands in the first line of each class."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from kopru.hooks.errors import ConnectorError, OutcomeUnknown, RateLimited, TransientError
from kopru.hooks.manifest import Manifest, Repeat, Write
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    Absent,
    BatchResult,
    CheckItem,
    CheckResult,
    Found,
    IdempotencyKey,
    LedgerInvoice,
    LedgerOrder,
    Located,
    Operation,
    Page,
    Receipt,
    ReceiptState,
    Record,
    WebhookEvent,
    WebhookRequest,
    Window,
)
from kopru.model import (
    ExternalRef,
    Finding,
    Invoice,
    Order,
    PriceTarget,
    Profile,
    Recipient,
    Rendered,
    TaxId,
)
from kopru.testing.broken import honest
from kopru.testing.broken.bazaar import HOOK_SECRET
from kopru.testing.broken.common import (
    TEXTS,
    Context,
    check,
    get,
    listing,
    receipt,
    record_of,
    send,
)
from kopru.toolkit import dates

READER = replace(honest.SHOP, name="liar", streams={"fetch_orders": honest.STREAM}, writes={}, quotas=())
_LEDGER_WRITES = honest.LEDGER.writes


def _writer(*operations: Operation, **changes: Any) -> Manifest:
    writes = {operation: _LEDGER_WRITES[operation] for operation in operations}
    facts = {"streams": {}, "removable": (), "documents": honest.LEDGER.documents, **changes}
    if Operation.POST_INVOICE not in operations:
        facts["documents"] = ()
    return replace(honest.LEDGER, name="liar", **{"writes": writes, **facts})


class Checks:
    """Reuses the honest connection check."""

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Try the account."""
        return check(ctx)


class Reader(Checks):
    """Reads orders, and nothing else."""

    manifest: Manifest = READER

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return honest.shop.fetch_orders(ctx, cursor, window, limit)


# Reading


class RepeatsCursor(Reader):
    """Gives the cursor of the second page again and again."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = honest.shop.fetch_orders(ctx, cursor, window, limit)
        return replace(page, next_cursor=cursor or page.next_cursor) if page.next_cursor else page


class LosesAtTheBorder(Reader):
    """Skips the record after each full page."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = honest.shop.fetch_orders(ctx, cursor, window, limit + 1)
        return replace(page, records=page.records[:limit]) if page.next_cursor else page


class ForgetsEqualTimes(Reader):
    """Goes on after the time of the last record, not after the record."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        after = f"{cursor.partition(':')[0]}:~" if cursor else None
        return honest.shop.fetch_orders(ctx, after, window, limit)


class SkipsTheLowerBound(Reader):
    """Leaves out what changed exactly at the window's beginning."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        since = dates.from_epoch_ms(dates.epoch_ms(window.since) + 1)
        return honest.shop.fetch_orders(ctx, cursor, Window(since, window.until), limit)


class CountsPagesOnce(Reader):
    """Reads as many pages as there were at first, newest first, so that new records push out the last."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page, _, pages = (cursor or "0:").partition(":")
        answer = get(ctx, "/orders", page=page, size=limit)
        last = int(pages or -(-int(answer["total"]) // limit))
        records = tuple(record_of(each, honest.shop.order) for each in answer["records"])
        following = int(page) + 1
        return Page(records, f"{following}:{last}" if following < last else None)


class CountsFromTheOldest(Reader):
    """Reads by page number a list in which a changed record moves to the end and leaves a gap."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = int(cursor or 0)
        found = listing(ctx, "orders", page=page, size=limit, oldest=1)
        records = tuple(record_of(each, honest.shop.order) for each in found)
        return Page(records, str(page + 1) if len(found) == limit else None)


class IgnoresTheLimit(Reader):
    """Gives fifty records whatever was asked for."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return honest.shop.fetch_orders(ctx, cursor, window, 50)


class SwallowsErrors(Reader):
    """Takes every trouble for an empty page."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        try:
            return honest.shop.fetch_orders(ctx, cursor, window, limit)
        except ConnectorError:
            return Page(())


class ReturnsNone(Reader):
    """Returns nothing where there is nothing."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = honest.shop.fetch_orders(ctx, cursor, window, limit)
        return page if page.records else None  # type: ignore[return-value]


class TrustsTypes(Reader):
    """Reads fields without looking at their types, so that one bad record fails the page."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        page = honest.shop.fetch_orders(ctx, cursor, window, limit)
        for each in listing(ctx, "orders", size=limit):
            each["number"].upper()
        return page


class MistakesLimits(Reader):
    """Takes 429 for trouble that passes by itself and forgets how long to wait."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        try:
            return honest.shop.fetch_orders(ctx, cursor, window, limit)
        except RateLimited as error:
            raise TransientError("liar.later", detail=str(error)) from error


class KeepsState(Reader):
    """Keeps what it has read on the plugin object and gives it to the next connection."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.pages: dict[tuple[str | None, int], Page[Order]] = {}

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        if (cursor, limit) not in self.pages:
            self.pages[cursor, limit] = honest.shop.fetch_orders(ctx, cursor, window, limit)
        return self.pages[cursor, limit]


# Mapping


class CountsDiscountsTwice(Reader):
    """Takes the discounts off the line's price and states them as discounts as well."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return _changed(honest.shop.fetch_orders(ctx, cursor, window, limit), _discounted_twice)


class UsesFloats(Reader):
    """Computes the total with binary floating point."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, limit: int) -> Page[Order]:
        """Return one page of orders."""
        return _changed(
            honest.shop.fetch_orders(ctx, cursor, window, limit),
            lambda order: order.model_copy(update={"total": float(order.total) * 1.1 / 1.1}),
        )


def _changed(page: Page[Order], change: Any) -> Page[Order]:
    records = (replace(each, value=change(each.value)) if each.value else each for each in page.records)
    return replace(page, records=tuple(records))


def _discounted_twice(order: Order) -> Order:
    lines = (line.model_copy(update={"amount": line.payable}) for line in order.lines)
    return order.model_copy(update={"lines": tuple(lines)})


# Writing


class DoublesBlindly(Checks):
    """Says that the target takes our key, but never sends it."""

    manifest = _writer(Operation.POST_INVOICE)

    @hookimpl
    def post_invoice(self, ctx: Context, key: IdempotencyKey, invoice: LedgerInvoice) -> Receipt:
        """Book an invoice."""
        total, number = str(invoice.invoice.totals.payable), invoice.invoice.number
        return honest.ledger.book(ctx, key, "invoices", {"number": number, "total": total})


class OrderWriter(Checks):
    """Enters orders in the ledger and looks them up."""

    manifest = _writer(Operation.POST_ORDER)

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        return honest.ledger.post_order(ctx, key, order)

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up."""
        return honest.ledger.locate(ctx, operation, key, hint)


class NeverFinds(OrderWriter):
    """Says absent whatever was written."""

    @hookimpl
    def locate(
        self, ctx: Context, operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
    ) -> Located:
        """Look a write up."""
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
            return honest.ledger.post_order(ctx, key, order)
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
        stored = honest.ledger.post_order(ctx, key, order)
        return Receipt(ReceiptState.DONE, stored.ref)


class RepeatsItself(OrderWriter):
    """Sends again by itself after a lost answer."""

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        try:
            return honest.ledger.post_order(ctx, key, order)
        except OutcomeUnknown:
            return honest.ledger.post_order(ctx, key, order)


class LeaksItsKey(OrderWriter):
    """Writes the key of the account into its errors."""

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        try:
            return honest.ledger.post_order(ctx, key, order)
        except ConnectorError as error:
            error.detail = f"key was {ctx.config.key.get_secret_value()}"
            raise


class LosesItems(Checks):
    """Names no outcome for items it does not send."""

    manifest = replace(
        READER, streams={}, writes={Operation.PUSH_PRICES: honest.SHOP.writes[Operation.PUSH_PRICES]}
    )

    @hookimpl
    def push_prices(self, ctx: Context, key: IdempotencyKey, items: Sequence[PriceTarget]) -> BatchResult:
        """Send prices."""
        known = [item for item in items if not item.sku.startswith("YOK")]
        return honest.shop.push_prices(ctx, key, known)


# Channel and webhooks


class GuessesUnregistered(Checks):
    """Takes trouble at the register for "not registered"."""

    manifest = replace(honest.CHANNEL, name="liar", streams={}, writes={}, profiles=())

    @hookimpl
    def lookup_recipient(self, ctx: Context, tax_id: TaxId) -> Recipient:
        """Ask who is registered."""
        try:
            return honest.channel.lookup_recipient(ctx, tax_id)
        except ConnectorError:
            return Recipient(tax_id=tax_id)


class BelievesAnybody(Checks):
    """Takes every incoming call for genuine."""

    manifest = replace(READER, streams={})

    @hookimpl
    def parse_webhook(self, ctx: Context, request: WebhookRequest) -> tuple[WebhookEvent, ...]:
        """Name the order a call is about."""
        trusted = replace(request, headers={"x-hook-secret": HOOK_SECRET})
        config = ctx.config.model_copy(update={"hook_secret": SecretStr(HOOK_SECRET)})
        return honest.shop.parse_webhook(replace(ctx, config=config), trusted)


class AlwaysGreen:
    """Finds every connection in order."""

    manifest = replace(READER, streams={})

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Say that it works."""
        return CheckResult((CheckItem("account", ok=True, message=TEXTS["bazaar.check.works"]),))


# Statement and settings


class ClaimsTooMuch(Reader):
    """States facts about hooks it does not have, and lacks one it needs."""

    manifest = replace(
        READER,
        streams={"fetch_returns": honest.STREAM},
        writes={Operation.POST_INVOICE: Write(Repeat.NATIVE_KEY)},
        profiles=(Profile.BASIC,),
    )


class MisspellsAHook(Reader):
    """Has a hook nobody calls, because no hook has that name."""

    @hookimpl
    def fetch_oders(self, ctx: Context, ref: ExternalRef) -> Record[Order]:
        """Never called."""
        raise NotImplementedError


class ForgetsTheMark(Reader):
    """Has a hook nobody calls, because it is not marked."""

    def fetch_order(self, ctx: Context, ref: ExternalRef) -> Record[Order]:
        """Never called."""
        raise NotImplementedError


class RenamesParameters(Reader):
    """Names a parameter otherwise than the specification."""

    @hookimpl
    def fetch_orders(self, ctx: Context, cursor: str | None, window: Window, size: int) -> Page[Order]:
        """Return one page of orders."""
        return honest.shop.fetch_orders(ctx, cursor, window, size)


class CannotLookUp(Checks):
    """States ``query_by_ref`` without any look-up."""

    manifest = _writer(Operation.POST_ORDER)

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        return honest.ledger.post_order(ctx, key, order)


class OpenConfig(BaseModel):
    """Settings with the key in clear and without a word of explanation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(title="Adres", description="Pazarın adresi.")
    api_key: str = ""


class ShowsItsSettings:
    """Keeps its key as plain text."""

    manifest = Manifest(
        name="liar",
        kind=honest.FORMAT.kind,
        title=honest.TITLE,
        version="1",
        config=OpenConfig,
        config_version=2,
    )


# Formats


class ChangesItsBytes:
    """Puts a new id into each document."""

    manifest = replace(honest.FORMAT, name="liar")

    @hookimpl
    def render_invoice(self, config: honest.NoSettings, invoice: Invoice) -> Rendered:
        """Write an invoice."""
        document = honest.format_.render_invoice(config, invoice)
        return document.model_copy(update={"content": document.content + f"<!-- {uuid.uuid4()} -->".encode()})

    @hookimpl
    def validate_invoice(
        self, config: honest.NoSettings, document: Rendered, today: datetime
    ) -> tuple[Finding, ...]:
        """Check the sum."""
        return honest.format_.validate_invoice(config, document, today)


class PassesEverything:
    """Finds every document valid."""

    manifest = replace(honest.FORMAT, name="liar")

    @hookimpl
    def render_invoice(self, config: honest.NoSettings, invoice: Invoice) -> Rendered:
        """Write an invoice."""
        return honest.format_.render_invoice(config, invoice)

    @hookimpl
    def validate_invoice(
        self, config: honest.NoSettings, document: Rendered, today: datetime
    ) -> tuple[Finding, ...]:
        """Find nothing."""
        return ()
