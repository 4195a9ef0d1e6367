"""Sample documents made from the world."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopru.model import InvoiceKind, Profile
from kopru.testing import samples
from kopru.testing.world import make_world
from kopru.toolkit import xml

WORLD = make_world(200)


def test_keys_depend_on_their_parts_only() -> None:
    assert samples.sample_key("a", 1) == samples.sample_key("a", 1)
    assert samples.sample_key("a", 1).short != samples.sample_key("a", 2).short


@pytest.mark.parametrize("order", WORLD.orders[:40], ids=lambda order: order.number)
def test_orders_add_up(order) -> None:  # type: ignore[no-untyped-def]
    made = samples.sample_order(order)
    assert made.total == order.total
    assert made.sum_gap() == 0


@settings(max_examples=200)
@given(st.sampled_from(WORLD.orders), st.sampled_from((Profile.BASIC, Profile.ARCHIVE)))
def test_invoices_come_to_what_the_buyer_pays(order, profile) -> None:  # type: ignore[no-untyped-def]
    invoice = samples.sample_invoice(WORLD, order, profile, "KIT2026000000001", samples.sample_id("x"))
    assert invoice.totals.payable == order.total
    assert all(line.vat.base == line.net for line in invoice.lines)
    assert bool(invoice.internet_sale) == profile.is_archive


def test_a_return_names_what_it_corrects() -> None:
    order = WORLD.orders[0]
    invoice = samples.sample_invoice(
        WORLD, order, Profile.ARCHIVE, "KIT2026000000001", samples.sample_id("x"), kind=InvoiceKind.RETURN
    )
    assert invoice.billing_refs[0].number == "KIT2026000000002"
    assert invoice.internet_sale is None


@pytest.mark.parametrize("order", WORLD.orders[:20], ids=lambda order: order.number)
def test_documents_are_readable(order) -> None:  # type: ignore[no-untyped-def]
    invoice = samples.sample_invoice(
        WORLD, order, Profile.BASIC, samples.sample_number("KIT", date(2026, 3, 2), 5), samples.sample_id("x")
    )
    root = xml.parse(samples.sample_document(invoice).content)
    assert xml.required_text(root, "{*}ID") == "KIT2026000000005"
    assert Decimal(xml.required_text(root, "{*}LegalMonetaryTotal/{*}PayableAmount")) == order.total
    assert len(xml.texts(root, "{*}InvoiceLine/{*}ID")) == len(order.lines)


def test_targets_differ_from_item_to_item() -> None:
    items = WORLD.items[:3]
    assert [target.quantity for target in samples.stock_targets(items, quantity=5)] == [5, 6, 7]
    raised = samples.price_targets(items, raised=Decimal("1.50"))
    assert [target.price for target in raised] == [item.price + Decimal("1.50") for item in items]
