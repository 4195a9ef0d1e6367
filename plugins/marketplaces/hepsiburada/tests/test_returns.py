"""Claims: which order and line they are about, how they end, in which shape they come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kopru.model import Return, ReturnStatus
from kopru.sdk import Ctx, CursorExpired, Record, Window
from kopru.testing.world import World
from kopru_hepsiburada import plugin
from kopru_hepsiburada.simulator import HepsiburadaSimulator

Context = Ctx[Any]


def read(ctx: Context, window: Window, limit: int = 50) -> list[Record[Return]]:
    found: list[Record[Return]] = []
    cursor = None
    while True:
        page = plugin.fetch_returns(ctx, cursor, window, limit)
        found += page.records
        cursor = page.next_cursor
        if cursor is None:
            return found


def one(ctx: Context, window: Window) -> Return:
    (record,) = read(ctx, window)
    assert record.value is not None, record.findings
    return record.value


def test_a_claim_names_its_order_and_line(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    order = world.orders[0]
    sim.add_return(order)
    found = one(ctx, window)
    (line,) = found.lines
    assert (found.ref.kind, found.ref.id, found.order_number) == ("claim", "C1000", order.number)
    assert line.order_line_id == sim.writes.orders[order.number][0]
    assert (line.status, line.reason, line.note) == (ReturnStatus.REQUESTED, "Vazgeçtim", "Beden olmadı")
    assert found.tracking_number == "771000"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("AwaitingAction", ReturnStatus.DECIDING),
        ("AwaitingPreApproval", ReturnStatus.DECIDING),
        ("InDispute", ReturnStatus.DECIDING),
        ("Accepted", ReturnStatus.ACCEPTED),
        ("REFUNDED", ReturnStatus.ACCEPTED),
        ("Rejected", ReturnStatus.REJECTED),
        ("Cancelled", ReturnStatus.CANCELLED),
        ("Yepyeni", ReturnStatus.UNKNOWN),
    ],
)
def test_states(
    sim: HepsiburadaSimulator,
    ctx: Context,
    window: Window,
    world: World,
    status: str,
    expected: ReturnStatus,
) -> None:
    sim.add_return(world.orders[0], status=status)
    assert one(ctx, window).lines[0].status is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"claimType": "RenewProduct"}, ReturnStatus.CANCELLED),
        ({"finalizedWith": "Change"}, ReturnStatus.CANCELLED),
        ({"claimType": "RenewProduct", "finalizedWith": "Refund"}, ReturnStatus.ACCEPTED),
    ],
)
def test_an_exchange_gives_no_money_back(
    sim: HepsiburadaSimulator,
    ctx: Context,
    window: Window,
    world: World,
    fields: dict[str, str],
    expected: ReturnStatus,
) -> None:
    claim = sim.add_return(world.orders[0], status="Accepted")
    claim |= fields
    assert one(ctx, window).lines[0].status is expected


def test_a_claim_without_a_line_is_joined_by_its_article(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    sim.line_on_claims = False
    order = next(order for order in world.orders if len(order.lines) > 1)
    claim = sim.add_return(order)
    assert one(ctx, window).lines[0].order_line_id == sim.writes.orders[order.number][0]
    claim |= {"sku": "BASKA", "MerchantSku": "BASKA"}
    (record,) = read(ctx, window)
    assert record.value is None
    assert [finding.code for finding in record.findings] == ["hepsiburada.claim.line_unknown"]


@pytest.mark.parametrize("field", ["", "items", "data", "data.claims"])
def test_claims_come_in_several_envelopes(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World, field: str
) -> None:
    sim.claims_wrapped = field
    for order in world.orders[:7]:
        sim.add_return(order)
    assert len({record.external_id for record in read(ctx, window, 2)}) == 7


def test_claims_may_be_read_by_their_opening(
    sim: HepsiburadaSimulator, make_ctx: Callable[..., Context], world: World
) -> None:
    sim.add_return(world.orders[0])
    sim.clock.advance(10 * 86_400)
    now = datetime.fromtimestamp(sim.clock.now(), UTC)
    window = Window(now - timedelta(hours=1), now)
    assert not read(make_ctx(sim), window)
    assert read(make_ctx(sim, claims_by_status_date=False), window)
    assert not read(make_ctx(sim, claims_by_status_date=False, claim_lookback_days=5), window)


def test_faults_are_findings_of_their_own_claim(
    sim: HepsiburadaSimulator, ctx: Context, window: Window, world: World
) -> None:
    sim.add_return(world.orders[0])
    sim.add_return(world.orders[1])["quantity"] = "çok"
    good, bad = read(ctx, window)
    assert good.value is not None and bad.value is None and bad.external_id == "C1001"


def test_a_foreign_cursor_is_told(ctx: Context, window: Window) -> None:
    with pytest.raises(CursorExpired):
        plugin.fetch_returns(ctx, "x", window, 5)
