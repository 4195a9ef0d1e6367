"""Prices to the channels: only those that differ, with what the company adds, once the settings let them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.flows import catalogue, prices
from kopru.flows.itemfile import read_items
from kopru.flows.records import Price
from kopru.model import ExternalRef, Product

PATH = "price-and-inventory"
AUTO = ("[invoice]\n", '[prices]\npush = "auto"\n\n[invoice]\n')


@pytest.fixture
def shop(trade):
    """The shop with its first stock pushed and its products read."""
    trade.pull("catalogue.pull", seconds=60)
    trade.run(60)
    trade.pushes = trade.posts("trendyol", PATH)
    return trade


def price(trade, item, amount, listed=""):
    """Take own prices from a file, as ``items import`` does."""
    text = (
        f"kod;ad;kdv;barkod;fiyat;liste fiyatı\n{item.code};{item.name};20;{item.barcode};{amount};{listed}\n"
    )
    records, findings = read_items(text.encode())
    assert findings == []
    with trade.work().write() as uow:
        catalogue.save_items(trade.work(), uow, records, None)


def shown(trade, item):
    """What buyers pay at the shop."""
    return Decimal(str(trade.shop.stock.variants[item.barcode]["price"]["salePrice"]))


def pushes(trade):
    return trade.posts("trendyol", PATH) - trade.pushes


def test_nothing_leaves_before_the_company_says_so(shop):
    item = shop.world.items[1]
    before = shown(shop, item)
    price(shop, item, "949,90")
    shop.run(120)
    assert (shown(shop, item), pushes(shop)) == (before, 0)
    with shop.work().read() as uow:
        (change,) = prices.changes_of(shop.work(), uow, shop.connection("trendyol"))
    assert (change.shown, change.price) == (before, Price(Decimal("949.90")))


def test_a_person_pushes_what_differs(shop):
    item = shop.world.items[1]
    price(shop, item, "949,90", "1.099,90")
    assert prices.push_now(shop.work("operator")) == 1
    shop.run(120)
    assert shown(shop, item) == Decimal("949.90")
    assert prices.push_now(shop.work("operator")) == 0
    shop.run(120)
    assert pushes(shop) == 1


def test_with_auto_a_changed_price_follows_by_itself_and_the_newest_wins(shop):
    shop.settings(AUTO)
    item = shop.world.items[1]
    price(shop, item, "949,90")
    shop.run(120)
    price(shop, item, "899,90")
    price(shop, item, "799,90")
    shop.run(120)
    assert shown(shop, item) == Decimal("799.90")
    assert pushes(shop) == 2


def test_a_channel_adds_its_percent(shop):
    shop.settings(
        ("[invoice]\n", '[prices]\npush = "auto"\n[prices.channels.trendyol]\nmarkup = 12.5\n\n[invoice]\n')
    )
    item = shop.world.items[1]
    price(shop, item, "100,00")
    shop.run(120)
    assert shown(shop, item) == Decimal("112.50")


def test_a_price_the_shop_shows_already_is_not_sent(shop):
    shop.settings(AUTO)
    item = shop.world.items[1]
    price(shop, item, str(shown(shop, item)).replace(".", ","))
    shop.run(120)
    assert pushes(shop) == 0


def test_a_lost_answer_is_sent_again(shop):
    shop.settings(AUTO)
    item = shop.world.items[1]
    shop.fault("trendyol", "drop_before", PATH)
    price(shop, item, "949,90")
    shop.run(3600)
    assert shown(shop, item) == Decimal("949.90")


def test_a_refused_price_is_told_and_waits_for_another_value(shop):
    shop.settings(AUTO)
    item = shop.world.items[1]
    price(shop, item, "949,90")
    with shop.work().write() as uow:
        uow.prices.know({item.code: Price(Decimal("949.90"), None, "USD")})
    prices.sync(shop.work())
    shop.run(120)
    connection = shop.connection("trendyol").id
    with shop.work().read() as uow:
        assert uow.prices.due(connection, 10) == []
    assert pushes(shop) == 0
    price(shop, item, "939,90")
    shop.run(120)
    assert shown(shop, item) == Decimal("939.90")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"price": "100", "tax_included": False, "vat_rate": "20"}, Price(Decimal("120.00"))),
        ({"price": "100", "tax_included": False, "vat_rate": None}, None),
        ({"price": "0"}, None),
        ({"price": None}, None),
        ({"price": "9.995", "list_price": "12"}, Price(Decimal("10.00"), Decimal("12.00"))),
    ],
    ids=["without VAT", "without VAT or rate", "nothing", "none", "rounded"],
)
def test_own_prices_are_with_vat(fields, expected):
    product = Product(ref=ExternalRef(kind="item", id="A"), revision="1", code="A", name="A", **fields)
    assert prices.own_price(product) == expected


@given(
    st.decimals("0.01", "100000", places=2),
    st.decimals("-90", "1000", places=1),
    st.none() | st.decimals("0.01", "100000", places=2),
)
def test_a_price_with_markup_can_always_be_told(amount, markup, listed):
    made = prices.with_markup(Price(amount, listed), markup)
    assert made.price > 0 and made.price == round(made.price, 2)
    assert made.list_price is None or made.list_price >= made.price
    assert abs(made.price - amount * (1 + markup / 100)) <= Decimal("0.01")
