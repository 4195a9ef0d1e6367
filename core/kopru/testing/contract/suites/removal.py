"""Writes that the manifest calls removable: they can be taken out again, as a write test does."""

from functools import partial

from kopru.hooks.types import Cancellation, Found, Operation, Receipt
from kopru.testing.contract.base import Suite, Test, family
from kopru.testing.contract.failure import Failure, expect, expect_same
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.operations import CASES
from kopru.testing.contract.subject import Subject
from kopru.testing.contract.writes import WriteCase, key_of, ready


def _case(kit: Kit, operation: Operation) -> WriteCase:
    return CASES[operation](kit)


class RemovalSuite(Suite):
    """Tests of what ``Manifest.removable`` states."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether the plugin states anything removable, and there is a simulator to remove it from."""
        return subject.simulator is not None and bool(_removable(subject))

    @classmethod
    def tests(cls, subject: Subject) -> dict[str, Test]:
        """Return the test once per operation."""
        found: dict[str, Test] = {}
        for operation in _removable(subject):
            found |= family(cls, operation.value, partial(_case, operation=operation), lambda test: True)
        return found

    def each_can_be_removed_again(self, of: partial[WriteCase]) -> None:
        """Fails when a record written by HOOK still counts, or is still found, after ``cancel_document``.

        Look at ``removable`` of the manifest: it names only what leaves nothing behind that lives. ``kopru
        connection check --write-test`` relies on it in systems that people work with.
        """
        for case, session, _ in ready(of(self)):
            before, intent = case.count(session), case.intent(session, 1)
            receipt = case.send(session, intent)
            if not isinstance(receipt, Receipt) or receipt.ref is None:
                raise Failure(f"{case.operation} names no record that could be removed.")
            cancellation = Cancellation(receipt.ref, "Bağlantı denemesi bitti.")
            session.call("cancel_document", key_of(Operation.CANCEL_DOCUMENT, 1), cancellation)
            expect_same(case.count(session), before, "Live records after the removal")
            located = case.locate(session, intent)
            expect(not isinstance(located, Found), f"locate still finds the removed record: {located}")


def _removable(subject: Subject) -> tuple[Operation, ...]:
    if not subject.has("cancel_document", "locate"):
        return ()
    return tuple(each for each in subject.manifest.removable if each in subject.operations and each in CASES)
