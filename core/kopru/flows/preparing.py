"""From an order to a validated draft: decide, resolve lines, compose, lint, validate. Nothing is written."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
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
from kopru.flows.connections import call
from kopru.flows.env import Work
from kopru.flows.records import ConnectionRow, ItemRow, OrderState, Reason
from kopru.flows.tenants import channel_of, format_of, ledger_of, settings_of
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import Rejected
from kopru.matching.exact import (
    Item,
    ItemIndex,
    ItemKey,
    LinkKey,
    NotTried,
    Resolved,
    resolve_lines,
    wanted_keys,
)
from kopru.model import Finding, Invoice, Order, OrderLine, Recipient, Severity, TaxId, Text


class Stopped(Exception):
    """An order does not go on now: the state it takes, why, and what was found."""

    def __init__(self, state: OrderState, reason: Reason, findings: tuple[Finding, ...] = ()) -> None:
        """Take the state, the reason and the findings."""
        self.state = state
        self.reason = reason
        self.findings = findings
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
        items,
        ettn=ettn,
        issued_at=now,
        channel=source.name,
        recipient=asked.recipient,
    )
    if composed.invoice is None:
        raise _parked(composed.findings)
    registered = asked.recipient.registered if asked.recipient else None
    facts = LintFacts(now=now, registered=registered, expected_total=composed.expected_total)
    findings = (*composed.findings, *lint(composed.invoice, facts))
    if any(found.blocks for found in findings):
        raise _parked(findings)
    partner = partner_for(settings.partners, order.buyer, source.name) if ledger else None
    return Draft(composed.invoice, issue, channel, ledger, partner, findings)


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


def _items(work: Work, settings: TenantSettings, order: Order, source: Source) -> dict[str, Item]:
    """Return the own item of each line that needs one, or park the order with every unknown line named."""
    keys = [ItemKey(key.value) for key in settings.items.keys]
    index = item_index(work, source.connection_id, order.live_lines)
    matches = resolve_lines(order.live_lines, index, keys)
    found = {}
    findings = []
    for position, line in enumerate(order.lines):
        match = matches.get(line.id)
        if match is None:
            continue
        if isinstance(match, Resolved):
            found[line.id] = match.item
        elif not isinstance(match, NotTried):
            where = f"lines[{position}]"
            code = match.code.replace("match.", "matching.")
            findings.append(Finding(code=code, message=match.reason, field=where, severity=Severity.ERROR))
    if findings:
        raise _parked(tuple(findings))
    return found


def item_index(work: Work, connection_id: UUID, lines: tuple[OrderLine, ...]) -> ItemIndex:
    """Return the items these lines may mean."""
    wanted = wanted_keys(lines)
    with work.read() as uow:
        rows, linked = uow.items.candidates(
            connection_id,
            codes=wanted.codes,
            barcodes=wanted.barcodes,
            links=[link_text(key) for key in wanted.links],
        )
    links = {key: str(linked[link_text(key)]) for key in wanted.links if link_text(key) in linked}
    return ItemIndex.of((_item(row) for row in rows), links)


def link_text(key: LinkKey) -> str:
    """Return a link key as it is stored."""
    return f"{key.kind}:{key.value}"


def _item(row: ItemRow) -> Item:
    rate: Decimal | None = row.vat_rate
    return Item(str(row.id), row.code, row.name, row.barcodes, rate, row.unit)


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


def _parked(findings: tuple[Finding, ...]) -> Stopped:
    first = next(found for found in findings if found.blocks)
    text = TEXTS["document.findings"]
    message = Text(tr=text.tr.format(first=first.message.tr), en=text.en.format(first=first.message.en))
    return Stopped(OrderState.PARKED, Reason(first.code, message, detail=first.field), findings)
