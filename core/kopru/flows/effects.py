"""The posting protocol: every write to another system happens once, or its outcome is found out.

``planned → sending → accepted | confirmed | rejected | uncertain``. ``sending`` is committed before the first
byte leaves. From ``uncertain`` the only way on is a look-up, never a blind repeat; how a look-up that finds
nothing is read follows from the repeat mode the plugin declares.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from kopru.flows.connections import Opened, call
from kopru.flows.env import Later, Work
from kopru.flows.ports import Uow
from kopru.flows.records import EffectRow, EffectState, Reason
from kopru.flows.restoring import asks_first, require_settled
from kopru.flows.texts import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import (
    Actor,
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    MappingMissing,
    OutcomeUnknown,
    PluginBug,
    RateLimited,
    Rejected,
    Unsupported,
)
from kopru.hooks.manifest import Repeat, Serial, Write
from kopru.hooks.types import (
    Absent,
    CannotTell,
    Echo,
    Found,
    IdempotencyKey,
    Operation,
    Receipt,
    ReceiptState,
)
from kopru.model import ExternalRef

LOOKUPS = (5.0, 30.0, 120.0, 600.0)
"""Seconds between look-ups of an unknown outcome; the last one repeats."""

OPEN = (EffectState.SENDING, EffectState.UNCERTAIN)
"""States in which the other side may hold the record although we do not know."""

TROUBLE = (*OPEN, EffectState.REJECTED)
CONFLICT = "effect.conflict"
GIVEN_UP = "answer.given_up"
THERE = "answer.there"
"""A person said that the record is there; its id, if known, is the reason's detail."""

ASK = "effect.ask"
PERSONAL = frozenset({ASK, "effect.differs"})
"""Reasons of an open write that only a person can do something about."""

UNPROTECTED = (Repeat.QUERY_BY_REF, Repeat.NONE)
"""Ways of writing in which the target itself would take the same record twice."""

CARDS = (Operation.UPSERT_PARTY, Operation.UPSERT_PRODUCT)
"""Writes whose record people know by its code."""

LEASE = timedelta(seconds=10)
TURN = (0.5, 2.0)
"""Seconds between looks whether a connection that takes one write at a time is free."""

OWN_LIMITS = ("limit.quota", "limit.unavailable")
"""Our own limiter held a request back: what left before it was taken."""

_ANSWERED = (RateLimited, AuthError, ConfigError, Unsupported, MappingMissing)
"""Errors that say the remote (or nobody) did anything with the last request."""


class Refused(Exception):
    """The remote refused the record for good, or a person must answer; the flow parks its subject."""

    def __init__(self, effect: EffectRow, reason: Reason, error: ConnectorError | None = None) -> None:
        """Take the effect, why, and the error with its findings if there was one."""
        self.effect = effect
        self.reason = reason
        self.findings = error.findings if isinstance(error, Rejected) else ()
        super().__init__(reason.code)


def refused_job(refusal: Refused) -> ConfigError:
    """Return the error that parks a job of its own, when no order waits for its write."""
    reason = refusal.reason
    return ConfigError(reason.code, reason.text, detail=reason.detail)


@dataclass(frozen=True)
class Post:
    """One write as a flow describes it.

    ``send`` calls the hook. ``expected`` is compared with what the target says it stored. ``hint`` is the
    record written to, for the look-up. ``then`` runs in the transaction that stores the outcome. ``alone``
    says that the job's serial key keeps other writes of the operation off the connection already.
    """

    key: IdempotencyKey
    send: Callable[[Opened, IdempotencyKey], Receipt]
    request_hash: str
    expected: Echo = field(default_factory=Echo)
    hint: ExternalRef | None = None
    then: Callable[[Uow, EffectRow], None] = lambda uow, effect: None
    alone: bool = False


def is_given_up(effect: EffectRow) -> bool:
    """Whether a person decided that a write is never made."""
    abandoned = effect.state is EffectState.ABANDONED
    return abandoned and effect.reason is not None and effect.reason.code == GIVEN_UP


def fingerprint(content: bytes) -> str:
    """Return the hash that identifies a request's content."""
    return hashlib.sha256(content).hexdigest()


def begin(uow: Uow, work: Work, effect: EffectRow, request_hash: str) -> tuple[EffectRow, bool]:
    """Plan an effect and, if it may go out, commit it to ``sending`` with this transaction.

    Returns the effect and whether this call did so.

    Raises:
        Later: a backup was restored, and it is not known yet what the remotes hold.
    """
    row = uow.effects.plan(effect)
    if row.state is not EffectState.PLANNED:
        return row, False
    require_settled(work)
    attempt = uow.effects.sending(row.id, request_hash)
    uow.events.add(work.actor, "effect", row.id, "effect.sending", **_story(row, attempt=attempt))
    return replace(row, state=EffectState.SENDING, attempt=attempt, sent_at=uow.now), True


def post(work: Work, effect: EffectRow, write: Post, *, begun: bool = False) -> EffectRow:
    """Bring one write to an end and return the settled effect; one that a person gave up is left alone.

    Args:
        work: the piece of work; its lease is checked before the first byte.
        effect: the effect as last read; ``begun`` says that this call committed it to ``sending``.
        write: what to send.
        begun: see above.

    Raises:
        Later: the outcome is not known yet; a look-up follows.
        Refused: the remote refused it, or only a person can tell.
        ConnectorError: it is not there; the job's own policy says when the next try is.
    """
    if effect.settled or effect.state is EffectState.ABANDONED:
        return effect
    if effect.state is EffectState.REJECTED:
        raise Refused(effect, effect.reason or Reason("effect.rejected", Rejected.default))
    if not begun and effect.state in OPEN:
        effect = _find_out(work, effect, write)
        if effect.settled:
            return effect
    if not begun:
        with work.write() as uow:
            effect, begun = begin(uow, work, effect, write.request_hash)
        if not begun:
            raise Later(1.0)
    return _send(work, effect, write)


def _send(work: Work, effect: EffectRow, write: Post) -> EffectRow:
    try:
        facts = _facts(work, effect)
    except ConnectorError as error:
        # The connection cannot be used now, so that nothing left.
        _turn(work, effect, EffectState.PLANNED, Reason.of(error))
        raise
    if facts.repeat in UNPROTECTED and asks_first(work):
        found = _remembered(work, effect, write)
        if found is not None:
            return found

    def send(opened: Opened) -> Receipt:
        if facts.serial is Serial.CONNECTION and not write.alone:
            _take_turn(work, effect, facts)
        return write.send(opened, write.key)

    try:
        receipt = call(work, effect.connection_id, send, seconds=facts.timeout.total_seconds())
    except Rejected as error:
        raise _refused(work, effect, Reason.of(error), error) from error
    except (OutcomeUnknown, Conflict) as error:
        reason = _conflict(error) if isinstance(error, Conflict) else Reason.of(error)
        if isinstance(error, Conflict) and facts.repeat is Repeat.ABSOLUTE:
            # Setting the same state again is no conflict, so it is something else that stands there.
            raise _refused(work, effect, reason, error) from error
        _turn(work, effect, EffectState.UNCERTAIN, reason)
        unknown = replace(effect, state=EffectState.UNCERTAIN, reason=reason, sent_at=None)
        found = _find_out(work, unknown, write)
        if found.settled:
            return found
        raise
    except ConnectorError as error:
        _undo_or_doubt(work, effect, error)
        raise
    return _settle(work, effect, write, receipt)


def _take_turn(work: Work, effect: EffectRow, facts: Write) -> None:
    """Let one write of the operation run at a time. Each commits ``sending`` before it looks for others, so
    that of two at once at least one sees the other; one whose time is over is not at it any more.

    Called right before the hook: a login that was renewed first takes nothing of that time, because a write
    that was kept up commits ``sending`` anew before it looks.

    Raises:
        Later: another is at it, and this one is planned again.
    """
    with work.read() as uow:
        mine = uow.effects.get(effect.id)
        kept_up = mine is None or mine.sent_at is None or uow.now - mine.sent_at > LEASE / 2
    if kept_up:
        with work.write() as uow:
            _yield_to_person(uow, effect)
            uow.effects.turn(effect.id, EffectState.SENDING)
    with work.read() as uow:
        earliest = uow.now - LEASE - facts.timeout
        others = [
            each
            for each in uow.effects.open()
            if each.state is EffectState.SENDING
            and (each.connection_id, each.operation) == (effect.connection_id, effect.operation)
            and each.id != effect.id
            and (each.sent_at is None or each.sent_at > earliest)
        ]
    if others:
        _turn(work, effect, EffectState.PLANNED, None)
        raise Later(random.uniform(*TURN))  # noqa: S311 - spreading load needs no secrecy


def _remembered(work: Work, effect: EffectRow, write: Post) -> EffectRow | None:
    """Return the write settled if the target holds it from before a backup was restored.

    Raises:
        Refused: only a person can tell.
    """
    located = call(work, effect.connection_id, lambda opened: _locate(opened, effect, write))
    if isinstance(located, Found):
        return _settle(work, effect, write, located.receipt)
    if isinstance(located, CannotTell):
        raise _asked(work, effect, located.reason.en)
    return None


def _refused(work: Work, effect: EffectRow, reason: Reason, error: ConnectorError) -> Refused:
    _turn(work, effect, EffectState.REJECTED, reason)
    return Refused(replace(effect, state=EffectState.REJECTED), reason, error)


def _conflict(error: Conflict) -> Reason:
    """Return the reason of "already there": when it is not ours that is there, a person decides."""
    return Reason(CONFLICT, error.message, Actor.OPERATOR, f"{error.code} {error.detail}".strip())


def _undo_or_doubt(work: Work, effect: EffectRow, error: ConnectorError) -> None:
    """Go back to ``planned`` when certainly nothing was done; otherwise the outcome is unknown."""
    answered = 1 if isinstance(error, _ANSWERED) and error.code not in OWN_LIMITS else 0
    harmless = work.lease.writes <= answered and not (isinstance(error, PluginBug) and work.lease.writes)
    state = EffectState.PLANNED if harmless else EffectState.UNCERTAIN
    _turn(work, effect, state, Reason.of(error))


def _settle(work: Work, effect: EffectRow, write: Post, receipt: Receipt) -> EffectRow:
    difference = _difference(write.expected, receipt.echo)
    if difference is not None:
        _turn(work, effect, EffectState.UNCERTAIN, difference)
        raise Refused(replace(effect, state=EffectState.UNCERTAIN), difference)
    state = EffectState.ACCEPTED if receipt.state is ReceiptState.ACCEPTED else EffectState.CONFIRMED
    settled = replace(
        effect, state=state, ref=receipt.ref, number=receipt.number, echo=receipt.echo, reason=None
    )
    with work.write() as uow:
        uow.effects.settle(effect.id, state, receipt.ref, receipt.number, receipt.echo)
        uow.events.add(
            work.actor,
            "effect",
            effect.id,
            f"effect.{state.value}",
            **_story(effect, ref=receipt.ref.id if receipt.ref else "", number=receipt.number or ""),
        )
        write.then(uow, settled)
    return settled


def find_out(work: Work, effect: EffectRow, write: Post) -> EffectRow:
    """Learn what became of an open write without sending anything.

    Returns it settled, or planned when it is not there and will not come any more.

    Raises:
        Later: the target may still be at it.
        Refused: only a person can tell.
        ConnectorError: the look-up failed.
    """
    return _find_out(work, effect, write, certain=True)


def _find_out(work: Work, effect: EffectRow, write: Post, *, certain: bool = False) -> EffectRow:
    """Look an unknown outcome up. Returns it settled, or planned again when sending it again is safe."""
    facts = _facts(work, effect)
    # Before the look-up: what commits while it is under way is not in its answer.
    waiting = _quiet_left(work, effect, facts)
    located = call(work, effect.connection_id, lambda opened: _locate(opened, effect, write))
    if effect.reason is not None and effect.reason.code == THERE:
        receipt = located.receipt if isinstance(located, Found) else _told(effect, effect.reason)
        return _settle(work, effect, replace(write, expected=Echo()), receipt)
    if isinstance(located, Found):
        return _settle(work, effect, write, located.receipt)
    unprotected = facts.repeat in UNPROTECTED
    conflicting = effect.reason is not None and effect.reason.code == CONFLICT
    if (unprotected or conflicting or certain) and waiting > 0:
        with work.write() as uow:
            _yield_to_person(uow, effect)
            uow.effects.looked_up(effect.id)
        step = LOOKUPS[min(effect.lookups, len(LOOKUPS) - 1)]
        raise Later(min(step, waiting + 0.5))
    if unprotected and (isinstance(located, CannotTell) or facts.repeat is Repeat.NONE):
        # Not earlier: what a person does not see yet may still come.
        raise _asked(work, effect, located.reason.en if isinstance(located, CannotTell) else "")
    if conflicting and effect.reason is not None:
        raise Refused(effect, effect.reason)
    passing = effect.reason if effect.reason and effect.reason.actor is Actor.ENGINE else None
    _turn(work, effect, EffectState.PLANNED, passing)
    return replace(effect, state=EffectState.PLANNED, reason=passing)


def _asked(work: Work, effect: EffectRow, detail: str) -> Refused:
    """Ask a person whether it is there, unless a question is open already."""
    reason = effect.reason
    if reason is None or reason.code not in PERSONAL:
        reason = Reason(ASK, TEXTS[ASK], Actor.OPERATOR, detail)
        _turn(work, effect, EffectState.UNCERTAIN, reason)
    return Refused(replace(effect, state=EffectState.UNCERTAIN, reason=reason), reason)


def _yield_to_person(uow: Uow, effect: EffectRow) -> None:
    """Leave a write alone on which a person has spoken since it was read.

    Raises:
        Later: so it is; the next try goes by the answer.
    """
    now = uow.effects.get(effect.id, lock=True)
    assert now is not None
    told = now.reason is not None and now.reason.code == THERE and now.reason != effect.reason
    if told or now.state not in OPEN:
        raise Later(0.0)


def _told(effect: EffectRow, answer: Reason) -> Receipt:
    """Return the receipt a person's answer stands for."""
    ref = ExternalRef(kind=effect.operation.value, id=answer.detail) if answer.detail else None
    number = answer.detail if effect.operation in CARDS and answer.detail else None
    return Receipt(ReceiptState.DONE, ref, number)


def _locate(opened: Opened, effect: EffectRow, write: Post) -> Found | Absent | CannotTell:
    if not opened.can("locate"):
        return CannotTell(TEXTS["effect.ask"])
    return opened.use(ports.Locates).locate(opened.ctx, effect.operation, write.key, write.hint)


def _quiet_left(work: Work, effect: EffectRow, facts: Write) -> float:
    """Return the seconds until "absent" counts: lease + longest request + the target's own delay.

    They begin when the outcome is seen to be unknown. Counted from the commit of ``sending`` they would be
    too few: a login that is renewed, or a plugin that asks first, lets the first byte leave much later.
    """
    quiet = LEASE + facts.timeout + facts.quiet
    if effect.state is EffectState.SENDING or effect.sent_at is None:
        return quiet.total_seconds()
    with work.read() as uow:
        return (quiet - (uow.now - effect.sent_at)).total_seconds()


def _facts(work: Work, effect: EffectRow) -> Write:
    manifest = call(work, effect.connection_id, lambda opened: opened.manifest)
    return manifest.writes[effect.operation]


def _turn(work: Work, effect: EffectRow, state: EffectState, reason: Reason | None) -> None:
    with work.write() as uow:
        _yield_to_person(uow, effect)
        uow.effects.turn(effect.id, state, reason)
        uow.events.add(
            work.actor,
            "effect",
            effect.id,
            f"effect.{state.value}",
            **_story(effect, code=reason.code if reason else ""),
        )


def _difference(expected: Echo, stored: Echo) -> Reason | None:
    """Return what the target stored otherwise than sent; what it does not echo is not compared."""
    pairs: list[tuple[str, object, object]] = [
        ("total", expected.total, stored.total),
        ("currency", expected.currency, stored.currency),
        ("number", expected.number, stored.number),
    ]
    for name, ours, theirs in pairs:
        if ours is not None and theirs is not None and ours != theirs:
            text = TEXTS.text("effect.differs", field=name, ours=ours, theirs=theirs)
            return Reason("effect.differs", text)
    return None


def _story(effect: EffectRow, **more: object) -> dict[str, object]:
    subject: UUID | None = effect.document_id or effect.order_id
    return {"operation": effect.operation.value, "about": str(subject) if subject else "", **more}
