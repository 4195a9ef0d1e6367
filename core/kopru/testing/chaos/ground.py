"""Ground truth of a run as evidence: what shops committed, what remotes hold, were asked and show."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kopru.hooks.types import Operation
from kopru.testing.chaos.remotes import Remotes
from kopru.testing.evidence import Action, Asked, Placed, Shown, Stored
from kopru.testing.truth import read_facts
from kopru.testing.world import WorldOrder

HELD = {
    "nilvera": (Operation.SUBMIT_INVOICE, Operation.CANCEL_DOCUMENT),
    "logo": (Operation.POST_INVOICE, Operation.UPSERT_PARTY),
    "trendyol": (Operation.UPDATE_ORDER_STATUS,),
}


@dataclass(frozen=True)
class Ground:
    """What the world outside the engine knows."""

    placed: tuple[Placed, ...]
    """Every package a shop committed."""
    whole: tuple[Placed, ...]
    """Every order as it was placed, under its number, whatever packages it was split into later."""
    numbers: Mapping[tuple[str, str], str]
    """The number of the order a package belongs to."""
    stored: tuple[Stored, ...]
    asked: Mapping[tuple[str, str], tuple["Heard", ...]]
    """The requests of each company's remotes, in the order of arrival."""
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """One request with what tells which quotas it counts towards."""

    asked: Asked
    method: str
    path: str
    injected: bool
    """Whether the answer was made up by the suite."""


def read_ground(
    folder: Path,
    remotes: Sequence[Remotes],
    orders: Mapping[tuple[str, str], WorldOrder],
    unreadable: Iterable[tuple[str, str]] = (),
) -> Ground:
    """Read the logs of a run's folder, and what the remotes hold at the end (kept in the folder as well)."""
    placed: list[Placed] = []
    stored: list[Stored] = []
    shown: list[Shown] = []
    numbers: dict[tuple[str, str], str] = {}
    asked: dict[tuple[str, str], tuple[Heard, ...]] = {}
    for each in remotes:
        packages = each.shop.shelf.live.values()
        placed += [_placed(each.tenant, package) for package in packages]
        numbers |= {(each.tenant, str(p["shipmentPackageId"])): str(p["orderNumber"]) for p in packages}
        for name, operations in HELD.items():
            stored += _held(each, name, operations)
            asked[each.tenant, name] = _heard(each.tenant, folder / f"{each.tenant}.{name}.requests.jsonl")
        shown += _shown(each.tenant, folder / f"{each.tenant}.trendyol.jsonl")
    placed += [Placed(tenant, identity) for tenant, identity in unreadable]
    whole = tuple(_whole(tenant, order) for (tenant, _), order in orders.items())
    ground = Ground(tuple(placed), whole, numbers, tuple(stored), asked, tuple(shown))
    _keep(folder / "ground.json", ground)
    return ground


def _placed(tenant: str, package: Mapping[str, Any]) -> Placed:
    return Placed(
        tenant,
        str(package["shipmentPackageId"]),
        total=Decimal(str(package["packageTotalPrice"])),
        quantities={str(line["lineId"]): Decimal(line["quantity"]) for line in package["lines"]},
    )


def _whole(tenant: str, order: WorldOrder) -> Placed:
    quantities = {str(line.id): Decimal(line.quantity) for line in order.lines}
    return Placed(tenant, order.number, order.total, quantities=quantities)


def _held(remotes: Remotes, name: str, operations: Iterable[Operation]) -> list[Stored]:
    simulator = remotes.each[name].simulator
    return [
        Stored.of(remotes.tenant, operation.value, held)
        for operation in operations
        for held in simulator.held(operation)
    ]


def _heard(tenant: str, path: Path) -> tuple[Heard, ...]:
    facts = sorted((fact.data for fact in read_facts(path)), key=lambda data: float(data["arrived"]))
    return tuple(
        Heard(
            Asked(
                data["arrived"],
                tenant,
                data["reference"],
                Action(data["action"]) if data["action"] else None,
                data["harmless"],
                data["status"],
            ),
            data["method"],
            data["path"],
            data["injected"],
        )
        for data in facts
    )


def _shown(tenant: str, path: Path) -> list[Shown]:
    return [
        Shown(tenant, "trendyol", fact.data["reference"], int(fact.data["quantity"]))
        for fact in read_facts(path)
        if fact.kind == "stock.set"
    ]


def _keep(path: Path, ground: Ground) -> None:
    content = {
        "placed": [[p.tenant, p.order, str(p.total)] for p in ground.placed],
        "stored": [
            [s.tenant, s.operation, s.reference, s.id, s.number, str(s.total), s.live] for s in ground.stored
        ],
    }
    path.write_text(json.dumps(content), "utf-8")
