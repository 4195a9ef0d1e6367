"""Every write: once per key whatever happens to the answer, and every kind of trouble told for what it is."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from kopru.hooks.dry_run import PlannedRequest
from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    MappingMissing,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unsupported,
)
from kopru.hooks.manifest import Repeat
from kopru.hooks.types import (
    Absent,
    CannotTell,
    Found,
    Operation,
    PendingReceipt,
    Receipt,
    ReceiptState,
)
from kopru.model import ExternalRef
from kopru.testing.contract.base import Suite, Test, family
from kopru.testing.contract.failure import Failure, expect, expect_same
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.operations import CASES
from kopru.testing.contract.session import Session
from kopru.testing.contract.subject import Subject
from kopru.testing.contract.writes import Intent, Warm, WriteCase, ready
from kopru.testing.faults import Fault, FaultKind

Of = Callable[[Kit], WriteCase]

_LATE = 0.05
_SHORT = 0.12
_SLOW = 0.3
_WAIT = 7
_UNSURE = frozenset({Repeat.ABSOLUTE, Repeat.NATIVE_KEY, Repeat.NONE})
"""Modes in which ``locate`` may say that it cannot tell: a repeat is harmless, or a person decides anyway."""
_REFUSALS = (Rejected, Unsupported, ConfigError, MappingMissing, Conflict)
_ECHOES_TOTAL = frozenset({Operation.POST_INVOICE, Operation.POST_ORDER})


def _case(kit: Kit, operation: Operation) -> WriteCase:
    return CASES[operation](kit)


class WritingSuite(Suite):
    """Tests of all writes."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether the plugin writes to a simulator."""
        return subject.simulator is not None and bool(subject.operations)

    @classmethod
    def tests(cls, subject: Subject) -> dict[str, Test]:
        """Return the tests once per operation."""
        found: dict[str, Test] = {}
        for operation in subject.operations:
            wanted = partial(_wanted, subject, operation)
            found |= family(cls, operation.value, partial(_case, operation=operation), wanted)
        return found

    def each_succeeds(self, of: Of) -> None:
        """Fails when HOOK does not write, or its answer contradicts what was sent.

        Look at the echo: total, currency and number are what the target says it stored, never what was sent.
        """
        for case, session, _ in ready(of(self)):
            intent = case.intent(session, 1)
            answer = case.send(session, intent)
            if isinstance(answer, Receipt):
                expect(answer.state is not ReceiptState.PLANNED, "A write that was made is called planned.")
                _expect_echo(case, intent, answer)

    def each_leaves_one_record_per_key(self, of: Of) -> None:
        """Fails when HOOK called twice with one key leaves two records.

        Look at the repeat mode: ``native_key`` hands the key to the target, ``natural_unique`` is refused,
        ``query_by_ref`` is found by ``locate`` before it is sent again, ``absolute`` sets the same once more.
        """
        for case, session, warm in ready(of(self)):
            intent, before = case.intent(session, 1), case.count(session)
            case.follow(session, intent, case.send(session, intent))
            if case.facts.repeat in (Repeat.QUERY_BY_REF, Repeat.NONE):
                located = case.locate(session, intent)
                expect(not isinstance(located, Absent), "locate says Absent right after the write.")
            else:
                _send_again(case, session, intent)
            _expect_arrived(case, session, intent, before, warm.size, "The same key twice")

    def each_leaves_two_records_for_two_keys(self, of: Of) -> None:
        """Fails when two writes with two keys do not leave two records; one of them would be lost."""
        for case, session, warm in ready(of(self)):
            intents = [case.intent(session, n) for n in (1, 2)]
            before = case.count(session)
            for intent in intents:
                case.follow(session, intent, case.send(session, intent))
            _expect_arrived(case, session, intents[1], before, 2 * warm.size, "Two keys")

    def each_survives_a_lost_request(self, of: Of) -> None:
        """Fails when HOOK, its request lost before anything was done, does not end with exactly one record.

        Look at ``locate``: it must say ``Absent``, not guess.
        """
        _survive(of(self), FaultKind.DROP_BEFORE)

    def each_survives_a_lost_answer(self, of: Of) -> None:
        """Fails when HOOK, its answer lost after all was done, does not end with exactly one record.

        Look at where the key is stored, at ``locate``, and at ``except`` clauses that call a lost answer
        transient.
        """
        _survive(of(self), FaultKind.DROP_AFTER)

    def each_survives_a_late_commit(self, of: Of) -> None:
        """Fails when HOOK, carried out only after the connection was lost, does not end with one record."""
        _survive(of(self), FaultKind.LATE_COMMIT, seconds=_LATE)

    def each_survives_a_timeout(self, of: Of) -> None:
        """Fails when HOOK, answered too late, does not end with exactly one record.

        Look at timeouts of your own: a hook never waits longer than ``ctx.remaining``.
        """
        for case, session, warm in ready(of(self)):
            for position in range(len(warm.commits)):
                intent, before = case.intent(session, 1 + position), case.count(session)
                session.ctx()
                struck = session.simulator.faults.struck.get(FaultKind.LATENCY, 0)
                session.simulator.faults.add(warm.fault(position, FaultKind.LATENCY, seconds=_SLOW))
                posting = case.posting(session, intent)
                posting.send = _hasty(case, session, intent)
                posting.settle = partial(_come_to_rest, session, struck)
                posting.run()
                session.simulator.faults.clear()
                _expect_end(case, session, intent, posting, before, warm, "a timeout")

    def each_survives_garbled_answers(self, of: Of) -> None:
        """Fails when HOOK, its answer unreadable, fails with a bug or does not end with one record.

        Look at how the answer is read: what cannot be read after a write is ``OutcomeUnknown``.
        """
        for kind, options in (
            (FaultKind.MALFORMED, {}),
            (FaultKind.TWISTED, {}),
            (FaultKind.REPLACED, {"body": "null"}),
        ):
            _survive(of(self), kind, **options)

    def each_tells_server_faults(self, of: Of) -> None:
        """Fails when 500 or 503 on HOOK is anything but ``OutcomeUnknown``, or the write is lost then."""
        for case, session, warm in ready(of(self)):
            for n, status in enumerate((500, 503), start=1):
                intent, before = case.intent(session, n), case.count(session)
                session.simulator.faults.add(warm.fault(0, FaultKind.STATUS, status=status))
                error = case.error(session, intent, f"the server answered {status}")
                expect(isinstance(error, OutcomeUnknown), f"{status} became {_kind(error)}.")
                posting = case.posting(session, intent).run()
                _expect_end(case, session, intent, posting, before, warm, f"status {status}")

    def each_tells_a_refused_login(self, of: Of) -> None:
        """Fails when 401 or 403 does not make HOOK raise ``AuthError``."""
        _tell(of(self), (401, 403), lambda error: isinstance(error, AuthError))

    def each_tells_refusals(self, of: Of) -> None:
        """Fails when 404, 409 or 422 on HOOK passes for success or for trouble with login or limits.

        Look at ``explain``: 409 is ``Conflict``, 422 ``Rejected``, and a refusal never looks transient.
        """
        _tell(of(self), (422,), lambda error: isinstance(error, _REFUSALS))
        _tell(of(self), (404, 409), lambda error: not isinstance(error, AuthError | RateLimited))

    def each_tells_rate_limits(self, of: Of) -> None:
        """Fails when 429 does not make HOOK raise ``RateLimited`` with the wait the server asked for."""
        for case, session, warm in ready(of(self)):
            intent = case.intent(session, 1)
            for seconds in (_WAIT, None):
                session.simulator.faults.add(warm.fault(0, FaultKind.STATUS, status=429, seconds=seconds))
                error = case.error(session, intent, "the server answered 429")
                session.simulator.faults.clear()
                if not isinstance(error, RateLimited):
                    raise Failure(f"429 became {_kind(error)}.")
                if seconds is not None:
                    expect_same(error.retry_after, float(seconds), "retry_after with Retry-After")

    def each_sends_nothing_in_a_dry_run(self, of: Of) -> None:
        """Fails when HOOK in a dry run changes something, or does not show the request it would make.

        Look at ``safe=True`` on requests that write, and at ``except`` clauses that swallow
        ``PlannedRequest``.
        """
        for case, session, _ in ready(of(self)):
            intent = case.intent(session, 1)
            ctx, facts = session.ctx(dry_run=True), len(session.simulator.truth)
            try:
                answer = case.send(session, intent, ctx)
            except PlannedRequest as planned:
                expect(planned.call.method and planned.call.url, "The planned request names no address.")
                shown = f"{planned.call}"
                expect(not any(secret in shown for secret in session.secrets), "The plan shows a secret.")
            else:
                raise Failure(f"A dry run of {case.operation} answered {answer!r} instead of a plan.")
            expect_same(len(session.simulator.truth), facts, "Facts at the remote after a dry run")

    def each_locate_finds_what_was_written(self, of: Of) -> None:
        """Fails when ``locate`` does not find what HOOK has just written, or finds another record."""
        for case, session, _ in ready(of(self)):
            intent = case.intent(session, 1)
            answer = case.send(session, intent)
            case.follow(session, intent, answer)
            _expect_found(case, session, intent, answer)

    def each_locate_finds_a_lost_answer(self, of: Of) -> None:
        """Fails when ``locate`` does not find what HOOK has written although the answer was lost."""
        for case, session, warm in ready(of(self)):
            intent = case.intent(session, 1)
            session.simulator.faults.add(warm.fault(len(warm.commits) - 1, FaultKind.DROP_AFTER))
            case.error(session, intent, "the answer was lost")
            session.simulator.settle()
            _expect_found(case, session, intent, None)

    def each_locate_tells_what_is_absent(self, of: Of) -> None:
        """Fails when ``locate`` finds what HOOK has never written, also after its request was lost.

        Look at the look-up's filter: it must be the key's own identity, exactly.
        """
        for case, session, warm in ready(of(self)):
            intent = case.intent(session, 1)
            _expect_absent(case, session, intent, "nothing was ever sent")
            session.simulator.faults.add(warm.fault(0, FaultKind.DROP_BEFORE))
            case.error(session, intent, "the request was lost")
            session.simulator.settle()
            _expect_absent(case, session, intent, "the request was lost")

    def each_names_one_outcome_per_item(self, of: Of) -> None:
        """Fails when HOOK's answer to a batch lacks an item, is out of order, or one bad item spoils others.

        Look at items that are refused before sending: they keep their place, with findings.
        """
        for case, session, _ in ready(of(self)):
            intent = _with_unknown_item(case.intent(session, 1))
            before = case.count(session)
            result = case.send(session, intent)
            expect_same([item.index for item in result.items], list(range(len(intent.argument))), "Indexes")
            for item in result.items:
                expect(item.state or item.findings, f"Item {item.index} was refused without a finding.")
            update = case.follow(session, intent, result)
            refused = {item.index for item in result.items if item.state is None}
            if update is not None:
                refused |= {item.index for item in update.items if item.state is None}
                findings = [finding for item in update.items for finding in item.findings]
                expect(findings or not update.items, "The final word names no finding for the unknown item.")
            expect_same(refused, {1}, "Refused items")
            known = (intent.argument[0], *intent.argument[2:])
            rest = Intent(intent.key, known, intent.hint, intent.echo)
            _expect_arrived(case, session, rest, before, len(known), "A batch with one unknown item")

    def each_lets_the_newest_win(self, of: Of) -> None:
        """Fails when of two values HOOK set one after the other not the newer one stands."""
        for case, session, warm in ready(of(self)):
            before = case.count(session)
            for n in (1, 2):
                intent = case.intent(session, n)
                case.follow(session, intent, case.send(session, intent))
            _expect_arrived(case, session, intent, before, warm.size, "Two values in turn")


class ReceiptSuite(Suite):
    """Tests of ``fetch_receipts``."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there are asynchronous writes at a simulator."""
        follows = any(write.asynchronous for write in subject.operations.values())
        return subject.simulator is not None and follows and subject.has("fetch_receipts")

    def test_receipts_come_in_order(self) -> None:
        """Fails when ``fetch_receipts`` does not give one update per entry, in order.

        Look at how answers are matched: one document that cannot be found must not hold up the others.
        """
        for operation, facts in self.subject().operations.items():
            if not facts.asynchronous or operation is Operation.CANCEL_DOCUMENT:
                continue
            for case, session, _ in ready(_case(self, operation)):
                pending = []
                for n in (1, 2):
                    intent = case.intent(session, n)
                    answer = case.send(session, intent)
                    pending.append(PendingReceipt(operation, case.remote_ref(answer), intent.archive))
                nobody = ExternalRef(kind=pending[0].ref.kind, id="00000000-0000-4000-8000-00000000dead")
                pending.insert(1, PendingReceipt(operation, nobody, pending[0].archive))
                updates = session.call("fetch_receipts", pending)
                expect_same([each.ref for each in updates], [each.ref for each in pending], "References")
                expect_same(session.call("fetch_receipts", ()), (), "Updates for nothing")


def _wanted(subject: Subject, operation: Operation, test: Test) -> bool:
    name = test.__name__
    batched = operation in (Operation.PUSH_STOCK, Operation.PUSH_PRICES)
    absolute = subject.manifest.writes[operation].repeat is Repeat.ABSOLUTE
    if name.startswith("each_locate"):
        return subject.has("locate")
    if name == "each_names_one_outcome_per_item":
        return batched
    if name == "each_lets_the_newest_win":
        return absolute and batched
    if name == "each_leaves_two_records_for_two_keys":
        return not absolute
    return True


def _survive(case: WriteCase, kind: FaultKind, **options: Any) -> None:
    """Let a fault strike each request of a write in turn; each time exactly one record must be left."""
    for variant, session, warm in ready(case):
        for position in range(len(warm.commits)):
            intent, before = variant.intent(session, 1 + position), variant.count(session)
            session.ctx()
            faults, struck = session.simulator.faults, session.simulator.faults.struck.get(kind, 0)
            faults.add(warm.fault(position, kind, **options))
            posting = variant.posting(session, intent).run()
            faults.clear()
            session.simulator.settle()
            expect(faults.struck.get(kind, 0) > struck, f"Request {position + 1} of the write was not sent.")
            _expect_end(variant, session, intent, posting, before, warm, kind.value)


def _expect_end(
    case: WriteCase, session: Session, intent: Intent, posting: Any, before: Any, warm: Warm, what: str
) -> None:
    if not posting.decided:
        expect(case.facts.repeat is Repeat.NONE, f"After {what} nobody can tell: {posting.story}.")
        return
    case.follow(session, intent, posting.answer)
    _expect_arrived(case, session, intent, before, warm.size, f"After {what} ({posting.story})")


def _expect_arrived(
    case: WriteCase, session: Session, intent: Intent, before: Any, size: int, what: str
) -> None:
    problem = case.problem(session, intent, before, size)
    expect(not problem, f"{what}: {problem}")


def _send_again(case: WriteCase, session: Session, intent: Intent) -> None:
    mode = case.facts.repeat
    try:
        case.follow(session, intent, case.send(session, intent))
    except Conflict:
        expect(
            mode in (Repeat.NATURAL_UNIQUE, Repeat.NATIVE_KEY) or case.facts.repeat_after is not None,
            f"A repeat was refused although the write is {mode}.",
        )
        if mode is Repeat.NATURAL_UNIQUE:
            located = case.locate(session, intent)
            expect(isinstance(located, Found), f"A repeat was refused, but locate says {located}.")


def _tell(case: WriteCase, statuses: tuple[int, ...], right: Callable[[ConnectorError], bool]) -> None:
    for variant, session, warm in ready(case):
        intent, (method, path) = variant.intent(session, 1), warm.commits[0]
        for status in statuses:
            session.simulator.faults.add(Fault(FaultKind.STATUS, method, path, status=status))
            error = variant.error(session, intent, f"the server answered {status}")
            session.simulator.faults.clear()
            expect(right(error), f"{status} became {_kind(error)}.")


def _hasty(case: WriteCase, session: Session, intent: Intent) -> Callable[[], Any]:
    """Return a ``send`` whose first call has little time."""
    hurried = iter((session.ctx(seconds=_SHORT),))

    def send() -> Any:
        return case.send(session, intent, next(hurried, None))

    return send


def _come_to_rest(session: Session, struck: int) -> None:
    """Wait until the request that was too slow has been carried out."""
    for _ in range(200):
        if session.simulator.faults.struck.get(FaultKind.LATENCY, 0) > struck:
            break
        time.sleep(0.005)
    session.simulator.settle()


def _expect_echo(case: WriteCase, intent: Intent, receipt: Receipt) -> None:
    if case.operation in _ECHOES_TOTAL:
        expect(receipt.echo.total is not None, f"{case.operation} does not echo the total stored.")
    for name in ("total", "currency", "party", "number"):
        wanted, found = getattr(intent.echo, name), getattr(receipt.echo, name)
        if wanted is not None and found is not None:
            expect_same(found, wanted, f"Echo of {name}")
    if intent.echo.number is not None and receipt.number is not None:
        expect_same(receipt.number, intent.echo.number, "Number of the receipt")


def _expect_found(case: WriteCase, session: Session, intent: Intent, answer: Any) -> None:
    located = case.locate(session, intent)
    if isinstance(located, CannotTell):
        _expect_unsure(case)
        return
    expect(isinstance(located, Found), "locate says Absent although the record is there.")
    if isinstance(located, Found):
        _expect_echo(case, intent, located.receipt)
        if isinstance(answer, Receipt) and answer.ref is not None and located.receipt.ref is not None:
            expect_same(located.receipt.ref, answer.ref, "Reference of what locate found")


def _expect_absent(case: WriteCase, session: Session, intent: Intent, when: str) -> None:
    located = case.locate(session, intent)
    expect(not isinstance(located, Found), f"locate found {located} although {when}.")
    if isinstance(located, CannotTell):
        _expect_unsure(case)


def _expect_unsure(case: WriteCase) -> None:
    mode = case.facts.repeat
    expect(mode in _UNSURE, f"locate cannot tell, but a repeat of {case.operation} depends on it ({mode}).")


def _with_unknown_item(intent: Intent) -> Intent:
    first, second, *rest = intent.argument
    unknown = second.model_copy(update={"ref": None, "sku": "YOK-0000", "barcode": "2999999999994"})
    return Intent(intent.key, (first, unknown, *rest), intent.hint, intent.echo)


def _kind(error: ConnectorError) -> str:
    return f"{type(error).__name__} ({error.code})"
