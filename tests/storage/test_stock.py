"""Stock for channels: only the newest value counts, and what is confirmed never goes back."""

from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from kopru.flows.records import OrderState, Reason
from kopru.model import OrderStatus, Text
from kopru.storage.tables import stock_push

REASON = Reason("stock.refused", Text(tr="Ret", en="Refused"))


@pytest.fixture
def shop(desk, make):
    """A channel with three products."""
    with desk.open() as uow:
        uow.stock.see_products(
            desk.shop.id, [make.product(f"X{n}", f"STK-{n}", f"869{n}") for n in (1, 2, 3)]
        )
    return desk


def want(desk, **desired):
    with desk.open() as uow:
        return uow.stock.want(desk.shop.id, desired)


def due(desk, limit=10):
    with desk.open() as uow:
        return uow.stock.due(desk.shop.id, limit)


def send(desk, rows, batch=None):
    with desk.open() as uow:
        uow.stock.sent(desk.shop.id, rows, None)
        if batch:
            uow.stock.name_batch(desk.shop.id, rows, batch)


def confirm(desk, external_id, version):
    with desk.open() as uow:
        uow.stock.pushed(desk.shop.id, external_id, version)


def state(desk, external_id="X1"):
    with desk.open() as uow:
        row = uow.db.execute(
            sa.select(
                stock_push.c.desired,
                stock_push.c.version,
                stock_push.c.sent_version,
                stock_push.c.pushed_version,
            ).where(stock_push.c.connection_id == desk.shop.id, stock_push.c.external_id == external_id)
        ).one()
        return tuple(row)


def test_only_a_difference_raises_the_version(shop):
    assert want(shop, X1=5, X2=6) == 2
    assert want(shop, X1=5, X2=6) == 0
    assert want(shop, X1=4, X2=6) == 1
    assert state(shop) == (4, 2, 0, 0)
    assert want(shop) == 0


def test_what_differs_is_due_until_it_is_on_its_way(shop):
    want(shop, X1=5, X2=6)
    rows = due(shop)
    assert [(row.external_id, row.sku, row.barcode, row.desired) for row in rows] == [
        ("X1", "STK-1", "8691", 5),
        ("X2", "STK-2", "8692", 6),
    ]
    assert [row.external_id for row in due(shop, limit=1)] == ["X1"]
    send(shop, rows[:1])
    assert [row.external_id for row in due(shop)] == ["X2"]
    confirm(shop, "X1", 1)
    assert state(shop) == (5, 1, 1, 1)


def test_a_change_while_one_is_on_its_way_is_due_at_once(shop):
    want(shop, X1=5)
    send(shop, due(shop), batch="B1")
    want(shop, X1=4)
    (row,) = due(shop)
    assert (row.desired, row.version) == (4, 2)
    confirm(shop, "X1", 1)
    assert [row.version for row in due(shop)] == [2], "the older answer does not settle the newer value"


def test_a_late_answer_never_lowers_what_is_confirmed(shop):
    want(shop, X1=5)
    send(shop, due(shop))
    want(shop, X1=4)
    send(shop, due(shop))
    confirm(shop, "X1", 2)
    confirm(shop, "X1", 1)
    assert state(shop) == (4, 2, 2, 2)
    assert due(shop) == []


def test_a_refused_value_waits_for_a_change(shop):
    want(shop, X1=5)
    send(shop, due(shop))
    with shop.open() as uow:
        uow.stock.refused(shop.shop.id, "X1", REASON)
    assert due(shop) == []
    want(shop, X1=4)
    assert [row.desired for row in due(shop)] == [4]


def test_a_lost_batch_is_sent_again(shop):
    want(shop, X1=5, X2=6)
    send(shop, due(shop), batch="B1")
    with shop.open() as uow:
        assert {
            batch: [row.external_id for row in rows]
            for batch, rows in uow.stock.batches(shop.shop.id).items()
        } == {"B1": ["X1", "X2"]}
        uow.stock.unsend(shop.shop.id, ["X1"])
        assert [row.external_id for row in uow.stock.batches(shop.shop.id)["B1"]] == ["X2"]
    assert [row.external_id for row in due(shop)] == ["X1"]


def test_a_value_whose_sender_died_is_sent_again_after_a_while(shop, superuser):
    want(shop, X1=5, X2=6)
    rows = due(shop)
    send(shop, rows[:1])
    send(shop, rows[1:], batch="B1")
    assert due(shop) == []
    with superuser() as db:
        db.execute(sa.text("update stock_push set sent_at = sent_at - interval '121 seconds'"))
    assert [row.external_id for row in due(shop)] == ["X1"], "what is in a batch is followed instead"


class Channel:
    """What a channel shows; answers may come late and in any order."""

    def __init__(self):
        self.shown, self.answers = {}, []

    def take(self, row):
        self.shown[row.external_id] = row.desired
        self.answers.append((row.external_id, row.version))


@settings(max_examples=40)
@given(st.data())
def test_the_last_wish_is_shown_in_the_end_and_versions_only_rise(new_desk, make, data):
    """Wishes, pushes, lost batches and late answers in any order."""
    desk, channel, wished, before = new_desk(), Channel(), {}, {}
    with desk.open() as uow:
        uow.stock.see_products(desk.shop.id, [make.product("X1"), make.product("X2")])
    for _ in range(data.draw(st.integers(1, 12))):
        deed = data.draw(st.sampled_from(["want", "send", "lose", "answer", "answer"]))
        if deed == "want":
            wish = data.draw(st.dictionaries(st.sampled_from(["X1", "X2"]), st.integers(0, 3), min_size=1))
            wished |= wish
            want(desk, **wish)
        elif deed in ("send", "lose"):
            rows = due(desk)
            send(desk, rows)
            if deed == "lose":
                with desk.open() as uow:
                    uow.stock.unsend(desk.shop.id, [row.external_id for row in rows])
            else:
                for row in rows:
                    channel.take(row)
        elif channel.answers:
            index = data.draw(st.integers(0, len(channel.answers) - 1))
            confirm(desk, *channel.answers.pop(index))
        for external_id in wished:
            desired, version, sent, pushed = state(desk, external_id)
            assert desired == wished[external_id]
            assert pushed <= version
            assert sent <= version
            assert (version, pushed) >= before.get(external_id, (0, 0))
            assert pushed >= before.get(external_id, (0, 0))[1]
            before[external_id] = (version, pushed)
    for row in due(desk):
        send(desk, [row])
        channel.take(row)
    for answer in channel.answers:
        confirm(desk, *answer)
    assert channel.shown == wished
    assert due(desk) == []


def test_an_older_count_never_replaces_a_newer_one(desk, make):
    with desk.open() as uow:
        uow.stock.set_levels(desk.shop.id, [make.level("A", "5", minutes=10), make.level("B", "1.5")])
        uow.stock.set_levels(
            desk.shop.id, [make.level("A", "9", minutes=5), make.level("B", "2.5", minutes=1)]
        )
        uow.stock.set_levels(desk.shop.id, [])
        assert uow.stock.on_hand(desk.shop.id, []) == {"A": Decimal(5), "B": Decimal("2.5")}


def test_warehouses_are_summed_or_chosen(desk, make):
    levels = [make.level("A", "5", warehouse="0"), make.level("A", "7", warehouse="1"), make.level("B", "1")]
    with desk.open() as uow:
        uow.stock.set_levels(desk.shop.id, levels)
        assert uow.stock.on_hand(desk.shop.id, []) == {"A": 12, "B": 1}
        assert uow.stock.on_hand(desk.shop.id, ["1"]) == {"A": 7}


def test_open_orders_reserve_their_live_lines(desk, make):
    cancelled = make.order().lines[0].model_copy(update={"id": "2", "cancelled": True})
    plain = make.order().lines[0]
    desk.take(
        make.record("P1", lines=(plain, cancelled)),
        make.record("P2"),
        make.record("P3"),
        make.record("P4", status=OrderStatus.CANCELLED),
        make.unreadable("P5"),
        make.record("P6", lines=(plain.model_copy(update={"sku": ""}),)),
    )
    with desk.open() as uow:
        (booked,) = uow.orders.find("P3")
        uow.orders.set_state(booked.id, OrderState.DONE)
        assert uow.stock.reserved() == {"STK-1": Decimal(4)}


def test_products_of_a_channel(desk, make):
    with desk.open() as uow:
        seen = uow.stock.see_products(desk.shop.id, [make.product("X1"), make.unreadable("X2")])
        assert seen == 1
        uow.stock.see_products(desk.shop.id, [make.product("X1", sku="NEW", barcode="870")])
        assert uow.stock.products(desk.shop.id) == [("X1", "NEW", "870", None)]
