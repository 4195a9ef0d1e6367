"""What a raw payload would become: canonical order, decision, invoice and findings. Pure; nothing is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kopru.documents import (
    DocumentType,
    Issue,
    LintFacts,
    LookUp,
    OrderFacts,
    TenantSettings,
    compose_invoice,
    decide,
    document_key,
    ettn,
    lint,
)
from kopru.hooks import ports
from kopru.hooks.errors import Rejected
from kopru.hooks.manifest import PluginKind
from kopru.hooks.types import Raw, Record
from kopru.matching.exact import Item, NotTried, Resolved, resolve_lines
from kopru.matching.exact import ItemIndex as Index
from kopru.model import Finding, Invoice, Order, OrderLine, Text
from kopru.registry import TenantPlugins

NOBODY = UUID(int=0)
Lookup = Callable[[tuple[OrderLine, ...]], Index]


@dataclass(frozen=True)
class Preview:
    """One record of the payload and what it would become."""

    external_id: str
    order: Order | None
    decision: Text
    invoice: Invoice | None
    findings: tuple[Finding, ...]


def preview(
    plugins: TenantPlugins,
    plugin: str,
    raw: Raw,
    settings: TenantSettings,
    now: datetime,
    lookup: Lookup | None = None,
) -> list[Preview]:
    """Map a payload and show what each order in it would become.

    Args:
        plugins: what may be called.
        plugin: the source's plugin.
        raw: the payload.
        settings: the tenant's settings.
        now: the moment of issue.
        lookup: finds own items; without one every line is taken for an item of its own code.

    Raises:
        Rejected: the payload cannot be read at all.
    """
    config = plugins.registry.manifest(plugin).config.model_construct()
    records = plugins.use(plugin, ports.ParsesOrders).parse_orders(config, raw)
    return [_one(plugins, plugin, record, settings, now, lookup) for record in records]


def _one(
    plugins: TenantPlugins,
    plugin: str,
    record: Record[Order],
    settings: TenantSettings,
    now: datetime,
    lookup: Lookup | None,
) -> Preview:
    order = record.value
    if order is None:
        text = Text(tr="Okunamadı.", en="Could not be read.")
        return Preview(record.external_id, None, text, None, record.findings)
    registered = bool(order.buyer.einvoice_registered)
    result = decide(settings, OrderFacts(order, plugin, plugin, registered)).result
    if isinstance(result, LookUp):
        raise LookupError("the registration was given")
    if not isinstance(result, Issue):
        return Preview(record.external_id, order, result.reason, None, record.findings)
    items, missing = _items(order, lookup)
    key = document_key(NOBODY, NOBODY, record.external_id, DocumentType.INVOICE)
    composed = compose_invoice(settings, order, result, items, ettn=ettn(key), issued_at=now, channel=plugin)
    findings = (*record.findings, *missing, *composed.findings)
    if composed.invoice is not None:
        findings += lint(composed.invoice, LintFacts(now=now, expected_total=composed.expected_total))
        findings += _validated(plugins, composed.invoice, now)
    decision = Text(
        tr=f"{result.rule}: {result.profile.value}, seri {result.series.prefix}",
        en=f"{result.rule}: {result.profile.value}, series {result.series.prefix}",
    )
    return Preview(record.external_id, order, decision, composed.invoice, findings)


def _items(order: Order, lookup: Lookup | None) -> tuple[Mapping[str, Item], tuple[Finding, ...]]:
    if lookup is None:
        lines = order.live_lines
        return {line.id: Item(line.id, line.sku or line.barcode or line.id, line.name) for line in lines}, ()
    matches = resolve_lines(order.live_lines, lookup(order.live_lines))
    found = {id: match.item for id, match in matches.items() if isinstance(match, Resolved)}
    missing = tuple(
        Finding(code=match.code.replace("match.", "matching."), message=match.reason, field=f"lines[{n}]")
        for n, match in enumerate(matches.values())
        if not isinstance(match, Resolved | NotTried)
    )
    return found, missing


def _validated(plugins: TenantPlugins, invoice: Invoice, now: datetime) -> tuple[Finding, ...]:
    formats = [name for name in plugins.registry.of_kind(PluginKind.EINVOICE_FORMAT) if name in plugins.names]
    if not formats:
        return ()
    config: Any = plugins.registry.manifest(formats[0]).config()
    try:
        rendered = plugins.use(formats[0], ports.RendersInvoice).render_invoice(config, invoice)
    except Rejected as error:
        return error.findings or (Finding(code=error.code, message=error.message, field=error.field),)
    return plugins.use(formats[0], ports.ValidatesInvoice).validate_invoice(config, rendered, now)
