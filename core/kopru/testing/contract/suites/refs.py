"""The independent listing: every record is in it, under the identity the engine knows."""

from kopru.hooks.errors import Unsupported
from kopru.hooks.types import Receipt, Record, RefKind, RemoteRef
from kopru.model import ExternalRef, Order
from kopru.testing.contract.base import Suite, Test, needs
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

    @classmethod
    def tests(cls, subject: Subject) -> dict[str, Test]:
        """Leave the documents out for a plugin that writes none."""
        found = super().tests(subject)
        if not _document_kinds(subject):
            del found["test_refs_list_every_document"]
        return found

    def test_refs_support_some_kind(self) -> None:
        """Fails when ``fetch_refs`` refuses every kind the plugin deals with, or fails for a foreign one."""
        with self.connected() as session:
            own = ref_kinds(self.subject())
            usable = [kind for kind in own if _lists(Refs(self, "fetch_refs", kind), session)]
            expect(usable, f"fetch_refs lists none of {own}.")
            for kind in set(RefKind) - set(own):
                _lists(Refs(self, "fetch_refs", kind), session)

    @needs("fetch_orders")
    def test_refs_list_every_order(self) -> None:
        """Fails when the second listing of orders differs from the stream in ids, numbers or totals.

        Look at filters: this listing exists to find what the stream has missed.
        """
        with self.connected() as session:
            refs = Refs(self, "fetch_refs", RefKind.ORDER)
            if not _lists(refs, session):
                raise LeftOut("The plugin lists its documents instead of orders.")
            orders = stream_of(self, "fetch_orders").read(session)
            listed = refs.read(session)
            expect_same(sorted(set(ids(listed))), sorted(set(ids(orders))), "Listed orders")
            totals = {record.external_id: record.value for record in orders}
            for record in listed:
                ref, order = record.value, totals[record.external_id]
                if ref is None or order is None:
                    continue
                _expect_kind(ref, RefKind.ORDER)
                if ref.number:
                    expect_same(ref.number, order.number, f"Number of order {record.external_id}")
                if ref.total is not None:
                    expect_same(ref.total, order.total, f"Total of order {record.external_id}")

    @needs("fetch_orders")
    def test_refs_lead_to_the_orders(self) -> None:
        """Fails when a listed order has another time of change than the order, or cannot be fetched by it.

        Look at ``RemoteRef.at`` and ``RemoteRef.record_kind``: an order that was missed is fetched by them.
        """
        with self.connected() as session:
            refs = Refs(self, "fetch_refs", RefKind.ORDER)
            if not _lists(refs, session):
                raise LeftOut("The plugin lists its documents instead of orders.")
            orders = {each.external_id: each.value for each in stream_of(self, "fetch_orders").read(session)}
            for record in refs.read(session)[:FEW]:
                ref, order = record.value, orders.get(record.external_id)
                if ref is None or order is None:
                    continue
                if ref.at is not None:
                    expect_same(ref.at, order.modified_at, f"Time of change of order {record.external_id}")
                if self.subject().has("fetch_order"):
                    asked = ExternalRef(kind=ref.record_kind, id=ref.external_id)
                    found: Record[Order] = session.call("fetch_order", asked)
                    expect_same(found.external_id, record.external_id, "Order fetched by its listing")

    def test_refs_list_every_document(self) -> None:
        """Fails when a document just written is not listed, or with another reference, number or total.

        Look at filters and at where the key's short form is stored.
        """
        for kind in _document_kinds(self.subject()):
            with self.connected() as session:
                refs = Refs(self, "fetch_refs", kind)
                for case, first in refs.writers:
                    case.prepare(session)
                    for n in range(first, first + FEW):
                        intent = case.intent(session, n)
                        receipt = case.send(session, intent)
                        session.memory.setdefault("written", []).append((case, intent, receipt))
                listed = [record.value for record in refs.read(session, 3) if record.value is not None]
                for case, intent, receipt in session.memory["written"]:
                    _expect_listed(listed, case, intent, receipt)


def _document_kinds(subject: Subject) -> list[RefKind]:
    return [kind for kind in ref_kinds(subject) if kind is not RefKind.ORDER]


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
