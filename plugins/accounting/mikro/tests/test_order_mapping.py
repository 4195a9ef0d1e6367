"""Sales orders as Mikro's save method takes them."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kopru.model import Discount, LineKind
from kopru.model.money import ZERO, vat_of
from kopru.sdk import MappingMissing, Rejected
from kopru_mikro.config import OrderVat
from kopru_mikro.mapping import order as orders

POINTERS = {Decimal(0): 0, Decimal(1): 2, Decimal(10): 3, Decimal(20): 4}


@pytest.fixture
def write(make_config, make_key):
    """Return the body of an order, checked and mapped."""

    def build(ledger, **changed):
        config = make_config(**changed)
        orders.check(config, ledger)
        return orders.order_body(config, make_key("a"), ledger, POINTERS)

    return build


def test_an_order_repeats_its_header_on_each_row(write, make_order, make_order_line):
    lines = [
        make_order_line("99.80", id="1", quantity=Decimal(2)),
        make_order_line("11.00", id="2", rate="10"),
    ]
    body = write(make_order(*lines))
    rows = body["satirlar"]
    assert len(rows) == 2
    for row in rows:
        assert (row["sip_tip"], row["sip_cins"], row["sip_evrakno_seri"]) == (0, 0, "KPR")
        assert (row["sip_tarih"], row["sip_teslim_tarih"]) == ("10.03.2026", "12.03.2026")
        assert (row["sip_musteri_kod"], row["sip_belgeno"]) == ("120.WEB", "10900000001")
        assert (row["sip_doviz_cinsi"], row["sip_depono"], row["sip_adresno"]) == (0, 1, 1)
        assert "sip_evrakno_sira" not in row
    assert (rows[0]["sip_miktar"], rows[0]["sip_b_fiyat"]) == (Decimal(2), Decimal("41.585000"))
    assert (rows[0]["sip_tutar"], rows[0]["sip_vergi"], rows[0]["sip_vergi_pntr"]) == (
        Decimal("83.17"),
        Decimal("16.63"),
        4,
    )
    assert (rows[1]["sip_tutar"], rows[1]["sip_vergi_pntr"]) == (Decimal("10.00"), 3)


def test_the_first_note_begins_with_the_key(write, make_order, make_key):
    notes = write(make_order(note="Kapıya bırakın"))["evrak_aciklamalari"]
    assert notes[0] == {"aciklama": f"{make_key('a').short} 10900000001"}
    assert notes[1:] == [{"aciklama": "trendyol"}, {"aciklama": "Kapıya bırakın"}]


def test_discounts_are_net_amounts(write, make_order, make_order_line):
    line = make_order_line("480.00", rate="20", discounts=(Discount(amount=Decimal(120)),))
    row = write(make_order(line))["satirlar"][0]
    assert (row["sip_tutar"], row["sip_iskonto_1"], row["sip_vergi"]) == (400, 100, 60)


def test_prices_without_vat_stay_as_they_are(write, make_order, make_order_line):
    line = make_order_line("100.00", rate="20", discounts=(Discount(amount=Decimal("10.00")),))
    row = write(make_order(line, tax_included=False, total=Decimal(108)))["satirlar"][0]
    assert (row["sip_tutar"], row["sip_iskonto_1"], row["sip_vergi"]) == (100, 10, 18)


def test_cancelled_lines_are_left_out(write, make_order, make_order_line):
    lines = [make_order_line("10.00", id="1", cancelled=True), make_order_line("12.00", id="2")]
    assert [row["sip_tutar"] for row in write(make_order(*lines, total=Decimal(12)))["satirlar"]] == [10]


def test_services_on_orders_are_a_setting(write, make_order, make_order_line):
    lines = [make_order_line("10.00", id="1"), make_order_line("12.00", id="2", kind=LineKind.SHIPPING)]
    ledger = make_order(*lines, items={"1": "STK-0001"})
    booked = write(ledger, shipping_item="KARGO")
    assert [row["sip_stok_kod"] for row in booked["satirlar"]] == ["STK-0001", "KARGO"]
    assert len(write(ledger, order_services=False)["satirlar"]) == 1
    with pytest.raises(MappingMissing):
        write(ledger)


def test_a_kurus_mikro_cannot_reach_becomes_a_line(write, make_order, make_order_line):
    order = make_order(make_order_line("0.05", rate="20"))
    rows = write(order, order_vat="computed", rounding_item="YUV")["satirlar"]
    assert "sip_vergi" not in rows[0]
    money = [(row["sip_stok_kod"], row["sip_tutar"], row["sip_vergi_pntr"]) for row in rows]
    assert money == [("STK-0001", Decimal("0.04"), 4)]
    order = make_order(make_order_line("0.03", rate="20"))
    rows = write(order, order_vat="computed", rounding_item="YUV")["satirlar"]
    assert [(row["sip_stok_kod"], row["sip_tutar"]) for row in rows] == [
        ("STK-0001", Decimal("0.02")),
        ("YUV", Decimal("0.01")),
    ]
    with pytest.raises(Rejected) as refused:
        write(order, order_vat="computed")
    assert refused.value.code == "mikro.order.rounding"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amount=st.decimals("0.01", "99999.99", places=2),
    discount=st.decimals("0.00", "0.99", places=2),
    rate=st.sampled_from(["0", "1", "10", "20"]),
    how=st.sampled_from(OrderVat),
)
def test_no_kurus_is_lost_either_way(make_order, make_order_line, amount, discount, rate, how):
    taken = (amount * discount).quantize(Decimal("0.01"))
    line = make_order_line(str(amount), rate=rate, discounts=(Discount(amount=taken),))
    order = make_order(line).order
    money = orders.amounts(order, line, how)
    assert money.net + money.vat + money.left == line.payable
    assert money.discount >= ZERO
    assert money.left >= ZERO
    if how is OrderVat.COMPUTED:
        assert money.vat == vat_of(money.net, Decimal(rate))
        assert money.left <= Decimal("0.01")
    else:
        assert money.left == ZERO


def test_what_cannot_be_entered_is_told_at_once(write, make_order, make_order_line):
    line = make_order_line("10.00", rate=None)
    with pytest.raises(Rejected) as refused:
        write(make_order(line, currency="JPY"))
    assert {finding.code for finding in refused.value.findings} == {
        "mikro.currency",
        "mikro.order.rate",
        "mikro.order.vat",
    }


def test_an_order_without_live_lines_is_refused(write, make_order, make_order_line):
    with pytest.raises(Rejected) as refused:
        write(make_order(make_order_line("10.00", cancelled=True), total=ZERO))
    assert refused.value.code == "mikro.order.empty"


def test_every_line_without_a_card_is_named(write, make_order, make_order_line):
    lines = [make_order_line("10.00", id=n, name=f"Ürün {n}") for n in ("1", "2")]
    with pytest.raises(MappingMissing) as missing:
        write(make_order(*lines, items={}))
    assert missing.value.keys == ("Ürün 1", "Ürün 2")


def test_a_foreign_order_names_currency_and_rate(write, make_order):
    row = write(make_order(currency="USD", exchange_rate=Decimal("40.5")))["satirlar"][0]
    assert (row["sip_doviz_cinsi"], row["sip_doviz_kuru"]) == (1, Decimal("40.5"))
