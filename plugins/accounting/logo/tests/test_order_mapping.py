"""Sales orders as Logo takes them; their field names are not those of invoices."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kopru.model import Discount, LineKind, OrderLine
from kopru.sdk import MappingMissing, Rejected
from kopru_logo.mapping.order import order_body


def line(id="11", **changes):
    base = {
        "id": id,
        "name": "Defter",
        "quantity": Decimal(2),
        "amount": Decimal("99.80"),
        "vat_rate": Decimal(20),
    }
    return OrderLine(**{**base, **changes})


def test_an_order_field_by_field(make_config, make_key, make_order):
    key = make_key("o")
    discounted = line(discounts=(Discount(amount=Decimal("9.80")), Discount(amount=Decimal("5.00"))))
    shipping = line("12", kind=LineKind.SHIPPING, name="Kargo", quantity=Decimal(1), amount=Decimal("29.90"))
    gone = line("13", cancelled=True)
    body = order_body(
        make_config(shipping_service="KARGO", codes={"salesman_code": "WEB"}),
        key,
        make_order(discounted, shipping, gone, items={"11": "STK-0001"}, note="Kapıya bırakın"),
    )
    assert body == {
        "NUMBER": "~",
        "DATE": "2026-03-10",
        "TIME": 1 * 16777216 + 30 * 65536,
        "DOC_NUMBER": "10900000001",
        "CUST_ORD_NO": "3400000001",
        "DOC_TRACK_NR": key.short,
        "GUID": str(key.uuid).upper(),
        "ARP_CODE": "120.WEB",
        "SOURCE_WH": 0,
        "SOURCE_COST_GRP": 0,
        "DIVISION": 0,
        "DEPARTMENT": 0,
        "FACTORY": 0,
        "SALESMAN_CODE": "WEB",
        "NOTES1": "trendyol 10900000001",
        "NOTES2": "Kapıya bırakın",
        "CURRSEL_TOTAL": 1,
        "CURRSEL_DETAILS": 0,
        "ORDER_STATUS": 4,
        "AFFECT_RISK": 1,
        "TRANSACTIONS": {
            "items": [
                {
                    "TYPE": 0,
                    "MASTER_CODE": "STK-0001",
                    "QUANTITY": 2,
                    "PRICE": Decimal("49.9"),
                    "VAT_INCLUDED": 1,
                    "VAT_RATE": 20,
                    "UNIT_CODE": "ADET",
                    "UNIT_CONV1": 1,
                    "UNIT_CONV2": 1,
                    "TRANS_DESCRIPTION": "Defter",
                    "AFFECT_RISK": 1,
                    "SALESMAN_CODE": "WEB",
                    "DUE_DATE": "2026-03-12",
                    "SOURCE_WH": 0,
                    "SOURCE_COST_GRP": 0,
                    "ORDER_RESERVE": 1,
                    "RESERVE_DATE": "2026-03-10",
                    "RESERVE_AMOUNT": 2,
                },
                {"TYPE": 2, "QUANTITY": 0, "TOTAL": Decimal("14.80"), "CALC_TYPE": 1, "DETAIL_LEVEL": 0},
                {
                    "TYPE": 4,
                    "MASTER_CODE": "KARGO",
                    "QUANTITY": 1,
                    "PRICE": Decimal("29.9"),
                    "VAT_INCLUDED": 1,
                    "VAT_RATE": 20,
                    "UNIT_CODE": "ADET",
                    "UNIT_CONV1": 1,
                    "UNIT_CONV2": 1,
                    "TRANS_DESCRIPTION": "Kargo",
                    "AFFECT_RISK": 1,
                    "SALESMAN_CODE": "WEB",
                    "DUE_DATE": "2026-03-12",
                },
            ]
        },
        "DataObjectParameter": {
            "FillAccCodesOnPreSave": True,
            "ApplyCampaignOnPreSave": False,
            "ApplyConditionOnPreSave": False,
        },
    }


def test_reserving_and_status_are_settings(make_config, make_key, make_order):
    body = order_body(make_config(reserve_stock=False, order_status=1), make_key("o"), make_order())
    assert body["ORDER_STATUS"] == 1
    assert "ORDER_RESERVE" not in body["TRANSACTIONS"]["items"][0]


def test_an_order_without_vat_in_its_prices(make_config, make_key, make_order):
    body = order_body(make_config(), make_key("o"), make_order(line(vat_rate=None), tax_included=False))
    made = body["TRANSACTIONS"]["items"][0]
    assert made["VAT_INCLUDED"] == 0
    assert "VAT_RATE" not in made


def test_a_foreign_order_keeps_both_prices(make_config, make_key, make_order):
    ledger = make_order(
        line(discounts=(Discount(amount=Decimal(10)),)), currency="EUR", exchange_rate=Decimal("37.5")
    )
    body = order_body(make_config(), make_key("o"), ledger)
    item, discount = body["TRANSACTIONS"]["items"]
    assert (body["CURRSEL_TOTAL"], body["CURR_TRANSACTIN"], body["TC_RATE"]) == (2, 20, Decimal("37.5"))
    assert (item["EXCLINE_PRICE"], item["PRICE"], item["CURR_TRANSACTIN"]) == (
        Decimal("49.9"),
        Decimal("1871.25"),
        20,
    )
    assert discount["TOTAL"] == Decimal("375.00")


def test_the_day_is_the_day_in_istanbul(make_config, make_key, make_order):
    late = datetime(2026, 3, 9, 20, 59, tzinfo=UTC)
    assert order_body(make_config(), make_key("o"), make_order(placed_at=late))["DATE"] == "2026-03-09"


def test_orders_that_cannot_be_entered(make_config, make_key, make_order):
    with pytest.raises(Rejected) as error:
        order_body(make_config(), make_key("o"), make_order(line(cancelled=True), currency="SEK"))
    assert [finding.code for finding in error.value.findings] == [
        "logo.order.lines",
        "logo.order.rate",
        "logo.invoice.currency",
    ]
    with pytest.raises(MappingMissing) as missing:
        order_body(make_config(), make_key("o"), make_order(line(unit="KGM")))
    assert missing.value.keys == ("KGM",)
