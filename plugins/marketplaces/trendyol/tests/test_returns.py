"""Claims to returns, and reading them. Payloads are made up from the documented shape."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kopru.model import ExternalRef, Return, ReturnStatus
from kopru.sdk import Ctx, CursorExpired, Raw, Record, Rejected, Window
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.world import World
from kopru_trendyol import plugin
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.mapping.returns import claim_record
from kopru_trendyol.simulator import TrendyolSimulator

Contexts = Callable[..., Ctx[TrendyolConfig]]


@pytest.fixture
def claim() -> dict[str, Any]:
    """One line of three units in different states."""
    units = [
        {"id": f"unit-{n}", "orderLineItemId": 900 + n, "claimItemStatus": {"name": status}, "note": ""}
        for n, status in enumerate(("Accepted", "WaitingInAction", "Rejected"))
    ]
    units[0] |= {
        "customerClaimItemReason": {"name": "Beden  küçük"},
        "customerNote": "dar",
        "autoAccepted": True,
    }
    return {
        "id": "5f0c1c3e-0000-4000-8000-000000000001",
        "orderNumber": "10811000222",
        "orderDate": 1772443800000,
        "claimDate": 1772500000000,
        "lastModifiedDate": 1772600000000,
        "cargoTrackingNumber": 7330001112223334,
        "orderShipmentPackageId": 3411000777,
        "rejectedpackageinfo": {"packageid": 12, "items": ["unit-2"]},
        "items": [
            {
                "orderLine": {"id": 4791000001, "merchantSku": "DFT-A5", "vatBaseAmount": 20},
                "claimItems": units,
            }
        ],
    }


def parse(data: Any) -> Record[Return]:
    return claim_record(data, Raw(json.dumps(data).encode()), 0)


def return_of(data: Any) -> Return:
    record = parse(data)
    assert record.value is not None, record.findings
    return record.value


def test_units_become_lines_joined_by_the_order_line(claim: dict[str, Any]) -> None:
    document = return_of(claim)
    assert document.ref == ExternalRef(kind="claim", id=claim["id"])
    assert document.order_ref == ExternalRef(kind="package", id="3411000777")
    assert {line.order_line_id for line in document.lines} == {"4791000001"}
    assert [(line.id, line.status, line.quantity) for line in document.lines] == [
        ("unit-0", ReturnStatus.ACCEPTED, 1),
        ("unit-1", ReturnStatus.DECIDING, 1),
        ("unit-2", ReturnStatus.REJECTED, 1),
    ]
    assert (document.lines[0].reason, document.lines[0].note) == ("Beden küçük", "dar")
    own = document.extras["trendyol"]
    assert own["units"]["unit-0"] == {"autoAccepted": True}
    assert Return.model_validate_json(document.model_dump_json()) == document


def test_keys_that_vary_in_case_are_both_read(claim: dict[str, Any]) -> None:
    first = return_of(claim).extras["trendyol"]["rejectedpackageinfo"]
    claim["rejectedPackageInfo"] = claim.pop("rejectedpackageinfo")
    assert return_of(claim).extras["trendyol"]["rejectedpackageinfo"] == first


def test_the_identity_under_both_names(claim: dict[str, Any]) -> None:
    claim["claimId"] = claim.pop("id")
    assert return_of(claim).ref.id == claim["claimId"]


def test_the_older_shape_has_its_units_directly_in_items(claim: dict[str, Any]) -> None:
    (item,) = claim["items"]
    claim["items"] = [{**unit, "orderLine": item["orderLine"]} for unit in item["claimItems"]]
    assert [line.order_line_id for line in return_of(claim).lines] == ["4791000001"] * 3


def test_a_unit_without_order_line_is_not_joined_by_guess(claim: dict[str, Any]) -> None:
    claim["items"] = claim["items"][0]["claimItems"]
    record = parse(claim)
    assert record.value is None
    assert {each.code for each in record.findings} == {"trendyol.claim.order_line_missing"}


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("Created", ReturnStatus.REQUESTED),
        ("WaitingInAction", ReturnStatus.DECIDING),
        ("WaitingFraudCheck", ReturnStatus.DECIDING),
        ("InAnalysis", ReturnStatus.DECIDING),
        ("Unresolved", ReturnStatus.DECIDING),
        ("Accepted", ReturnStatus.ACCEPTED),
        ("Rejected", ReturnStatus.REJECTED),
        ("Cancelled", ReturnStatus.CANCELLED),
        ("Vanished", ReturnStatus.UNKNOWN),
    ],
)
def test_statuses(claim: dict[str, Any], raw: str, status: ReturnStatus) -> None:
    claim["items"][0]["claimItems"] = [{"id": "u", "claimItemStatus": {"name": raw}}]
    record = parse(claim)
    assert record.value is not None
    assert [(line.status, line.raw_status) for line in record.value.lines] == [(status, raw)]
    unknown = status is ReturnStatus.UNKNOWN
    assert [each.code for each in record.findings] == ["trendyol.claim.unknown_status"] * unknown


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": 5.5, "claimId": ""},
        {"orderNumber": ""},
        {"items": []},
        {"items": "x"},
        {"items": [7]},
        {"items": [{"claimItems": "x", "orderLine": {"id": 1}}]},
        {"items": [{"claimItems": [{"id": "u"}], "orderLine": {"id": "x"}}]},
        {"claimDate": None, "lastModifiedDate": None},
        {"claimDate": "soon"},
        {"orderNumber": "a\x00"},
    ],
)
def test_hostile_claims_are_findings(claim: dict[str, Any], change: dict[str, Any]) -> None:
    record = parse(claim | change)
    assert record.value is None
    assert any(each.blocks for each in record.findings)


@pytest.mark.parametrize("row", [None, "x", 5, []])
def test_a_row_that_is_no_object(row: Any) -> None:
    assert [each.code for each in parse(row).findings] == ["trendyol.claim.not_an_object"]


def read(ctx: Ctx[TrendyolConfig], window: Window, limit: int = 200) -> list[Record[Return]]:
    cursor, records, used = None, [], set[str]()
    while True:
        page = plugin.fetch_returns(ctx, cursor, window, limit)
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records
        assert cursor not in used
        used.add(cursor)


@pytest.mark.parametrize("by_status", [False, True], ids=["in one list", "status by status"])
@pytest.mark.parametrize("limit", [1, 3, 200])
def test_every_claim_arrives(
    sim: TrendyolSimulator,
    ctx: Ctx[TrendyolConfig],
    window: Window,
    world: World,
    limit: int,
    by_status: bool,
) -> None:
    made = {}
    for n, order in enumerate(world.orders[:7]):
        line = order.lines[0]
        made[sim.open_claim(order.id, line.id, line.quantity)] = (order, line)
        if n % 2:
            sim.decide_claim(list(made)[-1], "Accepted")
    sim.claims_need_status = by_status
    records = read(ctx, window, limit)
    assert {record.external_id for record in records} == set(made)
    for record in records:
        order, line = made[record.external_id]
        assert record.value is not None
        assert record.value.order_number == order.number
        assert record.value.order_ref == ExternalRef(kind="package", id=str(order.id))
        assert [each.order_line_id for each in record.value.lines] == [str(line.id)] * line.quantity


def test_no_claims_at_all_is_an_empty_page(
    sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window
) -> None:
    assert read(ctx, window) == []
    sim.claims_need_status = True
    assert read(ctx, window) == []


def test_a_change_of_an_older_claim_is_seen(sim: TrendyolSimulator, make_ctx: Contexts, world: World) -> None:
    order = world.orders[0]
    claim_id = sim.open_claim(order.id, order.lines[0].id)
    sim.clock.advance(20 * 86_400)
    sim.decide_claim(claim_id, "Accepted")
    now = datetime.fromtimestamp(sim.clock.now(), UTC)
    window = Window(now - timedelta(hours=1), now)
    (record,) = read(make_ctx(sim), window)
    assert record.value is not None
    assert record.value.lines[0].status is ReturnStatus.ACCEPTED
    assert record.value.modified_at > record.value.created_at
    assert read(make_ctx(sim, claim_lookback_days=19), window) == []


def test_another_404_is_an_error(sim: TrendyolSimulator, ctx: Ctx[TrendyolConfig], window: Window) -> None:
    sim.faults.add(Fault(FaultKind.STATUS, path="claims", status=404, times=1))
    with pytest.raises(Rejected) as refusal:
        read(ctx, window)
    assert refusal.value.code == "trendyol.not_found"


@pytest.mark.parametrize("cursor", ["x", "e30", "eyJwYWdlIjowLCJzaXplIjo5OTksInN0ZXAiOjB9"])
def test_a_foreign_cursor_expires(ctx: Ctx[TrendyolConfig], window: Window, cursor: str) -> None:
    with pytest.raises(CursorExpired):
        plugin.fetch_returns(ctx, cursor, window, 10)
