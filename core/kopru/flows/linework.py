"""The day's work on lines: taking them in, looking at them, accepting many at once, proposing new items."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

from kopru.flows.env import Work
from kopru.flows.linerows import OPEN, Chosen, DraftItem, LineRow
from kopru.flows.mapping import mapped
from kopru.flows.orderlines import count_hits
from kopru.flows.ports import Uow
from kopru.flows.records import ItemRow
from kopru.flows.rulemaking import Choice
from kopru.flows.ruling import unit_key
from kopru.flows.settling import Outcome, confirm, look_again
from kopru.flows.texts_lines import TEXTS
from kopru.flows.trust import fits_price, lower_bound, safe_score
from kopru.hooks.errors import ConfigError
from kopru.matching.api import State

BATCH = 500
MOST_AT_ONCE = 2_000
SAMPLES = 10
LAST = 200
"""Decisions from which a partner's precision is measured."""


@dataclass(frozen=True)
class Taken:
    """What taking lines in came to."""

    new: int = 0
    known: int = 0
    settled: int = 0


def take_in(work: Work, lines: Sequence[LineRow]) -> Taken:
    """Store lines and look at those that are new or have another text; a dry run stores nothing."""
    with work.read() as uow:
        stored = {
            line.id: line
            for source, ref in dict.fromkeys((line.source, line.source_ref) for line in lines)
            for line in uow.lines.of_source(source, ref)
        }
    fresh = [line for line in lines if line.id not in stored or stored[line.id].text != line.text]
    if not work.dry_run:
        with work.write() as uow:
            uow.lines.see(fresh)  # looking at them may be cut short; then they are still there, not tried
    settled = 0
    for start in range(0, len(fresh), BATCH):
        found = mapped(work, fresh[start : start + BATCH])
        settled += sum(line.settled for line in found)
        if not work.dry_run:
            with work.write() as uow:
                uow.lines.see(found)
                count_hits(uow, found)
    return Taken(len(fresh), len(lines) - len(fresh), settled)


def suggest(work: Work, what: Chosen) -> Outcome:
    """Look at waiting lines again."""
    with work.read() as uow:
        ids = [line.id for line in uow.lines.chosen(what)]
    outcome = Outcome(UUID(int=0), decided=len(ids))
    for start in range(0, len(ids), BATCH):
        again = look_again(work, ids[start : start + BATCH])
        outcome = replace(
            outcome, settled=outcome.settled + again.settled, orders=outcome.orders + again.orders
        )
    return outcome


@dataclass(frozen=True)
class Bulk:
    """What accepting every first suggestion above a score would do."""

    threshold: float
    lines: tuple[LineRow, ...]
    excluded: tuple[LineRow, ...]
    """Above the score, but something speaks against the suggestion."""
    samples: tuple[LineRow, ...]
    """From just above the score."""
    right: int
    measured: int
    """Of so many past decisions at or above the score, the suggestion was right."""
    histogram: tuple[tuple[int, int], ...]
    """Waiting lines by score in per cent, in steps of five."""

    @property
    def lower(self) -> float:
        """Return the lower end of the 95 % interval of the measured precision."""
        return lower_bound(self.right, self.measured)


def plan_bulk(work: Work, partner: str | None = None, threshold: float | None = None) -> Bulk:
    """Return what would be accepted; without a score, the lowest one above every past mistake is proposed."""
    what = Chosen(states=(State.SUGGESTED,), partner=partner, parked=False, limit=MOST_AT_ONCE)
    with work.read() as uow:
        waiting = [line for line in uow.lines.chosen(what) if line.best is not None]
        past = uow.lines.decisions(partner, limit=LAST)
        least = safe_score(past) if threshold is None else threshold
        above = [line for line in waiting if line.best is not None and line.best.score >= least]
        doubtful = {line.id for line in above if not line.clean or _has_odd_price(uow, line)}
    good = [line for line in above if line.id not in doubtful]
    measured = [each for each in past if each.score >= least]
    return Bulk(
        least,
        tuple(good),
        tuple(line for line in above if line.id in doubtful),
        _samples(good),
        sum(each.right for each in measured),
        len(measured),
        _histogram(waiting),
    )


def accept_bulk(work: Work, bulk: Bulk) -> Outcome:
    """Accept the lines of a plan as one step."""
    return confirm(work, [line.id for line in bulk.lines], kind="bulk")


def propose(work: Work, line: LineRow, *, code: str = "", name: str = "", kind: str = "goods") -> DraftItem:
    """Propose a new item from a line; it exists only once a person approves it."""
    draft = DraftItem(
        id=uuid4(),
        line_id=line.id,
        code=code or line.seller_code or line.barcode,
        name=name or line.text,
        barcode=line.barcode,
        unit=unit_key(line.unit) or "C62",
        kind=kind,
        vat_rate=line.vat_rate,
        made_by=work.actor,
    )
    with work.write() as uow:
        if uow.lines.draft(draft):
            uow.events.add(
                work.actor, "line", line.id, "line.item_proposed", code=draft.code, name=draft.name
            )
    return draft


def approve(work: Work, draft_id: UUID, *, code: str = "") -> Outcome:
    """Make a proposed item and let its line be it.

    Raises:
        ConfigError: there is no such proposal, it has no code, or the code is taken.
    """
    with work.write() as uow:
        draft = _draft(uow, draft_id)
        wanted = code or draft.code
        if not wanted or uow.items.by_code(wanted) is not None:
            raise ConfigError("lines.code_taken", TEXTS.text("lines.code_taken", code=wanted))
        barcodes = (draft.barcode,) if draft.barcode else ()
        item = ItemRow(uuid4(), wanted, draft.name, draft.kind, draft.unit, draft.vat_rate, barcodes)
        uow.items.upsert([item])
        uow.lines.decide_draft(draft.id, "approved", work.actor)
        uow.events.add(work.actor, "item", item.id, "item.approved", code=wanted, line=str(draft.line_id))
    return confirm(work, [draft.line_id], Choice(item))


def refuse(work: Work, draft_id: UUID) -> None:
    """Turn a proposed item down; its line waits on.

    Raises:
        ConfigError: there is no such proposal.
    """
    with work.write() as uow:
        draft = _draft(uow, draft_id)
        uow.lines.decide_draft(draft.id, "refused", work.actor)
        uow.events.add(work.actor, "line", draft.line_id, "line.item_refused", code=draft.code)


def waiting(work: Work, partner: str | None = None, limit: int = 1000) -> list[LineRow]:
    """Return the lines that wait for a person, those with most money behind them first."""
    with work.read() as uow:
        return uow.lines.chosen(Chosen(states=OPEN, partner=partner, parked=False, limit=limit))


def _draft(uow: Uow, draft_id: UUID) -> DraftItem:
    found = next((each for each in uow.lines.drafts() if each.id == draft_id), None)
    if found is None:
        raise ConfigError("lines.no_draft", TEXTS["lines.no_draft"])
    return found


def _has_odd_price(uow: Uow, line: LineRow) -> bool:
    if line.best is None or not line.price:
        return False
    known = uow.lines.unit_prices(UUID(line.best.item_id), line.partner, line.currency)
    return fits_price(line.price / (line.best.case_size or Decimal(1)), known) is not None


def _samples(lines: Sequence[LineRow]) -> tuple[LineRow, ...]:
    """Return some lines from just above the score, always the same of the same lines."""
    near = sorted(lines, key=_score)[: SAMPLES * 3]
    chosen = Random(len(lines)).sample(near, min(SAMPLES, len(near)))  # noqa: S311 - no secret
    return tuple(sorted(chosen, key=_score))


def _score(line: LineRow) -> float:
    return line.best.score if line.best else 0.0


def _histogram(lines: Sequence[LineRow]) -> tuple[tuple[int, int], ...]:
    counts: dict[int, int] = {}
    for line in lines:
        step = min(int(_score(line) * 20), 19) * 5
        counts[step] = counts.get(step, 0) + 1
    return tuple(sorted(counts.items()))
