"""Identities are the same for the same thing and different for different things."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.documents import DocumentType, document_key, document_type, effect_key, ettn, subject_key
from kopru.hooks.types import Operation
from kopru.model import InvoiceKind

parts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
subjects = st.tuples(parts, parts, parts, st.sampled_from(DocumentType), st.integers(0, 50))


@given(subjects, subjects)
def test_keys_are_equal_only_for_equal_documents(
    one: tuple[str, str, str, DocumentType, int], other: tuple[str, str, str, DocumentType, int]
) -> None:
    same = one == other
    assert (document_key(*one) == document_key(*other)) is same
    assert (ettn(document_key(*one)) == ettn(document_key(*other))) is same


writes = st.tuples(parts, st.sampled_from(Operation), parts, st.text("abc/%", max_size=4))


@given(writes, writes)
def test_writes_have_one_key_each(
    one: tuple[str, Operation, str, str], other: tuple[str, Operation, str, str]
) -> None:
    left, right = effect_key(*one), effect_key(*other)
    assert (left.value == right.value) is (one == other)
    assert (left.uuid == right.uuid) is (one == other)
    assert len(left.short) == 16


def test_parts_do_not_run_into_each_other() -> None:
    assert document_key("t", "a/b", "c", DocumentType.INVOICE) != document_key(
        "t", "a", "b/c", DocumentType.INVOICE
    )
    assert subject_key("a", "b") != subject_key("a/b")


def test_identities_do_not_change_between_versions() -> None:
    """These values are in databases and at integrators; changing them would double documents."""
    tenant, connection = UUID(int=1), UUID(int=2)
    key = document_key(tenant, connection, "12345678", DocumentType.INVOICE)
    assert key == f"{tenant}/{connection}/12345678/invoice/0"
    assert ettn(key) == UUID("1aef3e57-b390-5665-b279-fd02ae4c2de5")
    effect = effect_key(key, Operation.SUBMIT_INVOICE, connection)
    assert effect.uuid == UUID("531c19ed-80d8-5f8e-b702-8d8c41d1934a")
    assert effect.short == effect.uuid.hex[:16]


def test_a_document_is_no_effect() -> None:
    assert ettn("a/submit_invoice/b") != effect_key("a", Operation.SUBMIT_INVOICE, "b").uuid


@pytest.mark.parametrize("kind", InvoiceKind)
def test_an_order_has_one_invoice_whatever_its_tax_class(kind: InvoiceKind) -> None:
    returns = {InvoiceKind.RETURN, InvoiceKind.WITHHOLDING_RETURN}
    assert document_type(kind) is (DocumentType.RETURN if kind in returns else DocumentType.INVOICE)


def test_revisions_start_at_zero_and_parts_are_not_empty() -> None:
    with pytest.raises(ValueError, match="revisions"):
        document_key("t", "c", "1", DocumentType.INVOICE, -1)
    for key in (("", "c", "1"), ("t", "", "1"), ("t", "c", "")):
        with pytest.raises(ValueError, match="empty"):
            document_key(*key, DocumentType.INVOICE)
    with pytest.raises(ValueError, match="empty"):
        subject_key()
