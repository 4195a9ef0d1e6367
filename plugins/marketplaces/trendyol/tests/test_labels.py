"""The common label: made once, the same each time, and refused where Trendyol makes none."""

from collections.abc import Callable
from typing import Any

import pytest

from kopru.model import ExternalRef, Order
from kopru.sdk import Ctx, LabelFormat, Rejected, TransientError
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World
from kopru_trendyol import plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.simulator import TrendyolSimulator

Contexts = Callable[..., Ctx[TrendyolConfig]]


@pytest.fixture
def read(sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], world: World) -> Callable[..., Order]:
    """The first order as read after some changes."""

    def run(status: str = "Picking", **fields: Any) -> Order:
        package = world.orders[0].id
        sim.change_order(package, **fields)
        sim.set_status(package, status)
        order = plugin.fetch_order(ctx, ExternalRef(kind="package", id=str(package))).value
        assert order is not None
        return order

    return run


def test_the_label_is_made_once_and_stays_the_same(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], read: Callable[..., Order]
) -> None:
    order = read()
    first, second = plugin.fetch_label(ctx, order), plugin.fetch_label(ctx, order)
    assert first == second
    assert first.format is LabelFormat.ZPL
    assert first.content.startswith(b"^XA")
    assert order.shipping.tracking_number.encode() in first.content
    assert len(sim.truth.of("label.made")) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"whoPays": 1}, "trendyol.label.own_contract"),
        ({"cargoTrackingNumber": 7250001112223334}, "trendyol.label.carrier"),
        ({"cargoTrackingNumber": None}, "trendyol.label.tracking_missing"),
    ],
)
def test_where_trendyol_makes_no_label(
    sim: TrendyolSimulator,
    ctx: Ctx[TrendyolConfig],
    read: Callable[..., Order],
    fields: dict[str, Any],
    code: str,
) -> None:
    with pytest.raises(Rejected) as refusal:
        plugin.fetch_label(ctx, read(**fields))
    assert refusal.value.code == code
    assert not sim.truth.of("label.made")


def test_aras_has_labels_too(ctx: Ctx[TrendyolConfig], read: Callable[..., Order]) -> None:
    assert b"7260001112223334" in plugin.fetch_label(ctx, read(cargoTrackingNumber=7260001112223334)).content


def test_a_package_that_is_not_prepared_has_none(
    ctx: Ctx[TrendyolConfig], read: Callable[..., Order]
) -> None:
    with pytest.raises(Rejected) as refusal:
        plugin.fetch_label(ctx, read("Created"))
    assert "hazırlanıyor" in refusal.value.message.tr


def test_a_lost_answer_is_asked_again(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], read: Callable[..., Order]
) -> None:
    order = read()
    sim.faults.add(Fault(FaultKind.DROP_AFTER, method="POST", path="common-label", times=1))
    with pytest.raises(TransientError) as fault:
        plugin.fetch_label(ctx, order)
    assert fault.value.code == "trendyol.label.not_ready"
    assert plugin.fetch_label(ctx, order).content
    assert len(sim.truth.of("label.made")) == 1


def test_a_label_that_is_not_there_yet_is_asked_again(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], read: Callable[..., Order]
) -> None:
    order = read()
    sim.writes.make_label = lambda *_: None
    with pytest.raises(TransientError):
        plugin.fetch_label(ctx, order)


def test_a_dry_run_makes_no_label(
    sim: TrendyolSimulator, make_ctx: Contexts, read: Callable[..., Order]
) -> None:
    order = read()
    with pytest.raises(Exception, match="dry run"):
        plugin.fetch_label(make_ctx(sim, dry_run=True), order)
    assert not sim.truth.of("label.made")
