"""The invariants of reliability as pure functions over evidence: ground truth and the rows at the end.

Every suite that shakes the engine (the protocol in small, the chaos runs) asks the same functions. Each takes
``evidence`` and returns the violations it found, none when the invariant holds. Call them after faults have
stopped and everything that can come to an end had time to: in the middle of work a half-done order is no
violation.

The invariants that compare measurements (I9, I10, I14) are in ``measures``.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from kopru.testing.evidence import (
    ZERO,
    Action,
    Asked,
    DocumentEnd,
    JobEnd,
    NumberEnd,
    OrderEnd,
    Placed,
    Shown,
    Stored,
    Violation,
    Wanted,
    WriteEnd,
)

INVARIANTS: Mapping[str, str] = MappingProxyType(
    {
        "I1": "No order is lost",
        "I2": "Nothing is there twice",
        "I3": "Numbers have no gap and no double",
        "I4": "Money agrees: orders, documents, ledger",
        "I5": "Stock never goes back and ends right",
        "I6": "Nothing is left hanging",
        "I7": "An unknown outcome is never sent blindly",
        "I8": "Companies stay apart",
        "I9": "Quotas hold",
        "I10": "One company's load is not another's delay",
        "I11": "Schedules fire exactly once",
        "I12": "Every effect is in an unbroken audit chain",
        "I13": "Secrets appear nowhere",
        "I14": "Resources do not grow",
        "I15": "No more is invoiced than was ordered",
    }
)
"""Every invariant by its number."""

REASONED = frozenset({"parked", "held", "excluded", "cancelled"})
"""States an order may end in when it says why."""

SUBMIT, POST = "submit_invoice", "post_invoice"
ANSWERED = "effect.answered"

_Papers = Mapping[tuple[str, str], DocumentEnd]
K = TypeVar("K")
V = TypeVar("V")


def lost_orders(
    placed: Iterable[Placed],
    orders: Iterable[OrderEnd],
    documents: Iterable[DocumentEnd],
    stored: Iterable[Stored],
) -> list[Violation]:
    """I1: every order of a shop ended: invoiced, and the channel has it, or left with a reason."""
    rows = _by(orders, lambda each: (each.tenant, each.order))
    live = _by((each for each in documents if each.live), lambda each: (each.tenant, each.order))
    at_channel = {(each.tenant, each.reference) for each in stored if each.operation == SUBMIT and each.live}
    found = []
    for each in placed:
        ends = rows.get((each.tenant, each.order), [])
        invoices = [document for document in live.get((each.tenant, each.order), []) if not document.credit]
        problem = _order_problem(ends, invoices, at_channel)
        if problem:
            found.append(Violation("I1", problem, (each.tenant, each.order)))
    return found


def _order_problem(
    ends: Sequence[OrderEnd], invoices: Sequence[DocumentEnd], at_channel: Collection[tuple[str, str]]
) -> str:
    if len(ends) != 1:
        return "the order is unknown" if not ends else "the order has several rows"
    state, reason = ends[0].state, ends[0].reason
    if state in REASONED:
        return "" if reason else f"the order is {state} without a reason"
    if state != "done":
        return f"the order is stuck in {state}"
    if not invoices:
        return "the order is done without an invoice"
    if any((each.tenant, each.id) not in at_channel for each in invoices):
        return "the order is done, but its channel has no such invoice"
    return ""


def duplicates(
    stored: Iterable[Stored], documents: Iterable[DocumentEnd] = (), writes: Iterable[WriteEnd] | None = None
) -> list[Violation]:
    """I2: at most one live record per write and per number at a remote, one live invoice per order.

    With ``writes``, every live record must also belong to a write that is not planned any more, and every
    write the engine believes settled must have left a record (cancelled ones count).
    """
    held = list(stored)
    live = [each for each in held if each.live]
    found = _repeated("I2", "the remote holds a write several times", _references(live))
    numbered = ((each.tenant, each.operation, each.number) for each in live if each.number)
    found += _repeated("I2", "the remote holds a number several times", numbered)
    invoices = ((each.tenant, each.order) for each in documents if each.live and not each.credit)
    found += _repeated("I2", "an order has several live invoices", invoices)
    if writes is not None:
        found += _unmatched(held, live, list(writes))
    return found


def _references(stored: Iterable[Stored]) -> Iterable[tuple[str, str, str]]:
    return ((each.tenant, each.operation, each.reference) for each in stored)


def _unmatched(held: list[Stored], live: list[Stored], writes: list[WriteEnd]) -> list[Violation]:
    gone_out = {(each.tenant, each.operation, each.reference) for each in writes if each.state != "planned"}
    settled = [(each.tenant, each.operation, each.reference) for each in writes if each.settled]
    known = set(_references(held))
    stray = [key for key in _references(live) if key not in gone_out]
    missing = [key for key in settled if key not in known]
    return [Violation("I2", "the remote holds what was never sent", key) for key in stray] + [
        Violation("I2", "a settled write left nothing at the remote", key) for key in missing
    ]


def numbers(
    allotted: Iterable[NumberEnd], documents: Iterable[DocumentEnd], stored: Iterable[Stored] = ()
) -> list[Violation]:
    """I3: per company, series and year exactly 1..n, each on one document; what is void says why.

    What a channel holds carries the number of its own document.
    """
    rows, papers = list(allotted), {(each.tenant, each.id): each for each in documents}
    owners = [(each.tenant, each.document) for each in rows]
    shown = [(each.tenant, each.number) for each in papers.values() if each.number]
    return [
        *_gaps(rows),
        *_repeated("I3", "a document has several numbers", owners),
        *_repeated("I3", "a number is on several documents", shown),
        *_unowned(rows, papers),
        *_unallotted(papers, set(owners)),
        *_differing(papers, stored),
    ]


def _unowned(rows: Iterable[NumberEnd], papers: _Papers) -> Iterator[Violation]:
    for row in rows:
        paper = papers.get((row.tenant, row.document))
        ids = (row.tenant, row.prefix, str(row.year), str(row.sequence))
        if paper is None:
            yield Violation("I3", "a number belongs to no document", ids)
        elif not paper.live and not row.void_reason:
            yield Violation("I3", "a void number says no reason", ids)


def _unallotted(papers: _Papers, owners: Collection[tuple[str, str]]) -> Iterator[Violation]:
    for key, paper in papers.items():
        if paper.number and key not in owners:
            yield Violation("I3", "a document has a number nobody allotted", (paper.tenant, paper.number))


def _differing(papers: _Papers, stored: Iterable[Stored]) -> Iterator[Violation]:
    for each in stored:
        paper = papers.get((each.tenant, each.reference)) if each.operation == SUBMIT else None
        if paper is not None and paper.number != each.number:
            text = f"the channel holds number “{each.number}”, the document has “{paper.number}”"
            yield Violation("I3", text, (each.tenant, each.reference))


def _gaps(rows: Iterable[NumberEnd]) -> list[Violation]:
    found = []
    for key, group in _by(rows, lambda each: (each.tenant, each.prefix, str(each.year))).items():
        sequences = sorted(each.sequence for each in group)
        expected = list(range(1, len(sequences) + 1))
        if sequences != expected:
            odd = sorted((Counter(sequences) - Counter(expected)) + (Counter(expected) - Counter(sequences)))
            text = "numbers are missing or double"
            found.append(Violation("I3", text, (*key, *(str(each) for each in odd[:10]))))
    return found


def money(
    placed: Iterable[Placed],
    orders: Iterable[OrderEnd],
    documents: Iterable[DocumentEnd],
    stored: Iterable[Stored],
) -> list[Violation]:
    """I4: of what is done, orders minus refunds = documents = what channel and ledger hold, each by each.

    Records at remotes without a total are not compared.
    """
    done = {(each.tenant, each.order) for each in orders if each.state == "done"}
    papers = [each for each in documents if each.live and (each.tenant, each.order) in done]
    by_order = _by(papers, lambda each: (each.tenant, each.order))
    found = []
    for each in placed:
        key = (each.tenant, each.order)
        ours = sum((_signed(paper.total, paper.credit) for paper in by_order.get(key, [])), ZERO)
        if key in done and ours != each.total - each.refunded:
            text = f"the order comes to {each.total - each.refunded}, its documents to {ours}"
            found.append(Violation("I4", text, key))
    return found + list(_differing_totals(papers, stored))


def _differing_totals(papers: Iterable[DocumentEnd], stored: Iterable[Stored]) -> Iterator[Violation]:
    totals = {(each.tenant, each.number): each.total for each in papers if each.number}
    for each in stored:
        ours = totals.get((each.tenant, each.number)) if each.live else None
        if each.operation in (SUBMIT, POST) and None not in (ours, each.total) and ours != each.total:
            text = f"{each.operation}: the remote holds {each.total}, the document says {ours}"
            yield Violation("I4", text, (each.tenant, each.number))


def _signed(amount: Decimal, credit: bool) -> Decimal:
    return -amount if credit else amount


def stock(shown: Iterable[Shown], wanted: Iterable[Wanted]) -> list[Violation]:
    """I5: what a channel shows follows the wanted versions in order and ends at the last one."""
    seen = _by(shown, lambda each: (each.tenant, each.channel, each.product))
    found = []
    for each in wanted:
        key = (each.tenant, each.channel, each.product)
        quantities = [one.quantity for one in seen.get(key, [])]
        if not _follows(quantities, each.quantities):
            found.append(Violation("I5", "an older quantity replaced a newer one", key))
        elif each.quantities and quantities[-1:] != [each.quantities[-1]]:
            found.append(Violation("I5", "the channel does not show the last quantity", key))
    return found


def _follows(shown: Iterable[int], versions: Sequence[int]) -> bool:
    """Whether a walk over versions that never steps back, but may skip, can show these quantities."""
    at = 0
    for quantity in shown:
        try:
            at = versions.index(quantity, at)
        except ValueError:
            return False
    return True


def hanging(
    jobs: Iterable[JobEnd],
    writes: Iterable[WriteEnd],
    now: datetime,
    *,
    grace: timedelta = timedelta(seconds=60),
    unacked: int = 0,
) -> list[Violation]:
    """I6: no job runs without a live lease or waits past its time, no message and no write is left open.

    Writes that wait for a person's answer are none of the engine's.
    """
    found = [Violation("I6", f"{unacked} messages are not acknowledged")] if unacked else []
    for job in jobs:
        if job.state == "running" and (job.lease_until is None or job.lease_until < now):
            found.append(Violation("I6", "a job runs without a live lease", (job.id,)))
        if job.state == "queued" and job.run_at is not None and job.run_at < now - grace:
            found.append(Violation("I6", "a due job is not taken", (job.id,)))
    for write in writes:
        old = write.changed_at is None or write.changed_at < now - grace
        if write.open and old and not write.personal:
            found.append(Violation("I6", f"a write is still {write.state}", (write.tenant, write.id)))
    return found


def blind_repeats(asked: Iterable[Asked], *, quiet: float = 0.0) -> list[Violation]:
    """I7: between two sends of a write there is a look-up, unless the first one's answer said "nothing done".

    Give it the requests of targets that would store a repeat (``query_by_ref``, ``none``). A person's word
    that it is not there clears the next send too; after a person ended the write nothing is sent any more.

    Args:
        asked: requests and persons' words in the order of arrival.
        quiet: seconds between a send and the earliest look-up that may clear the next one.
    """
    unclear: dict[tuple[str, str], float] = {}
    ended: set[tuple[str, str]] = set()
    found = []
    for each in asked:
        key = (each.tenant, each.reference)
        late = each.at - unclear.get(key, each.at) >= quiet
        if each.action is Action.ENDED:
            ended.add(key)
        elif each.action is Action.CLEARED or (each.action is Action.LOCATE and late):
            unclear.pop(key, None)
        elif each.action is Action.SEND:
            if key in ended:
                found.append(Violation("I7", "sent although a person had ended it", key))
            if key in unclear:
                found.append(Violation("I7", "sent again without a look-up in between", key))
            if not each.harmless:
                unclear[key] = each.at
    return found


def isolation(
    stored: Iterable[Stored], orders: Iterable[OrderEnd], owners: Mapping[str, str]
) -> list[Violation]:
    """I8: what lies at a company's remotes and in its rows is its own.

    ``owners`` names the tenant by what can be seen: orders' ids, ETTNs, references of writes.
    """
    seen = [(each.tenant, each.reference) for each in stored] + [(each.tenant, each.order) for each in orders]
    return [
        Violation("I8", f"of {owners[thing]}", (tenant, thing))
        for tenant, thing in seen
        if owners.get(thing, tenant) != tenant
    ]


def schedules(fired: Iterable[tuple[str, datetime]], due: Iterable[tuple[str, datetime]]) -> list[Violation]:
    """I11: every due time of a schedule was fired once, and nothing else was."""
    counts, expected = Counter(fired), set(due)
    wrong = [(key, "was fired several times") for key, count in counts.items() if count > 1]
    wrong += [(key, "was not fired") for key in expected - counts.keys()]
    wrong += [(key, "was not due") for key in counts.keys() - expected]
    return [Violation("I11", text, (name, at.isoformat())) for (name, at), text in sorted(wrong)]


def audit(
    writes: Iterable[WriteEnd], events: Iterable[tuple[str, str]], broken: Iterable[str] = ()
) -> list[Violation]:
    """I12: the chain verifies (``broken`` lists where it does not) and tells how each write got where it is.

    ``events`` are (subject's id, action).
    """
    told = set(events)
    found = [Violation("I12", "the audit chain is broken", (where,)) for where in broken]
    for each in writes:
        if each.state != "planned" and told.isdisjoint(
            {(each.id, f"effect.{each.state}"), (each.id, ANSWERED)}
        ):
            found.append(Violation("I12", f"no event says effect.{each.state}", (each.tenant, each.id)))
    return found


def secrets(canaries: Collection[str], texts: Mapping[str, str]) -> list[Violation]:
    """I13: none of the planted secrets stands in any text, given by name; the finding does not repeat it."""
    return [
        Violation("I13", f"secret no. {place} is readable", (name,))
        for name, text in texts.items()
        for place, canary in enumerate(canaries, 1)
        if canary in text
    ]


def quantities(placed: Iterable[Placed], documents: Iterable[DocumentEnd]) -> list[Violation]:
    """I15: per order line, live invoiced minus credited quantity is between zero and what was ordered."""
    papers = _by((each for each in documents if each.live), lambda each: (each.tenant, each.order))
    found = []
    for order in placed:
        key = (order.tenant, order.order)
        invoiced: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for paper in papers.get(key, []):
            for line, quantity in paper.quantities.items():
                invoiced[line] += _signed(quantity, paper.credit)
        for line, quantity in invoiced.items():
            ordered = order.quantities.get(line, ZERO)
            if not ZERO <= quantity <= ordered:
                found.append(Violation("I15", f"{quantity} invoiced of {ordered} ordered", (*key, line)))
    return found


def _by(things: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = defaultdict(list)
    for each in things:
        groups[key(each)].append(each)
    return groups


def _repeated(invariant: str, text: str, keys: Iterable[tuple[str, ...]]) -> list[Violation]:
    return [Violation(invariant, text, key) for key, count in Counter(keys).items() if count > 1]
