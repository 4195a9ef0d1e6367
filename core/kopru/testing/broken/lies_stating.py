"""Plugins that lie about themselves, their partners or their documents; each lie stands in the first line."""

import uuid
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from kopru.hooks.errors import ConnectorError
from kopru.hooks.manifest import Manifest, Repeat, Write
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    CheckItem,
    CheckResult,
    IdempotencyKey,
    LedgerOrder,
    Operation,
    Page,
    Receipt,
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
    Profile,
    Recipient,
    Rendered,
    TaxId,
)
from kopru.testing.broken.bazaar import HOOK_SECRET
from kopru.testing.broken.channel import CHANNEL, channel
from kopru.testing.broken.common import (
    STREAM,
    TEXTS,
    TITLE,
    Context,
)
from kopru.testing.broken.ledger import ledger
from kopru.testing.broken.lies_reading import READER, Checks, Reader
from kopru.testing.broken.lies_writing import writer
from kopru.testing.broken.plain_format import FORMAT, NoSettings, plain_format
from kopru.testing.broken.shop import shop


class GuessesUnregistered(Checks):
    """Takes trouble at the register for "not registered"."""

    manifest = replace(CHANNEL, name="liar", streams={}, writes={}, profiles=())

    @hookimpl
    def lookup_recipient(self, ctx: Context, tax_id: TaxId) -> Recipient:
        """Ask who is registered."""
        try:
            return channel.lookup_recipient(ctx, tax_id)
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
        return shop.parse_webhook(replace(ctx, config=config), trusted)


class AlwaysGreen:
    """Finds every connection in order."""

    manifest = replace(READER, streams={})

    @hookimpl
    def check_connection(self, ctx: Context) -> CheckResult:
        """Say that it works."""
        return CheckResult((CheckItem("account", ok=True, message=TEXTS["bazaar.check.works"]),))


class ClaimsTooMuch(Reader):
    """States facts about hooks it does not have, and lacks one it needs."""

    manifest = replace(
        READER,
        streams={"fetch_returns": STREAM},
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
        return shop.fetch_orders(ctx, cursor, window, size)


class CannotLookUp(Checks):
    """States ``query_by_ref`` without any look-up."""

    manifest = writer(Operation.POST_ORDER)

    @hookimpl
    def post_order(self, ctx: Context, key: IdempotencyKey, order: LedgerOrder) -> Receipt:
        """Enter an order."""
        return ledger.post_order(ctx, key, order)


class OpenConfig(BaseModel):
    """Settings with the key in clear and without a word of explanation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(title="Adres", description="Pazarın adresi.")
    api_key: str = ""


class ShowsItsSettings:
    """Keeps its key as plain text."""

    manifest = Manifest(
        name="liar",
        kind=FORMAT.kind,
        title=TITLE,
        version="1",
        config=OpenConfig,
        config_version=2,
    )


class ChangesItsBytes:
    """Puts a new id into each document."""

    manifest = replace(FORMAT, name="liar")

    @hookimpl
    def render_invoice(self, config: NoSettings, invoice: Invoice) -> Rendered:
        """Write an invoice."""
        document = plain_format.render_invoice(config, invoice)
        return document.model_copy(update={"content": document.content + f"<!-- {uuid.uuid4()} -->".encode()})

    @hookimpl
    def validate_invoice(
        self, config: NoSettings, document: Rendered, today: datetime
    ) -> tuple[Finding, ...]:
        """Check the sum."""
        return plain_format.validate_invoice(config, document, today)


class PassesEverything:
    """Finds every document valid."""

    manifest = replace(FORMAT, name="liar")

    @hookimpl
    def render_invoice(self, config: NoSettings, invoice: Invoice) -> Rendered:
        """Write an invoice."""
        return plain_format.render_invoice(config, invoice)

    @hookimpl
    def validate_invoice(
        self, config: NoSettings, document: Rendered, today: datetime
    ) -> tuple[Finding, ...]:
        """Find nothing."""
        return ()
