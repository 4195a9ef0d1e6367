"""A made-up remote: shop, ledger and e-invoice channel in one, speaking canonical JSON.

Records of a collection are listed by time and id. Writes come in every repeat mode: invoices take a key,
e-documents and cards refuse a repeat, ledger orders are stored as often as they are sent, stock and status
are set. Stock is set by batches that are worked off when they are asked about.
"""

import threading
import urllib.request
from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from kopru.hooks.manifest import Quota
from kopru.hooks.types import Operation
from kopru.testing import samples
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply, route
from kopru.testing.world import World, WorldItem, WorldOrder
from kopru.toolkit import dates

KEY = "bazaar-key-1f2e3d"
HOOK_SECRET = "bazaar-hook-9c8b7a"
Json = dict[str, Any]

_UNIQUE = {"documents": "id", "parties": "code", "cards": "code"}
"""Collections that refuse a second record with the same value."""
_WRITES = {
    Operation.SUBMIT_INVOICE: "documents",
    Operation.UPSERT_PARTY: "parties",
    Operation.UPSERT_PRODUCT: "cards",
    Operation.POST_ORDER: "ledger-orders",
    Operation.POST_INVOICE: "invoices",
}
_FACTS = {
    "documents": "invoice.submitted",
    "parties": "party.created",
    "cards": "item.created",
    "ledger-orders": "ledger_order.posted",
    "invoices": "invoice.posted",
}


@dataclass
class Shelf:
    """The records of one collection, by id and by (time, id)."""

    records: dict[str, Json] = field(default_factory=dict)
    order: list[tuple[int, str]] = field(default_factory=list)

    def put(self, identity: str, at: int, body: Json) -> Json:
        """Store a record."""
        record = {**body, "_id": identity, "_at": at}
        self.records[identity] = record
        insort(self.order, (at, identity))
        return record

    def page(self, since: int, until: int, after: tuple[int, str], size: int) -> list[Json]:
        """Return records of a window that lie behind a position."""
        keys = [key for key in self.order if since <= key[0] <= until and key > after]
        return [self.records[identity] for _, identity in keys[:size]]


class BazaarSimulator(Simulator):
    """One account at the bazaar."""

    name: ClassVar[str] = "bazaar"

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Iterable[Quota] = (),
        read_lag: float = 0.0,
        truth: Path | None = None,
        port: int = 0,
    ) -> None:
        """Start empty."""
        super().__init__(seed=seed, quotas=quotas, read_lag=read_lag, truth=truth, port=port)
        self.shelves: dict[str, Shelf] = {}
        self.by_key: dict[str, str] = {}
        """Record of each key that was taken along."""
        self.registered: dict[str, tuple[str, ...]] = {}
        self.values: dict[str, dict[str, Any]] = {"quantity": {}, "price": {}}
        self.done: list[Held] = []
        self.batches: dict[str, list[Json]] = {}
        self.subscriber = ""
        self._number = 0

    def config(self) -> dict[str, Any]:
        """Return the settings of a connection to this account."""
        return {"url": self.url, "key": KEY, "hook_secret": HOOK_SECRET}

    def load(self, world: World) -> None:
        """Take items, orders and registrations over."""
        with self.lock:
            for item in world.items:
                self._add_item(item)
            self.registered |= {buyer.tax_number: buyer.aliases for buyer in world.buyers if buyer.aliases}
            for order in world.orders:
                self.add_order(order)

    def held(self, operation: Operation) -> list[Held]:
        """Return what writes of one kind left behind."""
        with self.lock:
            if operation is Operation.UPDATE_ORDER_STATUS:
                return list(self.done)
            if operation is Operation.PUSH_STOCK:
                return [
                    Held(code, code, number=str(value)) for code, value in self.values["quantity"].items()
                ]
            if operation is Operation.PUSH_PRICES:
                return [Held(code, code, total=value) for code, value in self.values["price"].items()]
            shelf = self._shelf(_WRITES.get(operation, ""))
            return [_held(record) for record in shelf.records.values() if "reference" in record]

    # What happens without the connector

    def add_order(self, order: WorldOrder) -> None:
        """Let an order be placed."""
        with self.lock:
            canonical = samples.sample_order(order)
            self._put("orders", str(order.id), order.modified_at, canonical.model_dump(mode="json"))
            self.truth.note("order.committed", id=str(order.id), number=order.number, total=str(order.total))
        if self.subscriber:
            threading.Thread(target=self._tell, args=(str(order.id),), daemon=True).start()

    def change_order(self, order_id: int) -> None:
        """Let an order change."""
        with self.lock:
            shelf = self._shelf("orders")
            old = shelf.records[str(order_id)]
            shelf.order.remove((old["_at"], old["_id"]))
            shelf.put(old["_id"], dates.epoch_ms(datetime.now(UTC)), {**old, "note": "değişti"})

    def add_return(self, order: WorldOrder) -> None:
        """Let the buyer of an order send one piece of its first line back."""
        with self.lock:
            body = {
                "ref": {"kind": "return", "id": f"R{order.id}"},
                "revision": "1",
                "order_number": order.number,
                "created_at": order.placed_at.isoformat(),
                "modified_at": order.modified_at.isoformat(),
                "lines": [
                    {
                        "id": "1",
                        "order_line_id": str(order.lines[0].id),
                        "quantity": "1",
                        "status": "requested",
                    }
                ],
            }
            self._put("returns", f"R{order.id}", order.modified_at, body)

    def receive(self) -> None:
        """Let an invoice arrive in the inbox."""
        with self.lock:
            self._number += 1
            identity = str(samples.sample_id("incoming", self._number))
            day = datetime.now(UTC)
            body = {
                "id": identity,
                "number": samples.sample_number("GLN", dates.local_date(day), self._number),
                "kind": "SATIS",
                "profile": "TEMELFATURA",
                "issue_date": dates.local_date(day).isoformat(),
                "sender_tax_number": "9900000011",
                "sender_name": "Deneme Tedarik Ltd. Şti.",
                "currency": "TRY",
                "payable": "120.00",
                "received_at": day.isoformat(),
            }
            self._put("inbox", identity, day, {**body, "_xml": f"<Invoice><UUID>{identity}</UUID></Invoice>"})

    def subscribe(self, url: str) -> None:
        """Have new orders told to an address."""
        self.subscriber = url

    # The service

    def guard(self, request: SimRequest) -> SimResponse | None:
        """Ask for the key."""
        if request.headers.get("x-key") != KEY:
            return reply({"message": "who are you?"}, 401)
        return None

    @route("GET", "/account")
    def account(self, request: SimRequest) -> SimResponse:
        """Return the account."""
        return reply({"name": "Örnek Ticaret A.Ş."})

    @route("GET", "/recipients/(?P<number>\\w+)")
    def recipient(self, request: SimRequest, number: str) -> SimResponse:
        """Return a taxpayer's mailboxes."""
        return reply({"aliases": list(self.registered.get(number, ()))})

    @route("GET", "/batches/(?P<batch>[\\w-]+)")
    def batch(self, request: SimRequest, batch: str) -> SimResponse:
        """Work a batch off and tell how it went."""
        with self.lock:
            if batch not in self.batches:
                return self.not_found()
            known = self._shelf("items").records
            outcomes = [
                self._set(item, "quantity") if item["code"] in known else False
                for item in self.batches[batch]
            ]
            return reply({"outcomes": outcomes})

    @route("POST", "/batches")
    def new_batch(self, request: SimRequest) -> SimResponse:
        """Take a batch of stock values."""
        with self.lock:
            self._number += 1
            batch = f"B-{self._number}"
            self.batches[batch] = request.json()
            self.truth.note("batch.accepted", id=batch)
            return reply({"batch": batch})

    @route("PUT", "/prices")
    def prices(self, request: SimRequest) -> SimResponse:
        """Set prices at once."""
        with self.lock:
            known = self._shelf("items").records
            outcomes = [
                self._set(item, "price") if item["code"] in known else False for item in request.json()
            ]
            return reply({"outcomes": outcomes})

    @route("PUT", "/orders/(?P<identity>\\w+)/(?P<action>\\w+)")
    def set_status(self, request: SimRequest, identity: str, action: str) -> SimResponse:
        """Note what happened to an order; the same again changes nothing."""
        with self.lock:
            record = self._shelf("orders").records.get(identity)
            if record is None:
                return self.not_found()
            if record.get(f"_{action}") != request.json():
                record[f"_{action}"] = request.json()
                self.truth.note("status.updated", id=identity, action=action)
                self.done.append(Held(f"{identity}:{action}", identity))
            return reply({"done": [name[1:] for name in record if name in (f"_{action}",)]})

    @route("GET", "/documents/(?P<identity>[\\w-]+)/xml")
    def document(self, request: SimRequest, identity: str) -> SimResponse:
        """Return an e-document's XML."""
        record = self._shelf("documents").records.get(identity)
        return SimResponse(200, record["content"].encode()) if record else self.not_found()

    @route("DELETE", "/(?P<collection>invoices|ledger-orders|documents)/(?P<identity>[\\w-]+)")
    def cancelled(self, request: SimRequest, collection: str, identity: str) -> SimResponse:
        """Cancel a document; cancelling it again changes nothing."""
        with self.lock:
            record = self._shelf(collection).records.get(identity)
            if record is None:
                return self.not_found()
            if not record.get("cancelled"):
                record["cancelled"] = True
                self.truth.note("document.cancelled", id=identity)
            return reply(record)

    @route("GET", "/(?P<collection>[a-z-]+)/(?P<identity>[\\w-]+)")
    def record(self, request: SimRequest, collection: str, identity: str) -> SimResponse:
        """Return one record."""
        record = self._shelf(collection).records.get(identity)
        return reply(record) if record else self.not_found()

    @route("GET", "/(?P<collection>[a-z-]+)")
    def listing(self, request: SimRequest, collection: str) -> SimResponse:
        """Return records of a collection: those with a reference or code, or a page of all."""
        with self.lock:
            shelf = self._shelf(collection)
            for name in ("reference", "code"):
                if wanted := request.param(name):
                    return reply({"records": [r for r in shelf.records.values() if r.get(name) == wanted]})
            size = min(int(request.param("size", "50")), 50)
            if request.param("page"):
                start = int(request.param("page")) * size
                keys = shelf.order if request.param("oldest") else reversed(shelf.order)
                newest = [shelf.records[identity] for _, identity in keys]
                return reply({"records": newest[start : start + size], "total": len(newest)})
            since, until = int(request.param("since", "0")), int(request.param("until", str(1 << 60)))
            at, _, identity = request.param("after").partition(":")
            after = (int(at), identity) if at else (-1, "")
            return reply({"records": shelf.page(since, until, after, size)})

    @route("POST", "/(?P<collection>documents|parties|cards|ledger-orders|invoices)")
    def stored(self, request: SimRequest, collection: str) -> SimResponse:
        """Store a record: once per key, once per identity, or as often as it is sent."""
        with self.lock:
            body, key = request.json(), request.headers.get("idempotency-key", "")
            shelf = self._shelf(collection)
            if key and key in self.by_key:
                return reply(shelf.records[self.by_key[key]])
            unique = _UNIQUE.get(collection, "")
            if unique and any(each[unique] == body[unique] for each in shelf.records.values()):
                return reply({"message": "it is there already"}, 409)
            self._number += 1
            identity = body["id"] if collection == "documents" else f"{collection[0].upper()}{self._number}"
            record = self._put(collection, identity, datetime.now(UTC), body)
            if key:
                self.by_key[key] = identity
            self.truth.note(_FACTS[collection], id=identity, reference=body["reference"])
            return reply(record)

    def _add_item(self, item: WorldItem) -> None:
        product = samples.sample_product(item).model_dump(mode="json")
        at = datetime(2020, 1, 1, tzinfo=UTC)
        self._put("items", item.code, at, product)
        self._put("stock", item.code, at, {"code": item.code, "on_hand": str(item.stock)})

    def _put(self, collection: str, identity: str, at: datetime, body: Json) -> Json:
        shelf = self._shelf(collection)
        if identity in shelf.records:
            return shelf.records[identity]
        return shelf.put(identity, dates.epoch_ms(at), body)

    def _set(self, item: Mapping[str, Any], name: str) -> bool:
        value = Decimal(str(item[name])) if name == "price" else item[name]
        if self.values[name].get(item["code"]) != value:
            self.values[name][item["code"]] = value
            self.truth.note(f"{name}.set", reference=item["code"], value=str(value))
        return True

    def _shelf(self, collection: str) -> Shelf:
        return self.shelves.setdefault(collection, Shelf())

    def _tell(self, identity: str) -> None:
        headers = {"x-hook-secret": HOOK_SECRET, "content-type": "application/json"}
        body = f'{{"order": "{identity}", "event": "{identity}-1"}}'.encode()
        request = urllib.request.Request(self.subscriber, body, headers)
        urllib.request.urlopen(request, timeout=5).close()


def _held(record: Json) -> Held:
    return Held(
        reference=record["reference"],
        id=record["_id"],
        number=record.get("number", ""),
        total=Decimal(record["total"]) if "total" in record else None,
        live=not record.get("cancelled", False),
    )


simulator = BazaarSimulator
