"""What the simulated Trendyol holds, how it can be changed at run time, and whom it lets in."""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from kopru.sdk import Operation, Quota
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply
from kopru.testing.world import World, WorldOrder
from kopru_trendyol.simulation import make
from kopru_trendyol.simulation.claims import Claims
from kopru_trendyol.simulation.clock import Clock
from kopru_trendyol.simulation.make import Json
from kopru_trendyol.simulation.push import Push, Subscription
from kopru_trendyol.simulation.shelf import Shelf, encode
from kopru_trendyol.simulation.stock import Stock
from kopru_trendyol.simulation.writes import Refusal, Writes

API = "/integration"
DAY_MS = 86_400_000
_SELLER = re.compile(r"/sellers/(\d+)/")
_USER_AGENT = re.compile(r"^(\d+) - [A-Za-z0-9]{1,30}$")


class Account(Simulator):
    """One seller's account at Trendyol."""

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Iterable[Quota] = (),
        read_lag: float = 0.0,
        truth: Path | None = None,
        port: int = 0,
        seller_id: str = "123456",
        api_key: str = "sim-api-key",
        api_secret: str = "sim-api-secret",  # noqa: S107
    ) -> None:
        """Take the base's arguments and the seller's account."""
        super().__init__(seed=seed, quotas=quotas, read_lag=read_lag, truth=truth, port=port)
        self.seller_id = seller_id
        self.names = "new"
        """Field names of packages: ``new``, ``old`` or ``both``."""
        self.doubled = False
        """Whether each page of orders shows its first row twice."""
        self.ip_listed = True
        """Whether our address is on the stage system's list."""
        self.claims_need_status = False
        """Whether claims without a status filter are answered 404, as on the stage system."""
        self.webhook_key = "sim-webhook-key"
        self.clock = Clock()
        self.shelf = Shelf(lambda: self.read_lag, self._dressed)
        self.stock = Stock(self.clock, self.truth)
        self.claims = Claims(self.clock)
        self.push = Push(self.truth)
        self.writes = Writes(self.shelf, self.clock, self.truth, self._tell)
        self._account = (api_key, api_secret)
        self._login = "Basic " + b64encode(f"{api_key}:{api_secret}".encode()).decode()
        self.generation = 0
        """Rises when all cursors are forgotten."""

    def config(self) -> dict[str, Any]:
        """Return the settings of a connection to this simulator."""
        key, secret = self._account
        return {
            "seller_id": self.seller_id,
            "api_key": key,
            "api_secret": secret,
            "environment": "simulator",
            "base_url": self.url + API,
            "webhook_api_key": self.webhook_key,
        }

    def load(self, world: World) -> None:
        """Take over the world's items and orders: one package per order, with the order's and lines' ids.

        A world of another year moves the simulator's clock to its last order, so that windows and histories
        keep their meaning.
        """
        with self.lock:
            if world.orders:
                newest = max(order.modified_at.timestamp() for order in world.orders)
                if abs(newest - self.clock.now()) > DAY_MS / 1000:
                    self.clock.start_at(newest + 60)
            for item in world.items:
                self.stock.add(item)
            for order in world.orders:
                if order.id not in self.shelf.live:
                    self.add_order(order)

    def held(self, operation: Operation) -> list[Held]:
        """Return what writes left behind: status writes one by one, stock and prices by barcode."""
        with self.lock:
            if operation is Operation.UPDATE_ORDER_STATUS:
                return list(self.writes.done)
            if operation is Operation.PUSH_STOCK:
                found = ((code, batch, "stock") for code, batch in self.stock.set_by.items())
            elif operation is Operation.PUSH_PRICES:
                found = ((code, batch, "price") for code, batch in self.stock.priced_by.items())
            else:
                return []
            return [self._held_value(barcode, batch, kind) for barcode, batch, kind in found]

    def stop(self) -> None:
        """Stop answering and delivering."""
        self.push.stop()
        super().stop()

    # What happens without the connector

    def add_order(self, order: WorldOrder, *, status: str = "Created") -> int:
        """Let a buyer place an order; returns the package's id."""
        with self.lock:
            package = make.package(order, status=status, seller_id=self.seller_id)
            self.shelf.put(package)
            self.truth.note(
                "order.committed",
                id=str(order.id),
                number=order.number,
                total=str(package["packageTotalPrice"]),
                status=status,
                modified_ms=package["lastModifiedDate"],
            )
            self._tell(package)
            return order.id

    def add_row(self, row: Json) -> None:
        """Show a row as it is in front of every first page of orders, whatever is wrong with it."""
        with self.lock:
            self.shelf.put_odd(row)

    def change_order(self, package_id: int, **fields: Any) -> None:
        """Change fields of a package, such as the invoice address."""
        with self.lock:
            self.writes.change(package_id, **fields)

    def set_status(self, package_id: int, status: str) -> None:
        """Move a package on, as payment, carriers and buyers do."""
        with self.lock:
            self.writes.set_status(package_id, status)

    def cancel_order(self, package_id: int) -> None:
        """Let the buyer cancel a whole package."""
        with self.lock:
            self.writes.set_status(package_id, "Cancelled")

    def split_order(self, package_id: int, groups: Sequence[Sequence[tuple[int, int]]]) -> tuple[int, ...]:
        """Split a package by (line id, quantity); returns the new packages' ids."""
        with self.lock:
            return self.writes.split(package_id, groups, created_by="split")

    def add_return(self, order: WorldOrder) -> None:
        """Let a buyer send one piece of the first line back."""
        self.open_claim(order.id, order.lines[0].id)

    def open_claim(self, package_id: int, line_id: int, units: int = 1, reason: str = "Beden olmadı") -> str:
        """Let the buyer return units of a line; returns the claim's id."""
        with self.lock:
            claim = self.claims.open(self.shelf.live[package_id], line_id, units, reason)
            self.truth.note("claim.opened", id=claim["id"], number=claim["orderNumber"], units=units)
            return str(claim["id"])

    def decide_claim(self, claim_id: str, status: str) -> None:
        """Set the status of a claim's units, for example ``Accepted``."""
        with self.lock:
            self.claims.decide(claim_id, status)
            self.truth.note("claim.changed", id=claim_id, status=status)

    def subscribe(self, url: str) -> Subscription:
        """Have all changes told to an address, with this simulator's webhook key."""
        with self.lock:
            made = self.push.subscribe(
                {"url": url, "authenticationType": "API_KEY", "apiKey": self.webhook_key}
            )
            if isinstance(made, str):
                raise ValueError(made)
            return made

    def expire_cursors(self) -> None:
        """Forget every cursor handed out so far."""
        with self.lock:
            self.generation += 1

    def serve_names(self, names: str) -> None:
        """Write packages under their ``new`` names, their ``old`` ones, or ``both``."""
        with self.lock:
            self.names = names
            self.shelf.refresh()

    # How it answers

    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one request, after what was due has happened."""
        with self.lock:
            self.writes.settle()
            self.stock.settle()
            self.shelf.publish()
            try:
                return super().handle(request)
            except Refusal as refusal:
                return refuse(refusal.status, refusal.key, refusal.message)

    def guard(self, request: SimRequest) -> SimResponse | None:
        """Check the address list, the User-Agent and the key, in this order."""
        if not self.ip_listed:
            return SimResponse(
                503, b"<html><body>Service Unavailable</body></html>", {"content-type": "text/html"}
            )
        agent = _USER_AGENT.match(request.headers.get("user-agent", ""))
        if agent is None:
            return refuse(403, "user.agent.missing", "User-Agent zorunludur.", exception="Forbidden")
        seller = _SELLER.search(request.path)
        login = request.headers.get("authorization", "")
        known = hmac.compare_digest(login.encode(), self._login.encode())
        if not known or (seller and seller.group(1) != self.seller_id):
            name = "ClientApiAuthenticationException"
            return refuse(401, "client.authentication.failed", "Yetkisiz erişim.", exception=name)
        return None

    def too_many(self) -> SimResponse:
        """Return Trendyol's answer to too many calls; it names no time to wait."""
        return refuse(429, "too.many.requests", "Too many requests.")

    def not_found(self) -> SimResponse:
        """Return Trendyol's answer to an unknown path."""
        return refuse(404, "resource.not.found", "Kaynak bulunamadı.")

    def _dressed(self, package: Json) -> Json:
        if self.names == "new":
            return package
        return make.with_old_names(package, keep_new=self.names == "both")

    def _tell(self, package: Json) -> None:
        if self.push.subscriptions:
            self.push.tell(package, encode(self._dressed(package)))

    def _held_value(self, barcode: str, batch: str, kind: str) -> Held:
        variant = self.stock.variants[barcode]
        if kind == "stock":
            return Held(barcode, batch, number=str(variant["stock"]["quantity"]))
        return Held(barcode, batch, total=Decimal(variant["price"]["salePrice"]))


def refuse(status: int, key: str, message: str, *, exception: str = "TrendyolException") -> SimResponse:
    """Return an error body of the usual shape."""
    errors = [{"key": key, "message": message, "errorCode": str(status)}]
    return reply({"timestamp": 0, "exception": exception, "errors": errors}, status)


def enveloped(head: Json, content: bytes) -> SimResponse:
    body = encode(head)[:-1] + b',"content":' + content + b"}"
    return SimResponse(200, body, {"content-type": "application/json; charset=utf-8"})


def whole(request: SimRequest, name: str, default: int) -> int:
    text = request.param(name)
    if not text:
        return default
    if not text.lstrip("-").isdecimal():
        raise Refusal(400, "invalid.parameter", f"{name} sayı olmalıdır.")
    return int(text)


def body_of(request: SimRequest) -> Json:
    if "application/json" not in request.headers.get("content-type", ""):
        raise Refusal(415, "unsupported.media.type", "Content-Type application/json olmalıdır.")
    try:
        data = request.json()
    except ValueError:
        raise Refusal(400, "invalid.json", "Geçersiz JSON.") from None
    if not isinstance(data, dict):
        raise Refusal(400, "invalid.json", "Geçersiz istek.")
    return data
