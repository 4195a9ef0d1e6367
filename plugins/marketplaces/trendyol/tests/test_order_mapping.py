"""Shipment packages to orders. All payloads are made up from the documented shape."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.model import Order, OrderStatus, PartyKind, PaymentMethod, Severity, TaxScheme
from kopru.sdk import Raw, Record, Rejected
from kopru.testing.world import make_world
from kopru_trendyol import plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.simulation import make

PAYLOADS = Path(__file__).parent / "payloads"
CONFIG = TrendyolConfig(seller_id="123456", api_key="key", api_secret="secret")
SIMPLE = make.package(make_world(1).orders[0], status="Created", seller_id="123456")


def parse(data: Any, config: TrendyolConfig = CONFIG) -> tuple[Record[Order], ...]:
    content = data if isinstance(data, bytes) else json.dumps(data, default=float).encode()
    return plugin.parse_orders(config, Raw(content))


def parse_one(data: Any, config: TrendyolConfig = CONFIG) -> Record[Order]:
    (record,) = parse(data, config)
    return record


def order_of(data: Any, config: TrendyolConfig = CONFIG) -> Order:
    record = parse_one(data, config)
    assert record.value is not None, record.findings
    return record.value


def codes_of(record: Record[Order]) -> set[str]:
    return {finding.code for finding in record.findings}


def test_a_company_package_becomes_the_expected_order() -> None:
    record = parse_one((PAYLOADS / "package.json").read_bytes())
    expected = json.loads((PAYLOADS / "package.expected.json").read_text("utf-8"))
    assert record.value is not None
    assert record.value.to_json() == expected
    assert record.findings == ()


def test_the_order_survives_storage(package: dict[str, Any]) -> None:
    order = order_of(package)
    assert Order.model_validate_json(order.model_dump_json()) == order


@pytest.mark.parametrize("keep_new", [False, True], ids=["old names", "both generations at once"])
def test_both_field_generations_give_one_order_and_one_revision(
    package: dict[str, Any], keep_new: bool
) -> None:
    old = make.with_old_names(package, keep_new=keep_new)
    assert ("shipmentPackageId" in old) is keep_new
    assert "amount" in old["lines"][0]
    assert order_of(old) == order_of(package)


def test_a_null_under_the_new_name_does_not_hide_the_old_value(package: dict[str, Any]) -> None:
    expected = order_of(package)
    package["grossAmount"], package["totalPrice"] = 588.80, package["packageTotalPrice"]
    package["packageTotalPrice"] = None
    assert order_of(package).total == expected.total


def test_the_raw_record_is_exactly_what_came(package: dict[str, Any]) -> None:
    written = (PAYLOADS / "package.json").read_bytes().strip()
    (record,) = parse(b'{"totalElements": 1, "content": [ ' + written + b" ]}")
    assert record.raw.content == written
    assert record.external_id == "3411000777"


def test_lines_add_up_by_units_not_by_averages(package: dict[str, Any]) -> None:
    line = package["lines"][0]
    line |= {
        "lineGrossAmount": 15.00,
        "lineSellerDiscount": 2.00,
        "lineTyDiscount": 0,
        "lineUnitPrice": 12.99,
    }
    line["discountDetails"] = [
        {"lineItemPrice": 13.00, "lineItemSellerDiscount": 2.00, "lineItemTyDiscount": 0},
        {"lineItemPrice": 12.99, "lineItemSellerDiscount": 2.01, "lineItemTyDiscount": 0},
    ]
    mapped = order_of(package).lines[0]
    assert mapped.amount == Decimal("30.00")
    assert mapped.discount_total == Decimal("4.01")
    assert mapped.payable == Decimal("25.99")


def test_discounts_say_who_bears_them(package: dict[str, Any]) -> None:
    discounts = {each.funded_by: each.amount for each in order_of(package).lines[0].discounts}
    assert discounts == {"seller": Decimal("49.99"), "marketplace": Decimal("10.00")}
    assert order_of(package).lines[1].discounts == ()


CENTS = st.integers(0, 100_000).map(lambda n: Decimal(n) / 100)


@given(st.lists(st.tuples(CENTS, CENTS, CENTS), min_size=1, max_size=6))
def test_what_the_buyer_pays_is_the_sum_of_the_unit_prices(units: list[tuple[Decimal, ...]]) -> None:
    names = ("lineItemPrice", "lineItemSellerDiscount", "lineItemTyDiscount")
    line = SIMPLE["lines"][0] | {
        "quantity": len(units),
        "discountDetails": [dict(zip(names, unit, strict=True)) for unit in units],
    }
    order = order_of(SIMPLE | {"lines": [line], "packageTotalPrice": sum(unit[0] for unit in units)})
    assert order.lines[0].payable == sum(unit[0] for unit in units)
    assert order.lines[0].amount == sum(sum(unit) for unit in units)
    assert order.sum_gap() == 0


def test_binary_noise_in_amounts_changes_nothing(package: dict[str, Any]) -> None:
    expected = order_of(package)
    package["lines"][0]["discountDetails"][1]["lineItemPrice"] = 219.90999999999997
    package["packageTotalPrice"] = 528.8100000000001
    assert order_of(package) == expected


def test_averages_stand_in_for_one_unit_or_without_discount(package: dict[str, Any]) -> None:
    expected = order_of(package)
    del package["lines"][1]["discountDetails"]
    assert order_of(package) == expected
    package["lines"][1] |= {"quantity": 3}
    assert order_of(package).lines[1].amount == Decimal("267.00")


def test_a_discounted_line_without_unit_amounts_is_not_guessed(package: dict[str, Any]) -> None:
    package["lines"][0]["discountDetails"] = []
    record = parse_one(package)
    assert record.value is None
    assert [(each.code, each.field) for each in record.findings] == [
        ("trendyol.line.units_missing", "lines[0].discountDetails")
    ]


def test_a_wrong_number_of_unit_amounts_is_not_guessed(package: dict[str, Any]) -> None:
    package["lines"][0]["quantity"] = 3
    assert codes_of(parse_one(package)) == {"trendyol.line.unit_count"}


def test_a_discount_above_the_price_is_a_finding(package: dict[str, Any]) -> None:
    package["lines"][1] |= {"discountDetails": [], "lineSellerDiscount": 90}
    assert codes_of(parse_one(package)) == {"trendyol.line.negative"}


def test_units_that_differ_from_the_shown_price_warn(package: dict[str, Any]) -> None:
    package["lines"][1]["lineGrossAmount"] = 99
    record = parse_one(package)
    assert record.value is not None
    assert codes_of(record) == {"trendyol.line.gross_differs"}


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("Awaiting", OrderStatus.AWAITING_PAYMENT),
        ("Created", OrderStatus.NEW),
        ("Picking", OrderStatus.PREPARING),
        ("Invoiced", OrderStatus.INVOICED),
        ("Shipped", OrderStatus.SHIPPED),
        ("AtCollectionPoint", OrderStatus.SHIPPED),
        ("Delivered", OrderStatus.DELIVERED),
        ("UnDelivered", OrderStatus.UNDELIVERED),
        ("Returned", OrderStatus.RETURNED),
        ("Cancelled", OrderStatus.CANCELLED),
        ("UnSupplied", OrderStatus.CANCELLED),
        ("UnPacked", OrderStatus.REPLACED),
    ],
)
def test_documented_statuses(package: dict[str, Any], raw: str, status: OrderStatus) -> None:
    order = order_of(package | {"shipmentPackageStatus": raw})
    assert (order.status, order.raw_status) == (status, raw)


@pytest.mark.parametrize("raw", ["Repack", "Verified", "ReturnAccepted", "Teleported", ""])
def test_an_unknown_status_is_kept_and_told(package: dict[str, Any], raw: str) -> None:
    record = parse_one(package | {"shipmentPackageStatus": raw})
    assert record.value is not None
    assert (record.value.status, record.value.raw_status) == (OrderStatus.UNKNOWN, raw)
    assert [each.severity for each in record.findings] == [Severity.WARNING]
    assert codes_of(record) == {"trendyol.order.unknown_status"}


def test_the_package_status_comes_first_and_the_other_stands_in(package: dict[str, Any]) -> None:
    assert order_of(package | {"status": "Shipped"}).status is OrderStatus.NEW
    package |= {"status": "Shipped", "shipmentPackageStatus": None}
    assert order_of(package).status is OrderStatus.SHIPPED


def test_cancelled_lines_are_not_live(package: dict[str, Any]) -> None:
    package["lines"][1]["orderLineItemStatusName"] = "UnSupplied"
    order = order_of(package)
    assert [line.id for line in order.live_lines] == ["4791000001"]


def test_the_order_date_is_a_turkish_clock_the_others_are_not(package: dict[str, Any]) -> None:
    order = order_of(package)
    assert order.placed_at.isoformat() == "2026-03-02T06:30:00+00:00"
    assert order.modified_at.isoformat() == "2026-03-02T07:30:00+00:00"
    unshifted = CONFIG.model_copy(update={"order_date_offset_hours": 0})
    assert order_of(package, unshifted).placed_at.isoformat() == "2026-03-02T09:30:00+00:00"


def test_a_wrong_offset_setting_is_noticed(package: dict[str, Any]) -> None:
    unshifted = CONFIG.model_copy(update={"order_date_offset_hours": 0})
    assert codes_of(parse_one(package)) == set()
    assert codes_of(parse_one(package, unshifted)) == {"trendyol.order.clock"}


def test_without_order_date_the_first_history_entry_counts(package: dict[str, Any]) -> None:
    package["orderDate"] = None
    assert order_of(package).placed_at.isoformat() == "2026-03-02T06:30:04+00:00"
    package["packageHistories"] = []
    assert codes_of(parse_one(package)) == {"trendyol.order.date_missing"}


def consumer(package: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return package | {"commercial": False} | fields


def test_a_consumer_keeps_the_placeholder_number(package: dict[str, Any]) -> None:
    buyer = order_of(consumer(package)).buyer
    assert (buyer.kind, buyer.first_name, buyer.last_name) == (PartyKind.PERSON, "Nehir", "Kurmaca")
    assert buyer.tax_id is not None
    assert (buyer.tax_id.scheme, buyer.tax_id.value) == (TaxScheme.TCKN, "11111111111")
    assert buyer.einvoice_registered is None


def test_masked_data_counts_as_missing(package: dict[str, Any]) -> None:
    hidden = {"firstName": "***", "lastName": "***", "fullName": "*** ***", "phone": "***"}
    package["invoiceAddress"] |= hidden
    masked = {"customerFirstName": "***", "customerLastName": "***", "identityNumber": "***"}
    record = parse_one(consumer(package, customerEmail="***", **masked))
    assert record.value is not None
    buyer = record.value.buyer
    assert (buyer.display_name, buyer.tax_id, buyer.email, buyer.phone) == ("", None, "", "")
    assert codes_of(record) == {"trendyol.order.name_masked"}


def test_a_masked_invoice_name_falls_back_to_the_customer(package: dict[str, Any]) -> None:
    package["invoiceAddress"] |= {"firstName": "***", "lastName": "***"}
    assert order_of(consumer(package)).buyer.display_name == "Nehir Kurmaca"


@pytest.mark.parametrize("name", ["eInvoiceAvailable", "isEInvoiceAvailable"])
@pytest.mark.parametrize("value", [True, False])
def test_e_invoice_registration_under_both_names(package: dict[str, Any], name: str, value: bool) -> None:
    del package["invoiceAddress"]["eInvoiceAvailable"]
    assert order_of(package).buyer.einvoice_registered is None
    package["invoiceAddress"][name] = value
    assert order_of(package).buyer.einvoice_registered is value


def test_a_sole_trader_has_a_tckn(package: dict[str, Any]) -> None:
    package["invoiceAddress"]["taxNumber"] = "90000000150"
    buyer = order_of(package).buyer
    assert buyer.kind is PartyKind.COMPANY
    assert buyer.tax_id is not None
    assert buyer.tax_id.scheme is TaxScheme.TCKN
    assert (buyer.first_name, buyer.last_name) == ("Nehir", "Kurmaca")


def test_a_company_without_title_or_number_is_told(package: dict[str, Any]) -> None:
    package["invoiceAddress"] |= {"company": "", "taxNumber": "123"}
    record = parse_one(package)
    assert record.value is not None
    assert record.value.buyer.tax_id is None
    assert codes_of(record) == {"trendyol.order.company_name_missing", "trendyol.order.tax_number_missing"}


def test_export_agency_and_trendyol_as_buyer_are_flagged(package: dict[str, Any]) -> None:
    record = parse_one(package | {"micro": True, "is4P": True, "3pByTrendyol": True})
    assert record.value is not None
    assert record.value.export
    own = record.value.extras["trendyol"]
    assert (own["is4P"], own["3pByTrendyol"]) == (True, True)
    assert codes_of(record) == {"trendyol.order.agency_sale", "trendyol.order.trendyol_buyer"}


def test_cash_on_delivery_is_not_paid_yet(package: dict[str, Any]) -> None:
    payment = order_of(package | {"isCod": True, "paymentMethod": "COD"}).payment
    assert (payment.method, payment.raw, payment.paid_at) == (PaymentMethod.CASH_ON_DELIVERY, "COD", None)


def test_the_tracking_number_is_exact_text(package: dict[str, Any]) -> None:
    assert order_of(package).shipping.tracking_number == "73300011122233344455"
    package |= {"cargoProviderName": None, "cargoTrackingNumber": "7260001112223334"}
    assert order_of(package).shipping.carrier == "Aras Kargo"


def test_parents_of_a_split(package: dict[str, Any]) -> None:
    assert order_of(package | {"originPackageIds": [3411000776, 0]}).parents == ("3411000776",)


def test_equal_content_has_an_equal_revision_and_a_change_another(package: dict[str, Any]) -> None:
    first = order_of(package).revision
    assert order_of(dict(reversed(package.items()))).revision == first
    package["invoiceAddress"]["district"] = "Üsküdar"
    second = order_of(package).revision
    assert second != first
    later = order_of(package | {"lastModifiedDate": package["lastModifiedDate"] + 1}).revision
    assert later > max(first, second)


@pytest.mark.parametrize("broken", [0, "0", None, "abc", -5, True, [1], 1.5, "absent"])
def test_a_row_without_package_id_is_no_order(package: dict[str, Any], broken: Any) -> None:
    bad = package | {"shipmentPackageId": broken}
    if broken == "absent":
        del bad["shipmentPackageId"]
    records = parse({"content": [package, bad, package | {"shipmentPackageId": 7}]})
    assert [record.external_id for record in records] == ["3411000777", "10811000222#1", "7"]
    assert [record.value is None for record in records] == [False, True, False]
    assert codes_of(records[1]) == {"trendyol.order.package_id_missing"}


HOSTILE: dict[str, tuple[dict[str, Any], str, str]] = {
    "NUL in a name": ({"customerFirstName": "A\x00"}, "trendyol.order.nul", "customerFirstName"),
    "half surrogate": ({"customerEmail": "a\ud800@b.c"}, "trendyol.order.encoding", "customerEmail"),
    "huge text": ({"invoiceLink": "h" * 1_000_000}, "trendyol.order.length", "invoice_url"),
    "lines is a text": ({"lines": "none"}, "trendyol.order.type", "lines"),
    "no lines": ({"lines": []}, "trendyol.order.length", "lines"),
    "a line is a number": ({"lines": [5]}, "trendyol.order.type", "lines[0]"),
    "address is a list": ({"invoiceAddress": []}, "trendyol.order.type", "invoiceAddress"),
    "total is a word": ({"packageTotalPrice": "free"}, "trendyol.order.value", "packageTotalPrice"),
    "total is missing": ({"packageTotalPrice": None}, "trendyol.order.missing", "packageTotalPrice"),
    "total is negative": ({"packageTotalPrice": -1}, "trendyol.order.range", "packageTotalPrice"),
    "total is true": ({"packageTotalPrice": True}, "trendyol.order.value", "packageTotalPrice"),
    "total is infinite": ({"packageTotalPrice": float("inf")}, "trendyol.order.value", "packageTotalPrice"),
    "total is enormous": ({"packageTotalPrice": 10**30}, "trendyol.order.range", "packageTotalPrice"),
    "date is a word": ({"orderDate": "yesterday"}, "trendyol.order.value", "orderDate"),
    "date is beyond time": ({"lastModifiedDate": 10**30}, "trendyol.order.value", "lastModifiedDate"),
    "currency is no code": ({"currencyCode": "lira"}, "trendyol.order.value", "currency"),
    "order number is zero": ({"orderNumber": "0"}, "trendyol.order.number_missing", "orderNumber"),
    "order number is missing": ({"orderNumber": None}, "trendyol.order.missing", "orderNumber"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_package_spoils_only_itself(package: dict[str, Any], name: str) -> None:
    change, code, field = HOSTILE[name]
    good, other = package, package | {"shipmentPackageId": 7}
    records = parse({"content": [good, package | change, other]})
    assert [record.value is not None for record in records] == [True, False, True]
    found = {(each.code, each.field) for each in records[1].findings if each.blocks}
    assert (code, field) in found, found
    assert all(each.message.tr and each.message.en for each in records[1].findings)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": 0}, "lines[0].quantity"),
        ({"quantity": 1.5}, "lines[0].quantity"),
        ({"vatRate": 120}, "lines[0].vatRate"),
        ({"lineId": None}, "lines[0].lineId"),
        ({"discountDetails": [{"lineItemPrice": "x"}]}, "lines[0].discountDetails[0].lineItemPrice"),
    ],
)
def test_a_hostile_line_names_its_field(package: dict[str, Any], change: dict[str, Any], field: str) -> None:
    package["lines"][0] |= change
    record = parse_one(package)
    assert record.value is None
    assert field in {each.field for each in record.findings}


def test_two_lines_with_one_id_are_refused(package: dict[str, Any]) -> None:
    package["lines"][1]["lineId"] = package["lines"][0]["lineId"]
    assert parse_one(package).value is None


@pytest.mark.parametrize(
    "piece",
    [
        b'"packageTotalPrice": ' + b"9" * 5000,
        b'"packageTotalPrice": 1e999999999999999999999',
        b'"packageTotalPrice": NaN',
        b'"customerFirstName": "\xff\xfe"',
    ],
    ids=["5000 digits", "endless exponent", "not a number", "not UTF-8"],
)
def test_hostile_bytes_spoil_only_their_record(package: dict[str, Any], piece: bytes) -> None:
    good = json.dumps(package).encode()
    bad = good[:-1] + b"," + piece + b"}"
    records = parse(b'{"content":[' + good + b"," + bad + b"]}")
    assert [record.value is not None for record in records] == [True, False]
    assert records[1].raw.content == bad


@pytest.mark.parametrize("row", ["text", 5, None, [1, 2]])
def test_a_row_that_is_no_object(package: dict[str, Any], row: Any) -> None:
    records = parse({"content": [row, package]})
    assert [record.external_id for record in records] == ["row#0", "3411000777"]
    assert codes_of(records[0]) == {"trendyol.order.not_an_object"}


def test_a_list_and_an_empty_page_are_accepted(package: dict[str, Any]) -> None:
    assert len(parse([package, package])) == 2
    assert parse({"content": []}) == ()


@pytest.mark.parametrize("content", [b"", b"<html/>", b'{"content":[', b"[" * 100_000, b"{}{}", b'"x"'])
def test_what_cannot_be_read_at_all_is_rejected(content: bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        parse(content)
    assert refusal.value.code == "trendyol.payload.unreadable"
