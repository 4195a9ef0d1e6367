"""The drift check of documents: what we say that a channel or ledger holds, and what it holds.

Day by day of issue, both ways. Nothing is corrected here: each difference is told with what to do, stays open
until a later comparison no longer finds it, and at most makes the engine ask the channel once more.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from kopru.documents import istanbul_date, stored_key
from kopru.flows.connections import Opened, call
from kopru.flows.effects import OPEN
from kopru.flows.env import Work
from kopru.flows.invoicing import follow_job
from kopru.flows.listing import listed
from kopru.flows.ports import Uow
from kopru.flows.proofs import Area, Drift, DriftCheck, OurWrite
from kopru.flows.records import DocumentState, EffectState, Lane, NewJob, Reason
from kopru.flows.texts_proofs import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError, Unsupported
from kopru.hooks.manifest import Stream
from kopru.hooks.types import CannotTell, Found, Operation, RefKind, RemoteRef, Window
from kopru.model import ExternalRef
from kopru.toolkit.dates import day_window

DAYS = 3
"""Days of issue the nightly run compares: today and those before."""

_NEAR = timedelta(days=1)
_SHORT_KEY = re.compile(r"[0-9a-f]{16}")
_NUMBER = re.compile(r"[A-Z0-9]{3}20\d{2}\d{9}")
_SETTLED = (EffectState.ACCEPTED, EffectState.CONFIRMED)
_KINDS = {Operation.SUBMIT_INVOICE: RefKind.E_DOCUMENT, Operation.POST_INVOICE: RefKind.LEDGER_DOCUMENT}


def nightly(work: Work) -> None:
    """Job ``documents.verify``: compare the last days of a channel or ledger, each in a job of its own."""
    connection_id = UUID(work.args["connection"])
    with work.write() as uow:
        today = istanbul_date(uow.now)
        for day in (today - timedelta(days=n) for n in range(DAYS)):
            args = {"connection": str(connection_id), "day": day.isoformat()}
            key = f"documents.verify_day:{connection_id}:{day}"
            serial = f"documents.verify:{connection_id}"
            uow.jobs.add(NewJob("documents.verify_day", args, key, Lane.BACKFILL, serial, connection_id))


def compare_day(work: Work) -> None:
    """Job ``documents.verify_day``: compare one day. A remote that offers no listing is left alone."""
    connection_id = UUID(work.args["connection"])
    try:
        compare(work, connection_id, date.fromisoformat(work.args["day"]))
    except Unsupported as error:
        with work.write() as uow:
            uow.events.add(work.actor, "connection", connection_id, "documents.not_verified", code=error.code)


def compare(work: Work, connection_id: UUID, day: date) -> DriftCheck:
    """Compare the documents issued on one day with what a channel or ledger lists, and store what differs.

    Raises:
        ConfigError: the connection has no documents, or its plugin cannot list them.
    """
    operation, facts = call(work, connection_id, _facts)
    refs = _listed(work, connection_id, _KINDS[operation], day, facts)
    with work.read() as uow:
        near = uow.drifts.writes(connection_id, [operation], day - _NEAR, day + _NEAR)
        series = uow.drifts.series()
    matched = match(near, refs)
    found = [
        *(each for write in near if write.issue_date == day for each in _of_write(write, matched)),
        *_foreign(work, matched.rest, near, series),
    ]
    found = [each for each in found if not (each.code == ABSENT and _is_there(work, connection_id, each))]
    return _store(work, connection_id, day, found, _counts(day, near, matched))


def _facts(opened: Opened) -> tuple[Operation, Stream]:
    hooks = {Operation.SUBMIT_INVOICE: "submit_invoice", Operation.POST_INVOICE: "post_invoice"}
    operation = next((each for each, hook in hooks.items() if opened.can(hook)), None)
    if operation is None or not opened.can("fetch_refs"):
        raise ConfigError("drift.no_listing", TEXTS.text("drift.no_listing", name=opened.row.name))
    return operation, opened.manifest.streams["fetch_refs"]


def _listed(
    work: Work, connection_id: UUID, kind: RefKind, day: date, facts: Stream
) -> tuple[RemoteRef, ...]:
    """Return what the remote lists for a day, each record once.

    The window ends within the day, for remotes that know days only.
    """
    whole = day_window(day)
    window = Window(whole.since, whole.until - timedelta(seconds=1))
    pages = listed(work, connection_id, kind, window, facts)
    return tuple({ref.external_id: ref for page in pages for ref in page}.values())


@dataclass(frozen=True)
class Matched:
    """Listed records by the write they are of, and those that are of none."""

    of: Mapping[UUID, Sequence[RemoteRef]]
    rest: Sequence[RemoteRef]


def match(writes: Iterable[OurWrite], refs: Iterable[RemoteRef]) -> Matched:
    """Find each listed record's write: by our key or ETTN on it, or by the id it was given. Pure."""
    names: dict[str, OurWrite] = {}
    for write in writes:
        names[str(write.document_id)] = names[stored_key(write.key).short] = write
        if write.ref_id:
            names[write.ref_id] = write
    of: dict[UUID, list[RemoteRef]] = defaultdict(list)
    rest = []
    for ref in refs:
        found = names.get(ref.external_id) or names.get(ref.our_reference)
        if found is None:
            rest.append(ref)
        else:
            of[found.effect_id].append(ref)
    return Matched(of, rest)


ABSENT = "drift.document.absent"


@dataclass(frozen=True)
class _Found:
    """One difference, before it is put into words."""

    code: str
    subject: str
    values: Mapping[str, str]
    write: OurWrite | None = None

    @property
    def command(self) -> str:
        """Return what to look at first."""
        number = self.values.get("number", "")
        return f"kopru documents show {number}" if self.write is not None and number else ""


def _of_write(write: OurWrite, matched: Matched) -> list[_Found]:
    """Return how what a remote lists differs from what we say of one write."""
    refs = matched.of.get(write.effect_id, ())
    live = [ref for ref in refs if not ref.cancelled]
    values = {"number": write.number}

    def found(code: str, **more: object) -> _Found:
        told = values | {name: str(value) for name, value in more.items()}
        return _Found(f"drift.document.{code}", str(write.document_id), told, write)

    if write.state in (*OPEN, EffectState.PLANNED):
        return []
    if write.state not in _SETTLED:
        return [found("refused", theirs=live[0].external_id)] if live else []
    if write.cancelled:
        return [found("not_cancelled")] if live else []
    if write.document_state is DocumentState.VOID:
        return []
    if not refs:
        return [found("absent")]
    if not live:
        return [found("cancelled")]
    if len(live) > 1:
        return [found("duplicate", theirs=", ".join(ref.external_id for ref in live))]
    return _compared(write, live[0], found)


def _compared(write: OurWrite, ref: RemoteRef, found: Callable[..., _Found]) -> list[_Found]:
    own_number = write.operation is Operation.SUBMIT_INVOICE and ref.number and write.number
    if own_number and ref.number != write.number:
        return [found("number", theirs=ref.number)]
    same_currency = ref.currency in ("", write.currency)
    if ref.total is not None and same_currency and ref.total != write.total:
        return [found("total", theirs=ref.total, ours=write.total)]
    return []


def _foreign(
    work: Work, rest: Iterable[RemoteRef], near: Iterable[OurWrite], series: frozenset[str]
) -> list[_Found]:
    """Return the records that carry our marks and are none of our writes."""
    numbers = {write.number: write for write in near if write.number}
    found = []
    for ref in rest:
        if ref.cancelled:
            continue
        write = numbers.get(ref.number)
        values = {"number": ref.number or ref.our_reference, "theirs": ref.external_id}
        if write is not None and write.state in _SETTLED:
            found.append(_Found("drift.document.duplicate", ref.external_id, values, write))
        elif write is None and _looks_ours(ref, series) and not _known(work, ref.number):
            found.append(_Found("drift.document.unknown", ref.external_id, values))
    return found


def _looks_ours(ref: RemoteRef, series: frozenset[str]) -> bool:
    numbered = _NUMBER.fullmatch(ref.number) is not None and ref.number[:3] in series
    return numbered or _SHORT_KEY.fullmatch(ref.our_reference) is not None


def _known(work: Work, number: str) -> bool:
    if not number:
        return False
    with work.read() as uow:
        return bool(uow.documents.find(number))


def _is_there(work: Work, connection_id: UUID, found: _Found) -> bool:
    """Look a document up that the listing lacks; a listing may be late, or know it under another day."""
    write = found.write
    if write is None:
        return False
    hint = ExternalRef(kind=write.ref_kind, id=write.ref_id) if write.ref_kind and write.ref_id else None

    def look(opened: Opened) -> object:
        if not opened.can("locate"):
            return CannotTell(TEXTS["drift.document.absent"])
        return opened.use(ports.Locates).locate(opened.ctx, write.operation, stored_key(write.key), hint)

    return isinstance(call(work, connection_id, look), Found)


def _counts(day: date, near: Sequence[OurWrite], matched: Matched) -> tuple[int, int]:
    """Return how many documents of a day we say that the remote holds, and how many of them it lists."""
    ours = [
        each
        for each in near
        if each.issue_date == day
        and each.state in _SETTLED
        and not each.cancelled
        and each.document_state is not DocumentState.VOID
    ]
    return len(ours), sum(not ref.cancelled for each in ours for ref in matched.of.get(each.effect_id, ()))


def _store(
    work: Work, connection_id: UUID, day: date, found: Sequence[_Found], counts: tuple[int, int]
) -> DriftCheck:
    ours, listed = counts
    remote = listed + sum(each.write is None for each in found)
    with work.write() as uow:
        for each in found:
            _tell(work, uow, connection_id, day, each)
        uow.drifts.resolve(connection_id, Area.DOCUMENTS, day, [each.subject for each in found])
        done = DriftCheck(connection_id, Area.DOCUMENTS, day, ours, remote, len(found), uow.now)
        uow.drifts.checked(done)
        story = {"day": day.isoformat(), "ours": ours, "remote": remote, "differences": len(found)}
        uow.events.add(work.actor, "connection", connection_id, "documents.verified", **story)
    return done


def _tell(work: Work, uow: Uow, connection_id: UUID, day: date, found: _Found) -> None:
    reason = Reason(found.code, TEXTS.text(found.code, **{"theirs": "", "ours": "", **found.values}))
    document_id = found.write.document_id if found.write else None
    data = dict(found.values)
    row = Drift(connection_id, Area.DOCUMENTS, found.subject, day, reason, found.command, data, document_id)
    if not uow.drifts.find(row):
        return
    subject = ("document", document_id) if document_id else ("connection", connection_id)
    uow.events.add(work.actor, *subject, "drift.found", code=found.code, **found.values)
    if found.code == "drift.document.cancelled" and found.write and not work.dry_run:
        _ask_again(uow, connection_id, found.write)


def _ask_again(uow: Uow, connection_id: UUID, write: OurWrite) -> None:
    """Let the channel's follow-up hear of a cancellation: it voids the document and parks its order."""
    if write.operation is Operation.SUBMIT_INVOICE:
        uow.documents.follow_at(write.document_id, uow.now)
        uow.jobs.add(follow_job(connection_id, 0.0))
