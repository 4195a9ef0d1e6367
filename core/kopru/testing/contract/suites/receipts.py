"""The final word on asynchronous writes."""

from kopru.hooks.types import (
    Operation,
    PendingReceipt,
)
from kopru.model import ExternalRef
from kopru.testing.contract.base import Suite
from kopru.testing.contract.failure import expect, expect_same
from kopru.testing.contract.landing import (
    TROUBLES,
    kind_of,
)
from kopru.testing.contract.operations import CASES
from kopru.testing.contract.subject import Subject
from kopru.testing.contract.writes import ready


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
            for case, session, _ in ready(CASES[operation](self)):
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

    def test_receipts_tell_trouble(self) -> None:
        """Fails when ``fetch_receipts`` takes trouble at the server for the final word on a write."""
        for operation, facts in self.subject().operations.items():
            if not facts.asynchronous or operation is Operation.CANCEL_DOCUMENT:
                continue
            for case, session, _ in ready(CASES[operation](self)):
                intent = case.intent(session, 1)
                ref = case.remote_ref(case.send(session, intent))
                for fault, wanted in TROUBLES:
                    session.simulator.faults.add(fault)
                    entry = PendingReceipt(operation, ref, intent.archive)
                    error = session.error("fetch_receipts", (entry,), when=f"the server showed {fault.kind}")
                    session.simulator.faults.clear()
                    expect(isinstance(error, wanted), f"{fault.kind} {fault.status} became {kind_of(error)}.")
