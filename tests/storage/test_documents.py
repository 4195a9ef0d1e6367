"""Documents by their key, and what the channel said about them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from kopru.flows.records import DocumentState, Reason
from kopru.model import Text

REASON = Reason("some.reason", Text(tr="Neden", en="Reason"))


def test_a_second_document_of_a_key_is_impossible(desk):
    order = desk.order()
    desk.document(order, key="tenant/shop/P1/invoice/0")
    with pytest.raises(sa.exc.IntegrityError, match="uq_document_tenant_id_key"):
        desk.document(order, key="tenant/shop/P1/invoice/0")


def test_a_document_comes_back_as_it_was_stored(desk, make):
    order = desk.order()
    row = make.document(order, stages={"send": "manual"}, partner_code="120.1", channel_id=desk.shop.id)
    with desk.open() as uow:
        uow.documents.add(row)
    with desk.open() as uow:
        stored = uow.documents.get(row.id, lock=True)
        assert stored.invoice == row.invoice
        assert stored.created_at is not None
        same = {name: getattr(stored, name) for name in row.__dataclass_fields__ if name != "created_at"}
        assert same == {name: getattr(row, name) for name in same}
        assert [each.id for each in uow.documents.find(str(row.id).upper())] == [row.id]
        assert uow.documents.find("nothing") == []


def test_an_order_lists_its_documents_oldest_first(desk):
    order = desk.order()
    made = [desk.document(order) for _ in range(3)]
    with desk.open() as uow:
        assert [row.id for row in uow.documents.of_order(order)] == made
        assert [row.id for row in uow.documents.recent(limit=2)] == made[:0:-1]
        assert uow.documents.recent(state="issued") == []


def test_the_channels_word_is_stored_and_asked_for_when_due(desk, make):
    first, second = (desk.document(channel_id=desk.shop.id) for _ in range(2))
    later = make.now + timedelta(minutes=5)
    with desk.open() as uow:
        uow.documents.set_remote(first, "pending", "1000", "Kuyrukta", follow_at=later, issued=False)
        uow.documents.set_remote(second, "pending", "", "", follow_at=make.now, issued=True)
    with desk.open() as uow:
        assert [row.id for row in uow.documents.to_follow(desk.shop.id, make.now, 9)] == [second]
        assert [row.id for row in uow.documents.to_follow(desk.shop.id, later, 9)] == [second, first]
        assert [row.id for row in uow.documents.to_follow(desk.shop.id, later, 1)] == [second]
        assert uow.documents.next_follow(desk.shop.id) == make.now
        row = uow.documents.get(first)
        assert (row.remote_state, row.remote_code, row.remote_text) == ("pending", "1000", "Kuyrukta")
        assert (row.state, row.issued_at, row.follow_count) == (DocumentState.VALIDATED, None, 1)


def test_the_time_of_issue_is_that_of_the_first_acceptance(desk, make):
    document = desk.document()
    with desk.open() as uow:
        uow.documents.set_remote(document, "pending", "", "", follow_at=make.now, issued=True)
        issued = uow.documents.get(document)
        uow.documents.set_remote(document, "done", "", "", follow_at=None, issued=True)
        after = uow.documents.get(document)
    assert issued.state is after.state is DocumentState.ISSUED
    assert issued.issued_at == after.issued_at is not None
    assert after.follow_count == 2


def test_corrected_content_keeps_identity_and_number(desk, make):
    order = desk.order()
    document = desk.document(order)
    with desk.open() as uow:
        uow.documents.set_number(document, "AAA2026000000001", make.invoice(document))
        uow.documents.set_reason(document, REASON)
        corrected = make.document(order, order_version=3, total=make.invoice(document).totals.payable)
        row = type(corrected)(
            **{**{n: getattr(corrected, n) for n in corrected.__dataclass_fields__}, "id": document}
        )
        uow.documents.replace_content(row)
        stored = uow.documents.get(document)
    assert (stored.number, stored.state) == ("AAA2026000000001", DocumentState.NUMBERED)
    assert (stored.order_version, stored.reason) == (3, None)
