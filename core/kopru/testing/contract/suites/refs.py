"""The independent listing: every record is in it, under the identity the engine knows."""

from kopru.hooks.errors import Unsupported
from kopru.hooks.types import Receipt, RefKind, RemoteRef
from kopru.testing.contract.base import Suite
from kopru.testing.contract.failure import LeftOut, expect, expect_same
from kopru.testing.contract.reading import ids
from kopru.testing.contract.session import Session
from kopru.testing.contract.streams import FEW, Refs, ref_kinds, stream_of
from kopru.testing.contract.subject import Subject
from kopru.testing.contract.writes import Intent, WriteCase


class RefsSuite(Suite):
    """Tests of ``fetch_refs``."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether records can be listed a second way."""
        return subject.connects and subject.has("fetch_refs")

    def test_refs_support_some_kind(self) -> None:
        """Fails when ``fetch_refs`` refuses every kind the plugin has to do with, or fails for a foreign one."""
        with self.connected() as session:
            own = ref_kinds(self.subject())
            usable = [kind for kind in own if _lists(Refs(self, "fetch_refs", kind), session)]
            expect(usable, f"fetch_refs lists none of {own}.")
            for kind in set(RefKind) - set(own):
                _lists(Refs(self, "fetch_refs", kind), session)

    def test_refs_list_every_order(self) -> None:
        """Fails when the second listing of orders differs from the stream in ids, numbers or totals.

        Look at filters: this listing exists to find what the stream has missed.
        """
        with self.connected() as session:
            refs = Refs(self, "fetch_refs", RefKind.ORDER)
            if not self.subject().has("fetch_orders") or not _lists(refs, session):
                raise LeftOut("The plugin does not list orders.")
            orders = stream_of(self, "fetch_orders").read(session)
            listed = refs.read(session)
            expect_same(sorted(set(ids(listed))), sorted(set(ids(orders))), "Listed orders")
            totals = {record.external_id: record.value for record in orders}
            for record in listed:
                _expect_kind(record.value, RefKind.ORDER)
                order = totals[record.external_id]
                if order is not None and record.value.number:
                    expect_same(record.value.number, order.number, f"Number of order {record.external_id}")
                if order is not None and record.value.total is not None:
                    expect_same(record.value.total, order.total, f"Total of order {record.external_id}")

    def test_refs_list_every_document(self) -> None:
        """Fails when a document just written is not listed, or with another reference, number or total.

        Look at filters and at where the key's short form is stored.
        """
        kinds = [kind for kind in ref_kinds(self.subject()) if kind is not RefKind.ORDER]
        if not kinds:
            raise LeftOut("The plugin writes no documents.")
        for kind in kinds:
            with self.connected() as session:
                refs = Refs(self, "fetch_refs", kind)
                for case in refs.writers:
                    case.prepare(session)
                    for n in range(FEW):
                        intent = case.intent(session, n)
                        receipt = case.send(session, intent)
                        session.memory.setdefault("written", []).append((case, intent, receipt))
                listed = [record.value for record in refs.read(session, 3) if record.value is not None]
                for case, intent, receipt in session.memory["written"]:
                    _expect_listed(listed, case, intent, receipt)


def _lists(refs: Refs, session: Session) -> bool:
    try:
        refs.page(session, None, 1)
    except Unsupported:
        return False
    return True


def _expect_kind(ref: RemoteRef, kind: RefKind) -> None:
    expect(isinstance(ref, RemoteRef), f"fetch_refs holds {type(ref).__name__}.")
    expect_same(ref.kind, kind, "Kind of a listed record")


def _expect_listed(listed: list[RemoteRef], case: WriteCase, intent: Intent, receipt: Receipt) -> None:
    names = {intent.key.short, intent.hint.id if intent.hint else ""} - {""}
    identity = receipt.ref.id if receipt.ref else ""
    mine = [ref for ref in listed if ref.our_reference in names or ref.external_id in {*names, identity}]
    what = f"{case.operation} {intent.key.value}"
    expect_same(len(mine), 1, f"Listings of {what}")
    if intent.echo.number and mine[0].number:
        expect_same(mine[0].number, intent.echo.number, f"Number of {what}")
    if intent.echo.total is not None and mine[0].total is not None:
        expect_same(mine[0].total, intent.echo.total, f"Total of {what}")
    expect(not mine[0].cancelled, f"{what} is listed as cancelled.")
