"""The connection check tells in plain words what is wrong and what to do."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kopru.sdk import CheckItem, Ctx
from kopru.testing.faults import Fault, FaultKind
from kopru_trendyol import plugin
from kopru_trendyol.check import check_connection
from kopru_trendyol.config import Environment, TrendyolConfig
from kopru_trendyol.simulator import TrendyolSimulator

Contexts = Callable[..., Ctx[TrendyolConfig]]


def failures(ctx: Ctx[TrendyolConfig]) -> dict[str, CheckItem]:
    result = plugin.check_connection(ctx)
    bad = {item.name: item for item in result.items if not item.ok}
    assert result.ok is not bad
    assert all(item.fix and item.fix.tr and item.fix.en for item in bad.values())
    return bad


def test_a_working_connection(sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig]) -> None:
    facts = len(list(sim.truth))
    result = plugin.check_connection(ctx)
    assert result.ok
    assert [item.name for item in result.items] == ["orders", "products", "claims", "order_date"]
    assert len(list(sim.truth)) == facts


def test_a_wrong_key_is_told_and_the_rest_not_tried(sim: TrendyolSimulator, make_ctx: Contexts) -> None:
    ctx = make_ctx(sim, api_secret="wrong")
    assert [item.name for item in plugin.check_connection(ctx).items] == ["orders"]
    item = failures(ctx)["orders"]
    assert item.fix is not None
    assert "Entegrasyon Bilgileri" in item.fix.tr


def test_a_foreign_seller_id_is_told(sim: TrendyolSimulator, make_ctx: Contexts) -> None:
    assert "orders" in failures(make_ctx(sim, seller_id="654321"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(FaultKind.STATUS, status=403), "403"),
        (Fault(FaultKind.STATUS, status=426), "426"),
        (Fault(FaultKind.STATUS, status=429), "limit"),
        (Fault(FaultKind.STATUS, status=500), "internet"),
        (Fault(FaultKind.DROP_BEFORE), "internet"),
        (Fault(FaultKind.MALFORMED), "internet"),
        (Fault(FaultKind.STATUS, status=400), "settings"),
    ],
)
def test_faults_become_items_with_a_fix(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], fault: Fault, words: str
) -> None:
    sim.faults.add(fault)
    item = failures(ctx)["orders"]
    assert item.fix is not None
    assert words in item.fix.en


def test_the_stage_system_s_address_list_is_told(sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig]) -> None:
    sim.ip_listed = False
    stage: Any = ctx.config.model_copy(update={"environment": Environment.STAGE})
    elsewhere = failures(ctx)["orders"].fix
    assert elsewhere is not None
    assert "IP" not in elsewhere.tr
    staged = replace(ctx, config=stage)
    (item,) = check_connection(staged).items
    assert item.fix is not None
    assert "IP" in item.fix.tr


def test_missing_rights_on_products_alone(sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig]) -> None:
    sim.faults.add(Fault(FaultKind.STATUS, path="products", status=403))
    assert set(failures(ctx)) == {"products"}


def test_a_stage_without_claims_is_fine(sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig]) -> None:
    sim.claims_need_status = True
    assert plugin.check_connection(ctx).ok


def test_a_wrong_order_date_offset_is_found(sim: TrendyolSimulator, make_ctx: Contexts) -> None:
    assert set(failures(make_ctx(sim, order_date_offset_hours=0))) == {"order_date"}


def test_without_orders_the_offset_stays_open(make_ctx: Contexts) -> None:
    with TrendyolSimulator() as empty:
        items = {item.name: item for item in plugin.check_connection(make_ctx(empty)).items}
    assert items["order_date"].ok
    assert "14" in items["order_date"].message.tr


def test_an_unreachable_server(sim: TrendyolSimulator, make_ctx: Contexts) -> None:
    item = failures(make_ctx(sim, base_url="http://127.0.0.1:9"))["orders"]
    assert item.fix is not None
    assert "internet" in item.fix.en


def test_the_clock_of_the_check_is_the_engine_s(sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig]) -> None:
    sim.clock.advance(timedelta(days=20).total_seconds())
    items = {item.name: item for item in plugin.check_connection(ctx).items}
    assert "14" in items["order_date"].message.tr


def test_the_window_asked_for_is_never_longer_than_allowed(
    sim: TrendyolSimulator, make_ctx: Contexts
) -> None:
    ctx = make_ctx(sim)
    start = ctx.now()
    ticks = (start + timedelta(seconds=n) for n in itertools.count())
    ticking = replace(ctx, now=lambda: next(ticks))
    assert check_connection(ticking).ok
