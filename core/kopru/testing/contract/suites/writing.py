"""Every write: once per key whatever happens to the answer, and every kind of trouble told for what it is."""

from collections.abc import Callable
from functools import partial

from kopru.hooks.dry_run import PlannedRequest
from kopru.hooks.errors import (
    AuthError,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
)
from kopru.hooks.manifest import Repeat
from kopru.hooks.types import (
    Absent,
    CannotTell,
    Found,
    Operation,
    Receipt,
    ReceiptState,
)
from kopru.testing.contract.base import Suite, Test, family
from kopru.testing.contract.failure import Failure, expect, expect_same
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.landing import (
    LATE,
    REFUSALS,
    TROUBLES,
    UNSURE,
    WAIT,
    expect_absent,
    expect_arrived,
    expect_echo,
    expect_end,
    expect_found,
    kind_of,
    send_again,
    survive,
    survive_timeout,
    tell,
    with_unknown_item,
)
from kopru.testing.contract.operations import CASES
from kopru.testing.contract.subject import Subject
from kopru.testing.contract.writes import Intent, WriteCase, ready
from kopru.testing.faults import FaultKind

Of = Callable[[Kit], WriteCase]


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
                expect_echo(case, intent, answer)

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
                send_again(case, session, intent)
            expect_arrived(case, session, intent, before, warm.size, "The same key twice")

    def each_leaves_two_records_for_two_keys(self, of: Of) -> None:
        """Fails when two writes with two keys do not leave two records; one of them would be lost."""
        for case, session, warm in ready(of(self)):
            intents = [case.intent(session, n) for n in (1, 2)]
            before = case.count(session)
            for intent in intents:
                case.follow(session, intent, case.send(session, intent))
            expect_arrived(case, session, intents[1], before, 2 * warm.size, "Two keys")

    def each_survives_a_lost_request(self, of: Of) -> None:
        """Fails when HOOK, its request lost before anything was done, does not end with exactly one record.

        Look at ``locate``: it must say ``Absent``, not guess.
        """
        survive(of(self), FaultKind.DROP_BEFORE)

    def each_survives_a_lost_answer(self, of: Of) -> None:
        """Fails when HOOK, its answer lost after all was done, does not end with exactly one record.

        Look at where the key is stored, at ``locate``, and at ``except`` clauses that call a lost answer
        transient.
        """
        survive(of(self), FaultKind.DROP_AFTER)

    def each_survives_a_late_commit(self, of: Of) -> None:
        """Fails when HOOK, carried out only after the connection was lost, does not end with one record."""
        survive(of(self), FaultKind.LATE_COMMIT, seconds=LATE)

    def each_survives_a_timeout(self, of: Of) -> None:
        """Fails when HOOK, answered too late, does not end with exactly one record.

        Look at timeouts of your own: a hook never waits longer than ``ctx.remaining``.
        """
        survive_timeout(of(self))

    def each_survives_garbled_answers(self, of: Of) -> None:
        """Fails when HOOK, its answer unreadable, fails with a bug or does not end with one record.

        Look at how the answer is read: what cannot be read after a write is ``OutcomeUnknown``.
        """
        for kind, options in (
            (FaultKind.MALFORMED, {}),
            (FaultKind.TWISTED, {}),
            (FaultKind.REPLACED, {"body": "null"}),
        ):
            survive(of(self), kind, **options)

    def each_tells_server_faults(self, of: Of) -> None:
        """Fails when 500 or 503 on HOOK is anything but ``OutcomeUnknown``, or the write is lost then."""
        for case, session, warm in ready(of(self)):
            for n, status in enumerate((500, 503), start=1):
                intent, before = case.intent(session, n), case.count(session)
                session.simulator.faults.add(warm.fault(0, FaultKind.STATUS, status=status))
                error = case.error(session, intent, f"the server answered {status}")
                expect(isinstance(error, OutcomeUnknown), f"{status} became {kind_of(error)}.")
                posting = case.posting(session, intent).run()
                expect_end(case, session, intent, posting, before, warm, f"status {status}")

    def each_tells_a_refused_login(self, of: Of) -> None:
        """Fails when 401 or 403 does not make HOOK raise ``AuthError``."""
        tell(of(self), (401, 403), lambda error: isinstance(error, AuthError))

    def each_tells_refusals(self, of: Of) -> None:
        """Fails when 404, 409 or 422 on HOOK passes for success or for trouble with login or limits.

        Look at ``explain``: 409 is ``Conflict``, 422 ``Rejected``, and a refusal never looks transient.
        """
        tell(of(self), (422,), lambda error: isinstance(error, REFUSALS))
        tell(of(self), (404, 409), lambda error: not isinstance(error, AuthError | RateLimited))

    def each_tells_rate_limits(self, of: Of) -> None:
        """Fails when 429 does not make HOOK raise ``RateLimited`` with the wait the server asked for."""
        for case, session, warm in ready(of(self)):
            intent = case.intent(session, 1)
            for seconds in (WAIT, None):
                session.simulator.faults.add(warm.fault(0, FaultKind.STATUS, status=429, seconds=seconds))
                error = case.error(session, intent, "the server answered 429")
                session.simulator.faults.clear()
                if not isinstance(error, RateLimited):
                    raise Failure(f"429 became {kind_of(error)}.")
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
            expect_found(case, session, intent, answer)

    def each_locate_finds_a_lost_answer(self, of: Of) -> None:
        """Fails when ``locate`` does not find what HOOK has written although the answer was lost."""
        for case, session, warm in ready(of(self)):
            intent = case.intent(session, 1)
            session.simulator.faults.add(warm.fault(len(warm.commits) - 1, FaultKind.DROP_AFTER))
            case.error(session, intent, "the answer was lost")
            session.simulator.settle()
            expect_found(case, session, intent, None)

    def each_locate_tells_what_is_absent(self, of: Of) -> None:
        """Fails when ``locate`` finds what HOOK has never written, also after its request was lost.

        Look at the look-up's filter: it must be the key's own identity, exactly.
        """
        for case, session, warm in ready(of(self)):
            intent = case.intent(session, 1)
            expect_absent(case, session, intent, "nothing was ever sent")
            session.simulator.faults.add(warm.fault(0, FaultKind.DROP_BEFORE))
            case.error(session, intent, "the request was lost")
            session.simulator.settle()
            expect_absent(case, session, intent, "the request was lost")

    def each_locate_tells_trouble(self, of: Of) -> None:
        """Fails when ``locate`` takes trouble at the server for an answer about HOOK.

        Look at ``except`` clauses: "absent" is said only after the look-up ran and found nothing.
        """
        for case, session, _ in ready(of(self)):
            intent = case.intent(session, 1)
            case.follow(session, intent, case.send(session, intent))
            if case.facts.repeat in UNSURE and isinstance(case.locate(session, intent), CannotTell):
                continue
            for fault, wanted in TROUBLES:
                session.simulator.faults.add(fault)
                try:
                    located: object = case.locate(session, intent)
                except ConnectorError as error:
                    located = error
                session.simulator.faults.clear()
                told = isinstance(located, (wanted, Found) if fault.kind is FaultKind.MALFORMED else wanted)
                expect(told, f"{fault.kind} {fault.status} became {located!r}.")

    def each_names_one_outcome_per_item(self, of: Of) -> None:
        """Fails when HOOK's answer to a batch lacks an item, is out of order, or one bad item spoils others.

        Look at items that are refused before sending: they keep their place, with findings.
        """
        for case, session, _ in ready(of(self)):
            intent = with_unknown_item(case.intent(session, 1))
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
            expect_arrived(case, session, rest, before, len(known), "A batch with one unknown item")

    def each_lets_the_newest_win(self, of: Of) -> None:
        """Fails when of two values HOOK set one after the other not the newer one stands."""
        for case, session, warm in ready(of(self)):
            before = case.count(session)
            for n in (1, 2):
                intent = case.intent(session, n)
                case.follow(session, intent, case.send(session, intent))
            expect_arrived(case, session, intent, before, warm.size, "Two values in turn")


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
