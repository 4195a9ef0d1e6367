"""Orders: the documented example, odd cases, hostile data."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.model import LineKind, Order, OrderStatus, PartyKind, PaymentMethod, TaxScheme
from kopru.model.money import CENT
from kopru.sdk import Raw, Record, Rejected
from kopru_ikas import plugin
from kopru_ikas.config import Handling, IkasConfig
from kopru_ikas.mapping.lines import product_line
from kopru_ikas.mapping.remote import RemoteLine

Json = dict[str, Any]


def mapped(data: Any, config: IkasConfig) -> Record[Order]:
    (record,) = plugin.parse_orders(config, Raw(json.dumps(data).encode()))
    return record


def value(data: Any, config: IkasConfig) -> Order:
    record = mapped(data, config)
    assert record.value is not None, record.findings
    return record.value


def codes(record: Record[Order]) -> set[str]:
    return {finding.code for finding in record.findings}


def test_the_documented_order(order: Json, config: IkasConfig) -> None:
    found = value(order, config)
    assert (found.ref.kind, found.ref.id, found.number) == ("order", order["id"], "2041")
    assert found.placed_at == datetime.fromtimestamp(1772442000, UTC)
    assert found.modified_at == datetime.fromtimestamp(1772442060, UTC)
    assert (found.status, found.raw_status) == (OrderStatus.NEW, "CREATED/PAID/UNFULFILLED")
    assert (found.total, found.currency, found.tax_included) == (Decimal("929.95"), "TRY", True)
    assert found.sum_gap() == 0
    assert found.note == "Kapıda arayın"
    assert not found.export


def test_prices_are_of_one_unit_and_discounts_are_inside(order: Json, config: IkasConfig) -> None:
    shirt, body, carriage, wrap = value(order, config).lines
    assert (shirt.amount, shirt.payable, shirt.quantity) == (Decimal("600.00"), Decimal("540.00"), 2)
    assert shirt.discounts[0].label == "BAHAR10"
    assert (body.amount, body.payable) == (Decimal("400.00"), Decimal("310.00"))
    assert (carriage.kind, carriage.amount, carriage.payable) == (
        LineKind.SHIPPING,
        Decimal("59.95"),
        Decimal("49.95"),
    )
    assert (wrap.kind, wrap.payable, wrap.vat_rate) == (LineKind.FEE, Decimal("30.00"), Decimal(20))


def test_names_codes_and_ids_of_a_line(order: Json, config: IkasConfig) -> None:
    shirt, body, *_ = value(order, config).lines
    assert shirt.name == "Keten Gömlek (M, Bej)"
    assert (shirt.sku, shirt.barcode, shirt.product_id) == ("KG-M", "8699000000019", "p1:v1")
    assert (body.name, body.barcode) == ("Bebek Body", "")


def test_a_missing_vat_rate_is_unknown_and_never_zero(order: Json, config: IkasConfig) -> None:
    record = mapped(order, config)
    assert record.value is not None
    assert [line.vat_rate for line in record.value.lines[:2]] == [Decimal(20), None]
    assert "ikas.order.vat_unknown" in codes(record)


def test_a_vat_rate_of_zero_stays_zero(order: Json, config: IkasConfig) -> None:
    order["orderLineItems"][0]["taxValue"] = 0
    settings = config.model_copy(update={"default_vat_rate": Decimal(10)})
    assert [line.vat_rate for line in value(order, settings).lines[:2]] == [0, 10]


def test_missing_rates_of_fees_come_from_the_setting(order: Json, config: IkasConfig) -> None:
    order["shippingLines"][0]["taxValue"] = None
    settings = config.model_copy(update={"shipping_vat_rate": Decimal(20)})
    assert value(order, config).lines[2].vat_rate is None
    assert value(order, settings).lines[2].vat_rate == 20


def test_a_company_buys(order: Json, config: IkasConfig) -> None:
    buyer = value(order, config).buyer
    assert (buyer.kind, buyer.name, buyer.tax_office) == (
        PartyKind.COMPANY,
        "Deneme Gıda Ltd. Şti.",
        "Kadıköy",
    )
    assert buyer.tax_id is not None
    assert (buyer.tax_id.scheme, buyer.tax_id.value) == (TaxScheme.VKN, "9900000015")
    assert (buyer.address.city, buyer.address.district, buyer.address.street) == (
        "İstanbul",
        "Kadıköy",
        "Deneme Cad. 5 Kat 2",
    )


def test_a_person_buys(order: Json, config: IkasConfig) -> None:
    order["billingAddress"] |= {"company": None, "taxNumber": None, "identityNumber": "10000000146"}
    buyer = value(order, config).buyer
    assert (buyer.kind, buyer.first_name, buyer.last_name) == (PartyKind.PERSON, "Deniz", "Örnek")
    assert buyer.tax_id is not None and buyer.tax_id.scheme is TaxScheme.TCKN


def test_a_sole_trader_has_a_company_name_and_a_tckn(order: Json, config: IkasConfig) -> None:
    order["billingAddress"]["taxNumber"] = "10000000146"
    buyer = value(order, config).buyer
    assert (buyer.kind, buyer.name) == (PartyKind.COMPANY, "Deneme Gıda Ltd. Şti.")
    assert buyer.tax_id is not None and buyer.tax_id.scheme is TaxScheme.TCKN


def test_a_consumer_without_a_number_has_none(order: Json, config: IkasConfig) -> None:
    order["billingAddress"] |= {"company": None, "taxNumber": "", "identityNumber": None}
    assert value(order, config).buyer.tax_id is None


def test_a_tax_number_of_wrong_length_is_told(order: Json, config: IkasConfig) -> None:
    order["billingAddress"]["taxNumber"] = "123"
    record = mapped(order, config)
    assert record.value is not None and record.value.buyer.kind is PartyKind.PERSON
    assert "ikas.order.tax_number" in codes(record)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, OrderStatus.NEW),
        ({"orderPackageStatus": "READY_FOR_SHIPMENT"}, OrderStatus.PREPARING),
        ({"orderPackageStatus": "FULFILLED"}, OrderStatus.SHIPPED),
        ({"orderPackageStatus": "DELIVERED"}, OrderStatus.DELIVERED),
        ({"orderPackageStatus": "RETURN_IN_TRANSIT"}, OrderStatus.DELIVERED),
        ({"orderPackageStatus": None}, OrderStatus.NEW),
        ({"status": "CANCELLED", "orderPackageStatus": "FULFILLED"}, OrderStatus.CANCELLED),
        ({"status": "REFUNDED"}, OrderStatus.RETURNED),
        ({"deleted": True}, OrderStatus.CANCELLED),
        ({"orderPaymentStatus": "WAITING"}, OrderStatus.AWAITING_PAYMENT),
        ({"orderPaymentStatus": "WAITING", "orderPackageStatus": "FULFILLED"}, OrderStatus.SHIPPED),
        ({"status": "SOMETHING_NEW"}, OrderStatus.UNKNOWN),
        ({"orderPackageStatus": "SOMETHING_NEW"}, OrderStatus.UNKNOWN),
    ],
)
def test_states(order: Json, config: IkasConfig, change: Json, status: OrderStatus) -> None:
    assert value({**order, **change}, config).status is status


def test_cash_on_delivery_does_not_wait_for_payment(order: Json, config: IkasConfig) -> None:
    order |= {"orderPaymentStatus": "WAITING", "paymentMethods": [{"type": "CASH_ON_DELIVERY", "price": 930}]}
    found = value(order, config)
    assert found.status is OrderStatus.NEW
    assert (found.payment.method, found.payment.paid_at) == (PaymentMethod.CASH_ON_DELIVERY, None)


def test_the_time_of_a_transfer_is_not_known(order: Json, config: IkasConfig) -> None:
    assert value(order, config).payment.paid_at is not None
    order["paymentMethods"][0]["type"] = "MONEY_ORDER"
    assert value(order, config).payment.paid_at is None


def test_cancelled_and_refunded_lines_are_not_sold_and_the_net_total_counts(
    order: Json, config: IkasConfig
) -> None:
    order["orderLineItems"][0]["status"] = "REFUNDED"
    order |= {"netTotalFinalPrice": 389.95, "status": "PARTIALLY_REFUNDED"}
    found = value(order, config)
    assert [line.cancelled for line in found.lines] == [True, False, False, False]
    assert (found.total, found.sum_gap()) == (Decimal("389.95"), 0)


def test_a_refunded_fee_is_not_sold(order: Json, config: IkasConfig) -> None:
    order["shippingLines"][0]["isRefunded"] = True
    order["netTotalFinalPrice"] = 880.0
    found = value(order, config)
    assert (found.total, found.sum_gap()) == (Decimal("880.00"), 0)


def test_deleted_lines_are_gone(order: Json, config: IkasConfig) -> None:
    order["orderLineItems"][1]["deleted"] = True
    assert [line.id for line in value(order, config).lines] == ["l1", "shipping-1", "gift-1"]


def test_a_total_that_nothing_explains_is_left_to_the_engine(order: Json, config: IkasConfig) -> None:
    order["totalFinalPrice"] = 950.0
    assert value(order, config).sum_gap() == Decimal("20.05")


def test_a_surcharge_that_closes_the_gap_becomes_a_line(order: Json, config: IkasConfig) -> None:
    surcharge = {"name": "Taksit farkı", "type": "INCREMENT", "amount": 20.05, "amountType": "AMOUNT"}
    order["orderAdjustments"].append({"order": 2, "appliedOrderLines": [], **surcharge})
    assert len(value(order, config).lines) == 4
    order["totalFinalPrice"] = 950.0
    record = mapped(order, config)
    assert record.value is not None and record.value.sum_gap() == 0
    assert record.value.lines[-1].name == "Taksit farkı"
    assert "ikas.order.surcharge" in codes(record)


def test_free_carriage_makes_no_line(order: Json, config: IkasConfig) -> None:
    order["shippingLines"][0]["finalPrice"] = 0
    order["totalFinalPrice"] = 880.0
    assert [line.kind for line in value(order, config).lines] == [
        LineKind.GOODS,
        LineKind.GOODS,
        LineKind.FEE,
    ]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"sourceId": "TY-1"}, "imported_orders", "ikas.order.imported"),
        ({"customer": None}, "register_orders", "ikas.order.register"),
    ],
)
def test_orders_somebody_else_may_invoice_wait_for_a_decision(
    order: Json, config: IkasConfig, change: Json, field: str, code: str
) -> None:
    record = mapped({**order, **change}, config)
    assert record.value is None and code in codes(record)
    assert value({**order, **change}, config.model_copy(update={field: Handling.READ})).number == "2041"


def test_tracking_may_stand_in_the_barcode(order: Json, config: IkasConfig) -> None:
    parcel = {"id": "k1", "orderPackageFulfillStatus": "FULFILLED", "orderLineItemIds": ["l1"]}
    order["orderPackages"] = [{**parcel, "trackingInfo": {"barcode": "1Z999", "cargoCompany": "Örnek Kargo"}}]
    shipping = value(order, config).shipping
    assert (shipping.tracking_number, shipping.carrier) == ("1Z999", "Örnek Kargo")


def test_a_parcel_abroad_is_an_export(order: Json, config: IkasConfig) -> None:
    order["shippingAddress"]["country"] = {"iso2": "DE", "name": "Germany"}
    found = value(order, config)
    assert found.export and found.shipping.address.country == "DE"


def test_prices_without_vat(order: Json, config: IkasConfig) -> None:
    assert not value(order, config.model_copy(update={"prices_exclude_vat": True})).tax_included


def test_the_revision_follows_the_content(order: Json, config: IkasConfig) -> None:
    first = value(order, config)
    assert value(order, config).revision == first.revision
    order["note"] = "Zili çalmayın"
    assert value(order, config).revision != first.revision
    later = {**order, "updatedAt": order["updatedAt"] + 1}
    assert value(later, config).revision > first.revision


@pytest.mark.parametrize("form", ["one", "list", "page"])
def test_payload_forms(order: Json, config: IkasConfig, form: str) -> None:
    forms: dict[str, Any] = {
        "one": order,
        "list": [order],
        "page": {"data": {"listOrder": {"count": 1, "hasNext": False, "data": [order]}}},
    }
    assert value(forms[form], config).number == "2041"


def test_unreadable_payloads_are_rejected(config: IkasConfig) -> None:
    for content in (b"", b"{", b"\x00", b"{} {}"):
        with pytest.raises(Rejected, match=r"payload.unreadable"):
            plugin.parse_orders(config, Raw(content))


@pytest.mark.parametrize(
    ("path", "bad"),
    [
        (("orderNumber",), None),
        (("orderNumber",), {"a": 1}),
        (("orderedAt",), "2026-03-02"),
        (("totalFinalPrice",), None),
        (("totalFinalPrice",), "929.95"),
        (("totalFinalPrice",), -1),
        (("totalFinalPrice",), 1e300),
        (("orderLineItems",), []),
        (("orderLineItems",), {}),
        (("orderLineItems", 0), None),
        (("orderLineItems", 0, "quantity"), 0),
        (("orderLineItems", 0, "quantity"), True),
        (("orderLineItems", 0, "taxValue"), 150),
        (("orderLineItems", 0, "id"), "l2"),
        (("orderLineItems", 0, "variant", "name"), "a\x00b"),
        (("billingAddress",), "yok"),
        (("billingAddress", "country"), {"iso2": "XXX"}),
        (("note",), "x" * 5000),
        (("currencyCode",), "lira"),
    ],
)
def test_one_bad_order_has_findings_and_its_neighbour_lives(
    order: Json, config: IkasConfig, path: tuple[Any, ...], bad: Any
) -> None:
    spoilt = json.loads(json.dumps(order))
    place = spoilt
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = bad
    records = plugin.parse_orders(config, Raw(json.dumps([spoilt, order]).encode()))
    assert records[0].value is None and any(finding.blocks for finding in records[0].findings)
    assert records[1].value is not None


@given(
    price=st.decimals(0, 10_000, places=4),
    percent=st.integers(0, 100),
    quantity=st.decimals("0.001", 50, places=3),
)
def test_a_line_is_rounded_once(price: Decimal, percent: int, quantity: Decimal) -> None:
    paid = price * (100 - percent) / 100
    data = {"id": "l", "quantity": quantity, "price": price, "finalPrice": paid, "variant": {"name": "A"}}
    line = product_line(RemoteLine.model_validate(data), (), IkasConfig(client_id="i", client_secret="s"))
    assert abs(line.payable - paid * quantity) <= CENT / 2
    assert line.payable <= line.amount
    assert line.amount == line.amount.quantize(CENT)
