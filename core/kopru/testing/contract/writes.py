"""How a write is tested: what is written, how it is sent and looked up, how one sees that it arrived once."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kopru.hooks.errors import Conflict, ConnectorError, Rejected, Unsupported
from kopru.hooks.manifest import Repeat, Write
from kopru.hooks.types import (
    BatchResult,
    Ctx,
    Echo,
    IdempotencyKey,
    Located,
    Operation,
    PendingReceipt,
    ReceiptUpdate,
    RemoteState,
)
from kopru.model import ExternalRef
from kopru.testing import samples
from kopru.testing.contract.failure import Failure, LeftOut, expect
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.protocol import Posting, no_lookup
from kopru.testing.contract.session import Session
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.wire import Served

SUCCESSES = frozenset(
    {
        RemoteState.DELIVERED,
        RemoteState.AWAITING_ANSWER,
        RemoteState.ACCEPTED,
        RemoteState.CANCELLED,
        RemoteState.DONE,
    }
)
_POLLS = 50
_PAUSE = 0.01

Request = tuple[str, str]
"""A method and a regular expression on the path."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One write as the engine would make it.

    ``hint`` is handed to ``locate``. ``echo`` is what the answer must not contradict. ``archive`` tells
    ``fetch_receipts`` that an e-Arşiv invoice is meant.
    """

    key: IdempotencyKey
    argument: Any
    hint: ExternalRef | None = None
    echo: Echo = field(default_factory=Echo)
    archive: bool = False


@dataclass(frozen=True, slots=True)
class Warm:
    """What a first, undisturbed write came to: the records it left and the requests that made them."""

    size: int
    commits: tuple[Request, ...]

    def fault(self, position: int, kind: FaultKind, **options: Any) -> Fault:
        """Return a fault that strikes one of the requests, once."""
        method, path = self.commits[position]
        skip = self.commits[:position].count((method, path))
        return Fault(kind, method, path, times=1, skip=skip, **options)

    @property
    def every(self) -> tuple[Request, ...]:
        """Return the requests, each once."""
        return tuple(dict.fromkeys(self.commits))


class WriteCase:
    """One write operation of the plugin under test."""

    operation: ClassVar[Operation]

    def __init__(self, kit: Kit) -> None:
        """Take the kit."""
        self.kit = kit

    @property
    def facts(self) -> Write:
        """Return what the manifest states about the operation."""
        facts: Write = self.kit.plugin.manifest.writes[self.operation]
        return facts

    def variants(self) -> "list[WriteCase]":
        """Return the ways in which the operation is used, each tried on its own."""
        return [self]

    def prepare(self, session: Session) -> None:
        """Bring about what the operation needs at the remote."""

    def intent(self, session: Session, n: int) -> Intent:
        """Return the n-th of several independent writes."""
        raise NotImplementedError

    def count(self, session: Session) -> "Counter[str]":
        """Return how often each reference stands on a record that lives because of this operation."""
        return Counter(each.reference for each in session.simulator.held(self.operation) if each.live)

    def problem(self, session: Session, intent: Intent, before: "Counter[str]", size: int) -> str:
        """Return what is wrong with the records one write has left, or nothing."""
        new = self.count(session) - before
        records = len(new) if self.facts.repeat is Repeat.ABSOLUTE else sum(new.values())
        if records == size:
            return ""
        return f"{records} live records instead of {size}: {dict(new)}"

    def send(self, session: Session, intent: Intent, ctx: Ctx[Any] | None = None) -> Any:
        """Call the hook."""
        return session.call(self.operation.value, intent.key, intent.argument, ctx=ctx)

    def error(self, session: Session, intent: Intent, when: str) -> ConnectorError:
        """Call the hook, which must fail, and return its error."""
        return session.error(self.operation.value, intent.key, intent.argument, when=when)

    def locate(self, session: Session, intent: Intent) -> Located:
        """Look a write up; a plugin without ``locate`` cannot tell."""
        if not hasattr(session.plugin, "locate"):
            return no_lookup()
        located: Located = session.call("locate", self.operation, intent.key, intent.hint)
        return located

    def posting(self, session: Session, intent: Intent) -> Posting:
        """Return the write as the posting protocol carries it out."""
        return Posting(
            facts=self.facts,
            send=lambda: self.send(session, intent),
            locate=lambda: self.locate(session, intent),
            settle=session.simulator.settle,
        )

    def warm(self, session: Session) -> Warm:
        """Make a first write without any disturbance."""
        self.prepare(session)
        intent = self.intent(session, 0)
        before, mark = self.count(session), len(session.simulator.served)
        answer = self.send(session, intent)
        commits = [
            (each.method, pattern_of(each)) for each in list(session.simulator.served)[mark:] if each.facts
        ]
        expect(commits, f"The simulator noted no fact when {self.operation} was carried out.")
        self.follow(session, intent, answer)
        size = sum((self.count(session) - before).values())
        problem = self.problem(session, intent, before, max(size, 1))
        expect(not problem, f"A plain {self.operation} went wrong: {problem}")
        return Warm(max(size, 1), tuple(commits))

    def follow(self, session: Session, intent: Intent, answer: Any) -> ReceiptUpdate | None:
        """Wait for the final word on an asynchronous write; it must be a success."""
        if not self.facts.asynchronous or isinstance(answer, Conflict):
            return None
        update = final_word(session, PendingReceipt(self.operation, self.remote_ref(answer), intent.archive))
        if update.state not in SUCCESSES and not isinstance(answer, BatchResult):
            raise Failure(
                f"{self.operation} ended as {update.state}: {update.remote_code} {update.remote_text}"
            )
        return update

    def remote_ref(self, answer: Any) -> ExternalRef:
        """Return what an asynchronous write's final word is asked by."""
        ref: ExternalRef | None = answer.batch if isinstance(answer, BatchResult) else answer.ref
        if ref is None:
            raise Failure(f"{self.operation} is asynchronous, but its answer names nothing to ask about.")
        return ref


def final_word(session: Session, pending: PendingReceipt) -> ReceiptUpdate:
    """Ask about a write until it is not pending any more."""
    for _ in range(_POLLS):
        updates = session.call("fetch_receipts", (pending,))
        expect(len(updates) == 1, f"fetch_receipts returned {len(updates)} updates for one entry.")
        update: ReceiptUpdate = updates[0]
        if update.state is not RemoteState.PENDING:
            return update
        time.sleep(_PAUSE)
    raise Failure(f"{pending.operation} {pending.ref.id} is still pending after {_POLLS} questions.")


def ready(case: WriteCase) -> Iterator[tuple[WriteCase, Session, Warm]]:
    """Yield each variant of a write that the plugin can do, connected and with one write made.

    A variant the plugin or the remote refuses without any disturbance is left out; one must remain.
    """
    variants = case.variants()
    refusals = []
    for variant in variants:
        with case.kit.connected() as session:
            try:
                warm = variant.warm(session)
            except (Unsupported, Rejected) as refusal:
                if len(variants) == 1:
                    raise
                refusals.append(str(refusal))
                continue
            yield variant, session, warm
    if len(refusals) == len(variants):
        raise LeftOut(f"The remote takes no {case.operation} of the samples: {'; '.join(refusals)}")


def pattern_of(request: Served) -> str:
    """Return a regular expression that matches a path and those that differ from it in ids only."""
    parts = request.path.split("/")
    return "^" + "/".join("[^/]+" if re.search(r"\d", part) else re.escape(part) for part in parts) + "$"


def key_of(operation: Operation, n: int, detail: str = "") -> IdempotencyKey:
    """Return the key of the n-th write of an operation; ``detail`` tells kinds of one operation apart."""
    parts = ("contract", n, operation.value, "kit")
    return samples.sample_key(*parts, detail) if detail else samples.sample_key(*parts)
