"""What a person asks a remote for: its own lists, and shipping labels."""

import pytest

from kopru.flows import lookups
from kopru.hooks.errors import Rejected, Unsupported
from kopru.hooks.types import LabelFormat


def test_a_ledgers_own_lists_are_shown(trade):
    found = lookups.definitions(trade.work(), trade.connection("logo").id)
    assert {each.kind for each in found} >= {"warehouse"}
    assert all(each.code for each in found)


def test_a_connection_without_lists_says_so(trade):
    with pytest.raises(Unsupported):
        lookups.definitions(trade.work(), trade.connection("trendyol").id)


def test_a_label_is_the_same_each_time_and_counted(trade):
    order = trade.place(status="Picking")
    trade.pull()
    first, before = lookups.label(trade.work("operator"), trade.order(order))
    assert (first.format, before) == (LabelFormat.ZPL, 0)
    again, before = lookups.label(trade.work("operator"), trade.order(order))
    assert (again, before) == (first, 1)
    assert trade.actions(trade.order(order)).count("order.label") == 2


def test_an_order_without_a_label_says_why(trade):
    order = trade.place(status="Picking")
    trade.shop.change_order(order.id, whoPays=1)
    trade.pull()
    with pytest.raises(Rejected) as told:
        lookups.label(trade.work(), trade.order(order))
    assert told.value.code == "trendyol.label.own_contract"
