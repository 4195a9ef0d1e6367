"""From an order to a validated draft: decide, resolve lines, compose, lint, validate. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kopru.documents import (
    Exclude,
    Hold,
    Issue,
    LintFacts,
    LookUp,
    OrderFacts,
    Partner,
    TenantSettings,
    compose_invoice,
    decide,
    explain,
    lint,
    partner_for,
)
from kopru.flows.buyers import buyer_items
from kopru.flows.connections import call
from kopru.flows.env import Work
from kopru.flows.linerows import LineRow
from kopru.flows.orderlines import OrderItems, known_items, order_items
from kopru.flows.records import ConnectionRow, OrderState, Reason
from kopru.flows.tenants import channel_of, format_of, ledger_of, settings_of
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import Rejected
from kopru.matching.exact import Item, ItemIndex, ItemKey
from kopru.model import Finding, Invoice, Order, OrderLine, Recipient, TaxId, Text


class Stopped(Exception):
    """An order does not go on now: the state it takes, why, and what was found."""

    def __init__(
        self,
        state: OrderState,
        reason: Reason,
        findings: tuple[Finding, ...] = (),
        lines: tuple[LineRow, ...] = (),
    ) -> None:
        """Take the state, the reason, the findings and the lines that were looked at."""
        self.state = state
        self.reason = reason
        self.findings = findings
        self.lines = lines
        super().__init__(reason.code)


@dataclass(frozen=True)
class Draft:
    """An invoice that passed every check, with a placeholder number."""

    invoice: Invoice
    issue: Issue
    channel: ConnectionRow | None
    ledger: ConnectionRow | None
    partner: Partner | None
    findings: tuple[Finding, ...] = ()
    lines: tuple[LineRow, ...] = ()
    """Lines whose item was not known by a key."""
    items: Mapping[str, Item] = field(default_factory=dict)
    """The item of each line by line id."""


@dataclass(frozen=True)
class Source:
    """Where an order comes from, as rules name it."""

    connection_id: UUID
    name: str
    plugin: str
    start_at: datetime
    """Orders placed before belong to whoever invoiced for the shop until then."""


@dataclass
class _Asked:
    """The recipient look-up of one preparation, asked at most once."""

    recipient: Recipient | None = None
    done: bool = field(default=False)


def prepare(work: Work, order: Order, source: Source, ettn: UUID, now: datetime) -> Draft:
    """Make the draft an order becomes and check it by our own rules.

    Raises:
        Stopped: the order is held, excluded or parked.
        ConnectorError: the recipient look-up failed.
    """
    settings = settings_of(work)
    channel, ledger = channel_of(work), ledger_of(work)
    asked = _Asked()
    issue = _decide(work, settings, order, source, channel, asked)
    items = _items(work, settings, order, source)
    composed = compose_invoice(
        settings,
        order,
        issue,
        items.found,
        ettn=ettn,
        issued_at=now,
        channel=source.name,
        recipient=asked.recipient,
        theirs=buyer_items(work, order.buyer, items.found.values()),
    )
    if composed.invoice is None:
        raise _parked(composed.findings)
    registered = asked.recipient.registered if asked.recipient else None
    facts = LintFacts(now=now, registered=registered, expected_total=composed.expected_total)
    findings = (*composed.findings, *lint(composed.invoice, facts))
    if any(found.blocks for found in findings):
        raise _parked(findings)
    partner = partner_for(settings.partners, order.buyer, source.name) if ledger else None
    return Draft(composed.invoice, issue, channel, ledger, partner, findings, items.lines, items.found)


def explain_order(work: Work, order: Order, source: Source) -> tuple[Text, ...]:
    """Return row by row why the decision table does what it does with an order."""
    asked = _Asked()
    registered = _known_registration(work, order, channel_of(work), asked)
    return explain(settings_of(work), OrderFacts(order, source.name, source.plugin, registered))


def _decide(
    work: Work,
    settings: TenantSettings,
    order: Order,
    source: Source,
    channel: ConnectionRow | None,
    asked: _Asked,
) -> Issue:
    registered: bool | None = None if channel else bool(order.buyer.einvoice_registered)
    result = decide(settings, OrderFacts(order, source.name, source.plugin, registered)).result
    if isinstance(result, LookUp) and channel is not None:
        asked.recipient, asked.done = look_up(work, channel, result.tax_id), True
        facts = OrderFacts(order, source.name, source.plugin, asked.recipient.registered)
        result = decide(settings, facts).result
    if isinstance(result, Hold):
        raise Stopped(OrderState.HELD, Reason(result.code, result.reason))
    if isinstance(result, Exclude):
        raise Stopped(OrderState.EXCLUDED, Reason(result.code, result.reason))
    if isinstance(result, LookUp):
        raise LookupError("the decision asked for a registration that is known")
    return result


def _known_registration(
    work: Work, order: Order, channel: ConnectionRow | None, asked: _Asked
) -> bool | None:
    settings = settings_of(work)
    result = decide(settings, OrderFacts(order, "", "", None)).result
    if isinstance(result, LookUp) and channel is not None:
        asked.recipient = look_up(work, channel, result.tax_id)
        return asked.recipient.registered
    return None if channel else bool(order.buyer.einvoice_registered)


def look_up(work: Work, channel: ConnectionRow, tax_id: TaxId) -> Recipient:
    """Return whether a tax number is registered; answers are kept for some hours."""
    with work.read() as uow:
        known = uow.partners.recipient(tax_id.value, work.env.recipient_age)
    if known is not None:
        return known
    answer = call(
        work,
        channel.id,
        lambda opened: opened.use(ports.LooksUpRecipient).lookup_recipient(opened.ctx, tax_id),
    )
    if not work.dry_run:
        with work.write() as uow:
            uow.partners.remember(answer)
    return answer


def _items(work: Work, settings: TenantSettings, order: Order, source: Source) -> OrderItems:
    """Return the own item of each line that needs one, or park the order with every unknown line named."""
    keys = [ItemKey(key.value) for key in settings.items.keys]
    items = order_items(work, order, source.connection_id, source.name, keys)
    if items.findings:
        raise _parked(items.findings, items.lines)
    return items


def item_index(work: Work, connection_id: UUID, lines: tuple[OrderLine, ...]) -> ItemIndex:
    """Return the items these lines may mean."""
    return known_items(work, connection_id, lines)[0]


def validate(work: Work, invoice: Invoice, now: datetime) -> tuple[Finding, ...]:
    """Render a draft and check it by every rule of its format; returns the warnings.

    Raises:
        Stopped: the document is not valid.
    """
    form = format_of(work)
    try:
        rendered = form.render(invoice)
    except Rejected as error:
        findings = error.findings or (Finding(code=error.code, message=error.message, field=error.field),)
        raise _parked(tuple(findings)) from error
    findings = form.validate(rendered, now)
    if any(found.blocks for found in findings):
        raise _parked(tuple(findings))
    return tuple(findings)


def _parked(findings: tuple[Finding, ...], lines: tuple[LineRow, ...] = ()) -> Stopped:
    first = next(found for found in findings if found.blocks)
    text = TEXTS["document.findings"]
    message = Text(tr=text.tr.format(first=first.message.tr), en=text.en.format(first=first.message.en))
    return Stopped(OrderState.PARKED, Reason(first.code, message, detail=first.field), findings, lines)
