"""An order's JSON to a canonical order: money, status, buyers, and what is wrong with it."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.model import Order, OrderStatus, PartyKind, Severity, TaxScheme
from kopru.sdk import Raw, Record, Rejected
from kopru_hepsiburada import plugin
from kopru_hepsiburada.config import HepsiburadaConfig, PriceBase
from kopru_hepsiburada.mapping.lines import price_of
from kopru_hepsiburada.mapping.remote import RemoteLine


def read(order: Any, config: HepsiburadaConfig) -> Record[Order]:
    (record,) = plugin.parse_orders(config, Raw(json.dumps(order).encode()))
    return record


def mapped(order: Any, config: HepsiburadaConfig) -> Order:
    record = read(order, config)
    assert record.value is not None, record.findings
    return record.value


def codes(record: Record[Order]) -> set[str]:
    return {finding.code for finding in record.findings}


def test_an_order(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    found = mapped(order, config)
    assert (found.ref.kind, found.ref.id, found.number) == ("order", "4000000001", "4000000001")
    assert found.placed_at == datetime(2026, 9, 24, 11, 0, 5, tzinfo=UTC)
    assert found.modified_at == datetime(2026, 9, 24, 11, 20, 11, tzinfo=UTC)
    assert found.total == Decimal("329.00")
    first, second = found.lines
    assert (first.sku, first.barcode, first.quantity, first.vat_rate) == ("DFT-01", "8690000000012", 2, 20)
    assert first.amount == Decimal("264.00") and first.payable == Decimal("240.00")
    assert [(each.amount, each.funded_by) for each in first.discounts] == [(4, "seller"), (20, "marketplace")]
    assert (second.sku, second.payable) == ("KLM-01", Decimal("89.00"))
    assert found.shipping.tracking_number == "HX6000000001"
    assert found.extras["hepsiburada"]["packages"] == ["6000000001"]  # type: ignore[index,call-overload]
    assert not read(order, config).findings


def test_the_invoice_address_names_the_buyer(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    buyer = mapped(order, config).buyer
    assert (buyer.kind, buyer.name) == (PartyKind.COMPANY, "Örnek Kırtasiye Ltd. Şti.")
    assert buyer.tax_id is not None and (buyer.tax_id.scheme, buyer.tax_id.value) == ("vkn", "9900000041")
    address = buyer.address
    assert (address.neighbourhood, address.district, address.city) == ("Fatura Mah", "Çankaya", "Ankara")


def test_a_person_has_a_tckn_or_none(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    invoice = order["items"][0]["invoice"]
    invoice |= {"taxNumber": None, "turkishIdentityNumber": "10000000146"}
    invoice["address"]["name"] = "Deniz Nur Örnek"
    buyer = mapped(order, config).buyer
    assert (buyer.kind, buyer.first_name, buyer.last_name) == (PartyKind.PERSON, "Deniz Nur", "Örnek")
    assert buyer.tax_id is not None and buyer.tax_id.scheme is TaxScheme.TCKN
    invoice["turkishIdentityNumber"] = "***"
    assert mapped(order, config).buyer.tax_id is None


def test_an_address_may_be_a_plain_text(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    order["items"][0]["invoice"]["address"] = "Düz Metin Sok. No:1"
    buyer = mapped(order, config).buyer
    assert (buyer.address.street, buyer.name) == ("Düz Metin Sok. No:1", "Deniz Örnek")


def test_keys_in_another_case_are_the_same_order(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    def cased(data: Any) -> Any:
        if isinstance(data, dict):
            return {name[:1].upper() + name[1:]: cased(value) for name, value in data.items()}
        return [cased(each) for each in data] if isinstance(data, list) else data

    assert mapped(cased(order), config) == mapped(order, config)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("Open", "Packaged"), OrderStatus.NEW),
        (("packed", "PACKAGED"), OrderStatus.PREPARING),
        (("InTransit", "Packaged"), OrderStatus.PREPARING),
        (("InTransit", "Delivered"), OrderStatus.SHIPPED),
        (("Undelivered", "UnDelivered"), OrderStatus.UNDELIVERED),
        (("Delivered", "ClaimCreated"), OrderStatus.DELIVERED),
        (("Delivered", "CancelledByMerchant"), OrderStatus.DELIVERED),
        (("CancelledBySap", "CancelledByCustomer"), OrderStatus.CANCELLED),
        (("Unpacked", "Yepyeni"), OrderStatus.UNKNOWN),
    ],
)
def test_an_order_is_as_far_as_its_last_line(
    order: dict[str, Any], config: HepsiburadaConfig, statuses: tuple[str, str], expected: OrderStatus
) -> None:
    for line, status in zip(order["items"], statuses, strict=True):
        line["status"] = status
    found = mapped(order, config)
    assert found.status is expected
    assert found.raw_status == "+".join(dict.fromkeys(statuses))


def test_a_cancelled_line_is_not_owed(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    order["items"][1]["status"] = "CancelledByCustomer"
    found = mapped(order, config)
    assert [line.cancelled for line in found.lines] == [False, True]
    assert found.total == Decimal("240.00") and found.sum_gap() == 0


@pytest.mark.parametrize("reason", ["OrderLineResend", "claimchangeaccepted"])
def test_replacements_are_never_invoiced(
    order: dict[str, Any], config: HepsiburadaConfig, reason: str
) -> None:
    order["items"][1]["creationReason"] = reason
    found = mapped(order, config)
    assert found.lines[1].cancelled and found.total == Decimal("240.00")
    assert found.status is OrderStatus.PREPARING, "the open replacement does not hold the sale back"
    order["items"][0]["creationReason"] = reason
    assert mapped(order, config).status is OrderStatus.CANCELLED
    assert "hepsiburada.line.replacement" in codes(read(order, config))


def test_a_transferred_line_is_a_sale(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    order["items"][1]["creationReason"] = "OrderLineTransferred"
    assert not mapped(order, config).lines[1].cancelled


@pytest.mark.parametrize(
    ("base", "payable", "amount"),
    [
        ("unitPrice", "240.00", "264.00"),
        ("unitPriceLessHbDiscount", "220.00", "244.00"),
        ("unitPriceLessDiscounts", "216.00", "240.00"),
    ],
)
def test_the_invoice_price_is_a_setting(
    order: dict[str, Any], config: HepsiburadaConfig, base: str, payable: str, amount: str
) -> None:
    settings = config.model_copy(update={"invoice_price_base": PriceBase(base)})
    line = mapped(order, settings).lines[0]
    assert (line.payable, line.amount) == (Decimal(payable), Decimal(amount))
    warned = "hepsiburada.line.vat_differs" in codes(read(order, settings))
    assert warned == (base != "unitPrice"), "the VAT amount in the order is that of 240.00"


def test_the_merchants_price_must_be_there(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    settings = config.model_copy(update={"invoice_price_base": PriceBase.MERCHANT_PRICE})
    record = read(order, settings)
    assert record.value is None and "hepsiburada.line.price_missing" in codes(record)
    for line in order["items"]:
        line["merchantUnitPrice"] = {"amount": 70, "currency": "TRY"}
    assert mapped(order, settings).total == Decimal("210.00")


@given(
    total=st.decimals(0, 10**6, places=2),
    merchant=st.decimals(0, 10**5, places=2),
    hepsiburada=st.decimals(0, 10**5, places=2),
    base=st.sampled_from([base for base in PriceBase if base is not PriceBase.MERCHANT_PRICE]),
)
def test_prices_are_exact(total: Decimal, merchant: Decimal, hepsiburada: Decimal, base: PriceBase) -> None:
    line = RemoteLine.model_validate(
        {
            "id": "1",
            "quantity": 3,
            "totalprice": {"amount": total},
            "hbdiscount": {"totalprice": hepsiburada},
            "merchantdiscount": {"totalprice": {"amount": merchant}},
        }
    )
    price = price_of(line, base)
    assert price is not None and price.amount - price.merchant - price.hepsiburada == price.payable
    owed = {PriceBase.UNIT_PRICE: total, PriceBase.LESS_HB_DISCOUNT: total - hepsiburada}
    assert price.payable == owed.get(base, total - hepsiburada - merchant)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("orderDate", "dün", "hepsiburada.order.date_missing"),
        ("quantity", 0, "hepsiburada.order.range"),
        ("id", None, "hepsiburada.order.missing"),
        ("totalPrice", {"amount": 5, "currency": "EUR"}, "hepsiburada.order.currencies"),
        ("name", "a\u0000b", "hepsiburada.order.nul"),
        ("vatRate", "yirmi", "hepsiburada.order.value"),
    ],
)
def test_a_fault_is_a_finding(
    order: dict[str, Any], config: HepsiburadaConfig, field: str, value: object, code: str
) -> None:
    order["items"][0][field] = value
    if field == "orderDate":
        order["items"][1][field] = value
    order["items"][1]["totalPrice"] = {"amount": 89, "currency": "TRY"}
    record = read(order, config)
    assert record.value is None and record.external_id == "4000000001"
    assert code in codes(record)
    assert any(finding.severity is Severity.ERROR for finding in record.findings)


def test_times_without_offset_are_a_setting(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    settings = config.model_copy(update={"times_are_utc": True})
    assert mapped(order, settings).placed_at.hour == 14
    order["items"][0]["orderDate"] = order["items"][1]["orderDate"] = "2026-09-24T14:00:05+03:00"
    assert mapped(order, settings).placed_at.hour == 11


def test_a_page_of_lines_is_grouped_by_order(order: dict[str, Any], config: HepsiburadaConfig) -> None:
    other = {**order["items"][1], "orderNumber": "4000000002"}
    page = {"totalCount": 3, "items": [*order["items"], other]}
    records = plugin.parse_orders(config, Raw(json.dumps(page).encode()))
    assert [record.external_id for record in records] == ["4000000001", "4000000002"]
    again = plugin.parse_orders(config, Raw(json.dumps([order, {"items": [other]}]).encode()))
    assert [record.value for record in again] == [record.value for record in records]


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"items": 5}', b"{}", b'{"a":'])
def test_an_unreadable_payload_is_refused(config: HepsiburadaConfig, content: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        plugin.parse_orders(config, Raw(content))
    assert caught.value.code == "hepsiburada.payload.unreadable"
