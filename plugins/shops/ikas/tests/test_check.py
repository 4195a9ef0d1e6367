"""The connection check."""

from collections.abc import Callable

import pytest

from kopru.sdk import CheckItem, Ctx
from kopru_ikas import plugin
from kopru_ikas.config import IkasConfig
from kopru_ikas.simulator import IkasSimulator

MakeCtx = Callable[..., Ctx[IkasConfig]]


def items(ctx: Ctx[IkasConfig]) -> dict[str, CheckItem]:
    return {item.name: item for item in plugin.check_connection(ctx).items}


def test_everything_works(sim: IkasSimulator, make_ctx: MakeCtx) -> None:
    found = items(make_ctx(sim, login=False))
    assert list(found) == ["login", "shop", "orders", "products", "stock", "taxes"]
    assert all(item.ok for item in found.values())


def test_a_refused_login_ends_the_check(sim: IkasSimulator, make_ctx: MakeCtx) -> None:
    found = items(make_ctx(sim, login=False, client_secret="yanlis"))
    assert list(found) == ["login"] and not found["login"].ok and found["login"].fix is not None


def test_an_unknown_field_is_told_with_its_fix(sim: IkasSimulator, make_ctx: MakeCtx) -> None:
    sim.unknown_fields = frozenset({"giftCardLines"})
    item = items(make_ctx(sim))["orders"]
    assert not item.ok and item.fix is not None and "giftCardLines" in item.fix.tr


def test_orders_out_of_order_are_told(sim: IkasSimulator, make_ctx: MakeCtx) -> None:
    assert items(make_ctx(sim))["orders"].message.en == "Orders were read."
    sim.sorts = {}
    item = items(make_ctx(sim))["orders"]
    assert item.ok and "order of change" in item.message.en


def test_locations_must_be_clear(sim: IkasSimulator, make_ctx: MakeCtx) -> None:
    sim.locations.append({"id": "depo-2", "name": "Şube", "type": "PHYSICAL"})
    item = items(make_ctx(sim))["stock"]
    assert not item.ok and item.fix is not None and "depo-2" in item.fix.en
    assert items(make_ctx(sim, stock_location_id="depo-2"))["stock"].ok


@pytest.mark.parametrize(
    ("shop", "setting", "ok"), [(True, False, False), (True, True, True), (False, True, False)]
)
def test_vat_in_prices_is_compared(
    sim: IkasSimulator, make_ctx: MakeCtx, shop: bool, setting: bool, ok: bool
) -> None:
    sim.tax_excluded = shop
    item = items(make_ctx(sim, prices_exclude_vat=setting))["taxes"]
    assert item.ok is ok and (ok or item.fix is not None)


def test_missing_permissions_are_told_one_by_one(sim: IkasSimulator, make_ctx: MakeCtx) -> None:
    sim.scopes = frozenset({"read_orders"})
    found = items(make_ctx(sim))
    assert [name for name, item in found.items() if not item.ok] == ["products", "stock"]
