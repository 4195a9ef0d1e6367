"""The verdict on a run: every invariant over ground truth and final rows."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kopru.hooks.manifest import Quota
from kopru.testing import checkers, measures
from kopru.testing.chaos.ground import Ground, Heard
from kopru.testing.evidence import (
    DocumentEnd,
    JobEnd,
    NumberEnd,
    OrderEnd,
    Sample,
    Violation,
    Wanted,
    WriteEnd,
)

LEDGER = "logo"
GROWTH = {"memory": 64.0, "files": 20.0}
"""What a process may grow by per hour: megabytes and open files."""


@dataclass(frozen=True)
class Ends:
    """What the engine ended with."""

    now: datetime
    orders: tuple[OrderEnd, ...] = ()
    documents: tuple[DocumentEnd, ...] = ()
    writes: tuple[WriteEnd, ...] = ()
    numbers: tuple[NumberEnd, ...] = ()
    jobs: tuple[JobEnd, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    events: tuple[tuple[str, str], ...] = ()
    """(effect's id, action)"""
    broken: tuple[str, ...] = ()
    """Where an audit chain does not hold."""
    fired: tuple[tuple[str, datetime], ...] = ()
    due: tuple[tuple[str, datetime], ...] = ()
    unacked: int = 0


@dataclass(frozen=True)
class Case:
    """Everything a verdict is made from."""

    ground: Ground
    ends: Ends
    canaries: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    """Where secrets must not stand: logs and rows."""
    quotas: Mapping[str, tuple[Quota, ...]] = field(default_factory=dict)
    """What each remote allows."""
    forged: tuple[int, ...] = ()
    """The answers forged webhooks got."""
    samples: tuple[Sample, ...] = ()
    """Measurements of long runs; none in short ones."""
    grace: timedelta = timedelta(seconds=5)
    quiet: float = 0.0
    """Seconds between a send to the ledger and the first look-up that may clear another one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the verdict."""

    invariant: str
    title: str
    looked_at: str
    """What it was checked on, in words; empty when it was not checked."""
    violations: tuple[Violation, ...] = ()


def judge(case: Case) -> tuple[Row, ...]:
    """Return one row per invariant."""
    ground, ends = case.ground, case.ends
    ledger = [heard for (_, name), all_heard in ground.asked.items() if name == LEDGER for heard in all_heard]
    sends = sum(each.asked.action is not None for each in ledger)
    rows = {
        "I1": (
            checkers.lost_orders(ground.placed, ends.orders, ends.documents, ground.stored)
            + _forged(case.forged),
            f"{len(ground.placed)} orders",
        ),
        "I2": (
            checkers.duplicates(ground.stored, ends.documents, _at_remotes(ends)),
            f"{len(ground.stored)} records",
        ),
        "I3": (
            checkers.numbers(ends.numbers, ends.documents, ground.stored),
            f"{len(ends.numbers)} numbers",
        ),
        "I4": (
            checkers.money(ground.placed, ends.orders, ends.documents, ground.stored),
            f"{len(ends.documents)} documents",
        ),
        "I5": (checkers.stock(ground.shown, ends.wanted), f"{len(ground.shown)} quantities"),
        "I6": (
            checkers.hanging(ends.jobs, ends.writes, ends.now, grace=case.grace, unacked=ends.unacked),
            f"{len(ends.jobs)} jobs, {len(ends.writes)} writes",
        ),
        "I7": (
            checkers.blind_repeats((each.asked for each in ledger), quiet=case.quiet),
            f"{sends} sends and look-ups",
        ),
        "I8": (
            checkers.isolation(ground.stored, ends.orders, _owners(ground, ends)),
            f"{len(ground.stored) + len(ends.orders)} ids",
        ),
        "I9": (_limits(case), f"{sum(map(len, ground.asked.values()))} requests"),
        "I11": (checkers.schedules(ends.fired, ends.due), f"{len(ends.fired)} fires"),
        "I12": (
            checkers.audit(ends.writes, ends.events, ends.broken),
            f"{len(ends.writes)} writes",
        ),
        "I13": (
            checkers.secrets(case.canaries, case.texts),
            f"{len(case.canaries)} secrets in {len(case.texts)} places",
        ),
        "I15": (_quantities(ground, ends.documents), f"{len(ground.whole)} orders"),
    }
    if case.samples:
        allowed = {each.name: GROWTH[each.name.rpartition(" ")[2]] for each in case.samples}
        rows["I14"] = (measures.resources(case.samples, allowed), f"{len(case.samples)} samples")
    return tuple(
        Row(name, title, rows[name][1], tuple(rows[name][0])) if name in rows else Row(name, title, "")
        for name, title in checkers.INVARIANTS.items()
    )


def broken(rows: Iterable[Row]) -> list[Violation]:
    """Return all violations of a verdict."""
    return [violation for row in rows for violation in row.violations]


def _at_remotes(ends: Ends) -> list[WriteEnd]:
    """Return the writes that leave a record of their own, those put back after they went out among them.

    A status that was set late, after it was looked for in vain, is no record nobody sent.
    """
    went_out = {identity for identity, action in ends.events if action == "effect.sending"}
    return [
        replace(each, state="put back") if each.state == "planned" and each.id in went_out else each
        for each in ends.writes
        if each.reference
    ]


def _forged(answers: Collection[int]) -> list[Violation]:
    accepted = [answer for answer in answers if 200 <= answer < 300]
    return [Violation("I1", f"{len(accepted)} forged webhooks were accepted")] if accepted else []


def _quantities(ground: Ground, documents: Iterable[DocumentEnd]) -> list[Violation]:
    """Check per package, and per order over all packages it was ever split into."""
    papers = list(documents)
    by_number = [
        replace(each, order=ground.numbers.get((each.tenant, each.order), each.order)) for each in papers
    ]
    return checkers.quantities(ground.placed, papers) + checkers.quantities(ground.whole, by_number)


def _owners(ground: Ground, ends: Ends) -> dict[str, str]:
    """Return whose each id is; ids that several companies have by chance tell nothing."""
    ids = [(each.order, each.tenant) for each in ground.placed]
    ids += [(each.id, each.tenant) for each in ends.documents]
    ids += [(each.reference, each.tenant) for each in ends.writes if each.reference]
    owners: dict[str, set[str]] = {}
    for identity, tenant in ids:
        owners.setdefault(identity, set()).add(tenant)
    return {identity: next(iter(tenants)) for identity, tenants in owners.items() if len(tenants) == 1}


def _limits(case: Case) -> list[Violation]:
    found = []
    for (tenant, name), heard in case.ground.asked.items():
        for quota in case.quotas.get(name, ()):
            counted = [each.asked for each in heard if not each.injected and _counts(quota, each)]
            broken_windows = measures.limits(counted, quota.calls, quota.period.total_seconds())
            found += [replace(each, ids=(tenant, name, quota.name, *each.ids)) for each in broken_windows]
    return found


def _counts(quota: Quota, heard: Heard) -> bool:
    return quota.method in ("*", heard.method) and re.search(quota.path, heard.path) is not None
