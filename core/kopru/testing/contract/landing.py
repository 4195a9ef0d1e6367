"""What a write must have come to: nothing lost, nothing doubled, every trouble told for what it is."""

import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from kopru.hooks.errors import (
    AuthError,
    ConfigError,
    Conflict,
    ConnectorError,
    MappingMissing,
    Rejected,
    TransientError,
    Unsupported,
)
from kopru.hooks.manifest import Repeat
from kopru.hooks.types import (
    CannotTell,
    Found,
    Operation,
    Receipt,
)
from kopru.testing.contract.failure import expect, expect_same
from kopru.testing.contract.protocol import Posting
from kopru.testing.contract.session import Session
from kopru.testing.contract.writes import Intent, Warm, WriteCase, ready
from kopru.testing.faults import Fault, FaultKind

TROUBLES: tuple[tuple[Fault, type[ConnectorError]], ...] = (
    (Fault(FaultKind.STATUS, status=401), AuthError),
    (Fault(FaultKind.STATUS, status=500), TransientError),
    (Fault(FaultKind.DROP_BEFORE), TransientError),
    (Fault(FaultKind.MALFORMED), ConnectorError),
)

LATE = 0.05
"""Seconds after which a late commit happens."""
WAIT = 7
"""Seconds a server asks to wait."""
_SHORT = 0.12
"""Seconds a hook gets when it is to run out of time."""
_SLOW = 0.3
"""Seconds the server takes then."""
UNSURE = frozenset({Repeat.ABSOLUTE, Repeat.NATIVE_KEY, Repeat.NONE})
"""Modes in which ``locate`` may say that it cannot tell: a repeat is harmless, or a person decides anyway."""
REFUSALS = (Rejected, Unsupported, ConfigError, MappingMissing, Conflict)
_ECHOES_TOTAL = frozenset({Operation.POST_INVOICE, Operation.POST_ORDER})


def survive(case: WriteCase, kind: FaultKind, **options: Any) -> None:
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
            expect_end(variant, session, intent, posting, before, warm, kind.value)


def survive_timeout(case: WriteCase) -> None:
    """Let each request of a write be answered too late; each time exactly one record must be left."""
    for variant, session, warm in ready(case):
        for position in range(len(warm.commits)):
            intent, before = variant.intent(session, 1 + position), variant.count(session)
            session.ctx()
            struck = session.simulator.faults.struck.get(FaultKind.LATENCY, 0)
            session.simulator.faults.add(warm.fault(position, FaultKind.LATENCY, seconds=_SLOW))
            posting = variant.posting(session, intent)
            posting.send = _hasty(variant, session, intent)
            posting.settle = partial(_come_to_rest, session, struck)
            posting.run()
            session.simulator.faults.clear()
            expect_end(variant, session, intent, posting, before, warm, "a timeout")


def expect_end(
    case: WriteCase,
    session: Session,
    intent: Intent,
    posting: Posting,
    before: "Counter[str]",
    warm: Warm,
    what: str,
) -> None:
    """Check that a write which met trouble has come to an end with exactly one record."""
    if not posting.decided:
        expect(case.facts.repeat is Repeat.NONE, f"After {what} nobody can tell: {posting.story}.")
        return
    case.follow(session, intent, posting.answer)
    expect_arrived(case, session, intent, before, warm.size, f"After {what} ({posting.story})")


def expect_arrived(
    case: WriteCase, session: Session, intent: Intent, before: "Counter[str]", size: int, what: str
) -> None:
    """Check what a write has left behind."""
    problem = case.problem(session, intent, before, size)
    expect(not problem, f"{what}: {problem}")


def send_again(case: WriteCase, session: Session, intent: Intent) -> None:
    """Send a write once more with the same key; a refusal is right where the target refuses repeats."""
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


def tell(case: WriteCase, statuses: tuple[int, ...], right: Callable[[ConnectorError], bool]) -> None:
    """Check what some statuses become."""
    for variant, session, warm in ready(case):
        intent, (method, path) = variant.intent(session, 1), warm.commits[0]
        for status in statuses:
            session.simulator.faults.add(Fault(FaultKind.STATUS, method, path, status=status))
            error = variant.error(session, intent, f"the server answered {status}")
            session.simulator.faults.clear()
            expect(right(error), f"{status} became {kind_of(error)}.")


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


def expect_echo(case: WriteCase, intent: Intent, receipt: Receipt) -> None:
    """Check that an answer does not contradict what was sent."""
    if case.operation in _ECHOES_TOTAL:
        expect(receipt.echo.total is not None, f"{case.operation} does not echo the total stored.")
    for name in ("total", "currency", "party", "number"):
        wanted, found = getattr(intent.echo, name), getattr(receipt.echo, name)
        if wanted is not None and found is not None:
            expect_same(found, wanted, f"Echo of {name}")
    if intent.echo.number is not None and receipt.number is not None:
        expect_same(receipt.number, intent.echo.number, "Number of the receipt")


def expect_found(case: WriteCase, session: Session, intent: Intent, answer: Any) -> None:
    """Check that the look-up finds a write, or cannot tell where that is allowed."""
    located = case.locate(session, intent)
    if isinstance(located, CannotTell):
        _expect_unsure(case)
        return
    expect(isinstance(located, Found), "locate says Absent although the record is there.")
    if isinstance(located, Found):
        expect_echo(case, intent, located.receipt)
        if isinstance(answer, Receipt) and answer.ref is not None and located.receipt.ref is not None:
            expect_same(located.receipt.ref, answer.ref, "Reference of what locate found")


def expect_absent(case: WriteCase, session: Session, intent: Intent, when: str) -> None:
    """Check that the look-up does not find what is not there."""
    located = case.locate(session, intent)
    expect(not isinstance(located, Found), f"locate found {located} although {when}.")
    if isinstance(located, CannotTell):
        _expect_unsure(case)


def _expect_unsure(case: WriteCase) -> None:
    mode = case.facts.repeat
    expect(mode in UNSURE, f"locate cannot tell, but a repeat of {case.operation} depends on it ({mode}).")


def with_unknown_item(intent: Intent) -> Intent:
    """Return a batch whose second item nobody knows."""
    first, second, *rest = intent.argument
    unknown = second.model_copy(update={"ref": None, "sku": "YOK-0000", "barcode": "2999999999994"})
    return Intent(intent.key, (first, unknown, *rest), intent.hint, intent.echo)


def kind_of(error: ConnectorError) -> str:
    """Return an error's class and code."""
    return f"{type(error).__name__} ({error.code})"
