"""What happens at the remotes: it follows from the seed, and a split loses no unit."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kopru.testing.chaos.traffic import _halves, plan_traffic, world_of


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(0, 300))
def test_the_same_seed_gives_the_same_traffic(seed, tenants, orders):
    moves = plan_traffic(seed, 60, tenants, orders)
    assert moves == plan_traffic(seed, 60, tenants, orders)
    placed = [move for move in moves if move.what == "order"]
    assert len(placed) == len({(move.tenant, move.n) for move in placed}) == orders
    assert all(0 <= move.at <= 60 for move in moves)


def test_some_orders_are_cancelled_split_and_changed_after_they_came_in():
    moves = plan_traffic(1, 600, 3, 3000)
    counts = Counter(move.what for move in moves)
    assert counts["cancel"] > 50
    assert counts["split"] > 30
    assert counts["address"] > 30
    placed = {(move.tenant, move.n): move.at for move in moves if move.what == "order"}
    changes = [move for move in moves if move.what in ("cancel", "split", "address")]
    assert all(move.at > placed[move.tenant, move.n] for move in changes)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_a_split_keeps_every_unit(quantities):
    lines = [{"lineId": n, "quantity": quantity} for n, quantity in enumerate(quantities)]
    groups = _halves({"lines": lines})
    assert bool(groups) == (sum(quantities) > 1)
    if groups:
        total = Counter()
        for group in groups:
            assert group
            total.update(dict(group))
        assert total == {line["lineId"]: line["quantity"] for line in lines}


def test_no_company_sells_more_than_a_marketplace_lets_it_show():
    assert all(item.stock <= 20_000 for item in world_of(1).items)
