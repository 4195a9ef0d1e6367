"""Which own item a line is, asked of the built-in matcher and of the tenant's advisers together.

``advise(work, matcher, lines, …)`` stands where ``matcher.match(lines, …)`` would and answers verdicts as it
does. Call it outside of transactions: advisers are called in between, and they may take their time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import uuid5

import structlog

from kopru.flows.bench import Missed, Resting
from kopru.flows.connections import open_connection, tenant_plugins
from kopru.flows.env import Lease, Work
from kopru.flows.opinions import Named, Opinion, merged
from kopru.flows.records import ConnectionRow, ConnectionState
from kopru.hooks import ports
from kopru.hooks.advice import AskedLine, Candidate, LineAdvice, LineBatch, PastLine
from kopru.hooks.manifest import PluginKind
from kopru.hooks.types import ConnectionInfo, Ctx
from kopru.matching.api import (
    DEFAULT_POLICY,
    NO_MEMORY,
    Gate,
    Line,
    Memory,
    Policy,
    State,
    Verdict,
    Via,
)
from kopru.matching.gates import CONTRADICTIONS
from kopru.matching.matcher import Matcher
from kopru.matching.normalise import text_key
from kopru.model import Text
from kopru.transport.context import make_ctx

HOOK = "map_line"
DEADLINE = 2.0
"""Seconds one adviser gets for one batch."""

BATCH = 200
"""Lines an adviser is asked about at a time."""

CANDIDATES = 10
"""Suggestions of the matcher that advisers are shown."""

MOST_PAST = 2_000
"""Past lines of a partner that advisers are shown, newest first."""

Past = Callable[[], Iterable[PastLine]]
"""Reads what was posted of a partner before; called only when there is an adviser to show it to."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line's document says besides its texts. ``price`` is per unit and without VAT."""

    quantity: Decimal | None = None
    price: Decimal | None = None
    currency: str = "TRY"


def advise(
    work: Work,
    matcher: Matcher,
    lines: Sequence[Line],
    *,
    partner: str = "",
    facts: Mapping[str, Facts] | None = None,
    past: Past = tuple,
    memory: Memory = NO_MEMORY,
    policy: Policy = DEFAULT_POLICY,
    limit: int = 5,
) -> list[Verdict]:
    """Return a verdict for each line, in order, with the advice of the tenant's enabled plugins taken in.

    An adviser that is late or fails loses its own advice and nothing else.

    Args:
        work: the piece of work; its tenant's enabled plugins with ``map_line`` are asked.
        matcher: the built-in matcher on the tenant's index.
        lines: of one partner.
        partner: key of the partner within the tenant, as rules have it.
        facts: prices and quantities by line id, where known.
        past: reads what was posted of the partner before, newest first.
        memory: what the partner taught.
        policy: when a line is resolved alone.
        limit: suggestions a line, at most.
    """
    advisers = advisers_of(work)
    most = max(limit, CANDIDATES) if advisers else limit
    verdicts = matcher.match(lines, limit=most, memory=memory, policy=policy)
    open_ = [
        (line, verdict) for line, verdict in zip(lines, verdicts, strict=True) if _is_open(line, verdict)
    ]
    if not advisers or not open_:
        return [_cut(verdict, limit) for verdict in verdicts]
    shown = tuple(past())[:MOST_PAST]
    asked = [_asked(line, verdict, (facts or {}).get(line.id, Facts())) for line, verdict in open_]
    opinions: dict[str, list[Opinion]] = {}
    for start in range(0, len(asked), BATCH):
        batch = LineBatch(partner, tuple(asked[start : start + BATCH]), shown)
        for adviser in advisers:
            for each in _opinions(work, adviser, batch):
                opinions.setdefault(each.advice.line_id, []).append(each)
    threshold = matcher.model.threshold if policy.threshold is None else policy.threshold
    items = {each.item_id: Named(each.item_code, each.item_name) for each in reversed(shown)}
    taken = {
        line.id: merged(verdict, _allowed(opinions[line.id], line, memory), policy, threshold, items)
        for line, verdict in open_
        if line.id in opinions
    }
    return [_cut(taken.get(verdict.line_id, verdict), limit) for verdict in verdicts]


def _cut(verdict: Verdict, limit: int) -> Verdict:
    return replace(verdict, suggestions=verdict.suggestions[:limit])


def advisers_of(work: Work) -> list[str]:
    """Return the plugins whose advice the tenant wants, by name."""
    plugins = tenant_plugins(work)
    return sorted(name for name in plugins.names if plugins.can(name, HOOK))


def _is_open(line: Line, verdict: Verdict) -> bool:
    """Whether advice can change anything; a person's own rule stands above it."""
    ruled = verdict.state is State.RESOLVED and verdict.suggestions[0].via is Via.RULE
    return line.tried and verdict.state is not State.NOT_TRIED and not ruled


def _asked(line: Line, verdict: Verdict, facts: Facts) -> AskedLine:
    candidates = tuple(
        Candidate(each.item_id, each.item_code, each.name, each.score, closed=_closed(each.gates))
        for each in verdict.suggestions
    )
    return AskedLine(
        id=line.id,
        text=line.text,
        seller_code=line.seller_code,
        barcode=line.barcode,
        unit=line.unit,
        quantity=facts.quantity,
        price=facts.price,
        currency=facts.currency,
        candidates=candidates,
    )


def _closed(gates: frozenset[Gate]) -> bool:
    return bool(gates & CONTRADICTIONS)


def _allowed(opinions: Iterable[Opinion], line: Line, memory: Memory) -> Iterator[Opinion]:
    """Leave out what a person rejected for this text."""
    key = text_key(line.text)
    return (each for each in opinions if (key, each.advice.item_id) not in memory.rejected)


def _opinions(work: Work, name: str, batch: LineBatch) -> list[Opinion]:
    """Ask one adviser; nothing comes of one that is late, fails, answers nonsense or is on the bench."""
    log = structlog.get_logger().bind(tenant=str(work.tenant_id), plugin=name)
    try:
        advice = work.env.bench.ask((work.tenant_id, name), DEADLINE, lambda: _answer(work, name, batch))
    except Resting:
        log.info("adviser.resting", lines=len(batch.lines))
        return []
    except Missed as missed:
        log.warning(missed.code, detail=missed.detail, lines=len(batch.lines), benched=missed.benched)
        _tell(work, name, missed)
        return []
    version = work.env.registry.manifest(name).version
    return [Opinion(f"{name}-{version}", each) for each in advice]


def _tell(work: Work, name: str, missed: Missed) -> None:
    """Keep in the story that an adviser was left out."""
    if work.dry_run:
        return
    with work.read() as uow:
        uow.events.add("engine", "plugin", name, missed.code)
        if missed.benched:
            uow.events.add("engine", "plugin", name, "adviser.benched")


def _answer(work: Work, name: str, batch: LineBatch) -> tuple[LineAdvice, ...]:
    """Call the hook; runs in a thread of its own, with a context that cannot write."""
    reading = replace(work, lease=Lease(None), dry_run=True, exchanges=[], rests=[], job_id=None)
    ctx = _context(reading, name)
    answer = tenant_plugins(work).use(name, ports.MapsLines).map_line(ctx, batch)
    _check(answer, batch)
    return answer


def _context(work: Work, name: str) -> Ctx[Any]:
    """Return the context of the plugin's connection, or a bare one of its default settings."""
    manifest = work.env.registry.manifest(name)
    row = next((row for row in _connections(work) if row.plugin == name), None)
    if row is not None or manifest.kind is not PluginKind.ADVISER:
        if row is None:
            raise LookupError("it advises only through a connection, and has none")
        return open_connection(work, row.id, seconds=DEADLINE).ctx
    work.lease.limit(DEADLINE)
    return make_ctx(
        manifest,
        ConnectionInfo(uuid5(work.tenant_id, name), name, name),
        manifest.config(),
        now=lambda: datetime.now(UTC),
        remaining=work.lease.remaining,
        dry_run=True,
        limiter=work.env.limiter,
        log=structlog.get_logger().bind(tenant=str(work.tenant_id), plugin=name),
    )


def _connections(work: Work) -> list[ConnectionRow]:
    def read() -> list[ConnectionRow]:
        with work.read() as uow:
            return uow.connections.every()

    rows: list[ConnectionRow] = work.env.cache.get(("connections", work.tenant_id), read)
    return [row for row in rows if row.state is ConnectionState.ACTIVE]


def _check(answer: object, batch: LineBatch) -> None:
    """Check that advice keeps to the batch.

    Raises:
        TypeError, ValueError: it does not; none of it is used.
    """
    past = {each.item_id for each in batch.past}
    known = {line.id: past | {each.item_id for each in line.candidates} for line in batch.lines}
    seen: set[tuple[str, str]] = set()
    if not isinstance(answer, tuple):
        raise TypeError(f"map_line returned {type(answer).__name__}, not a tuple")
    for each in answer:
        if not isinstance(each, LineAdvice) or not isinstance(each.reason, Text):
            raise TypeError("map_line returned something else than advice")
        if each.item_id not in known.get(each.line_id, ()):
            raise ValueError("advice on a line or an item that was not asked about")
        if not (isfinite(each.weight) and -1 <= each.weight <= 1):
            raise ValueError(f"advice of weight {each.weight}")
        if (each.line_id, each.item_id) in seen:
            raise ValueError("two pieces of advice on one item of a line")
        seen.add((each.line_id, each.item_id))
