"""Labels of packed orders."""

from collections.abc import Callable
from typing import Any

import pytest

from kopru.model import ExternalRef, Order
from kopru.sdk import Ctx, LabelFormat, Rejected, TransientError, Window
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World
from kopru_hepsiburada import plugin
from kopru_hepsiburada.simulator import HepsiburadaSimulator

Context = Ctx[Any]


@pytest.fixture
def order(sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World) -> Order:
    """An order of several lines, each in a package of its own."""
    chosen = next(order for order in world.orders if len(order.lines) > 1)
    for line in list(sim.writes.orders[chosen.number]):
        sim.writes.pack([line])
    found = plugin.fetch_order(ctx, _ref(chosen.number)).value
    assert found is not None
    return found


def _ref(number: str) -> ExternalRef:
    return ExternalRef(kind="order", id=number)


def test_the_labels_of_all_packages_are_one(sim: HepsiburadaSimulator, ctx: Context, order: Order) -> None:
    label = plugin.fetch_label(ctx, order)
    assert label.format is LabelFormat.ZPL
    assert label.content.count(b"^XA") == len(order.lines)


def test_a_pdf_is_one_file(
    sim: HepsiburadaSimulator, make_ctx: Callable[..., Context], order: Order, world: World
) -> None:
    ctx = make_ctx(sim, label_kind="pdf")
    with pytest.raises(Rejected) as caught:
        plugin.fetch_label(ctx, order)
    assert caught.value.code == "hepsiburada.label.several"
    single = next(each for each in world.orders if len(each.lines) == 1)
    sim.change_order(single.id)
    one = order.model_copy(update={"ref": _ref(single.number)})
    label = plugin.fetch_label(ctx, one)
    assert label.format is LabelFormat.PDF and label.content.startswith(b"%PDF")
    sim.faults.add(Fault(FaultKind.REPLACED, path="/labels$", body='{"data":["^XA^XZ"]}'))
    with pytest.raises(Rejected) as caught:
        plugin.fetch_label(ctx, one)
    assert caught.value.code == "hepsiburada.label.form"


def test_other_carriers_make_their_own(sim: HepsiburadaSimulator, ctx: Context, order: Order) -> None:
    for line in sim.writes.of_order(order.number):
        line["cargoCompany"] = "Başka Kargo"
    with pytest.raises(Rejected) as caught:
        plugin.fetch_label(ctx, order)
    assert caught.value.code == "hepsiburada.label.carrier"


def test_an_open_order_has_none(ctx: Context, order: Order, world: World) -> None:
    waiting = next(each for each in world.orders if each.number != order.number)
    with pytest.raises(Rejected) as caught:
        plugin.fetch_label(ctx, order.model_copy(update={"ref": _ref(waiting.number)}))
    assert caught.value.code == "hepsiburada.label.not_packed"


def test_a_label_may_come_later(sim: HepsiburadaSimulator, ctx: Context, order: Order) -> None:
    sim.faults.add(Fault(FaultKind.REPLACED, path="/labels$", body='{"format":"zpl","data":[]}'))
    with pytest.raises(TransientError):
        plugin.fetch_label(ctx, order)
