"""A Trendyol on a loopback port: what its documentation says it does, quirks and refusals included.

Knobs that tests and demonstrations turn are plain attributes; methods without ``_`` change its world at run
time, as buyers, carriers and the seller's panel would.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kopru.sdk import Operation, Quota
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply, route
from kopru.testing.world import World, WorldOrder
from kopru_trendyol.simulation import cursor, make
from kopru_trendyol.simulation.claims import Claims
from kopru_trendyol.simulation.clock import Clock
from kopru_trendyol.simulation.make import Json
from kopru_trendyol.simulation.push import Push, Subscription, described
from kopru_trendyol.simulation.shelf import Key, Shelf, encode
from kopru_trendyol.simulation.stock import Stock
from kopru_trendyol.simulation.writes import Refusal, Writes

API = "/integration"
ORDERS = rf"{API}/order/sellers/(?P<seller>\d+)"
PACKAGE = rf"{ORDERS}/shipment-packages/(?P<package>\d+)"
PRODUCTS = rf"{API}/product/sellers/(?P<seller>\d+)/products"
HOOKS = rf"{API}/webhook/sellers/(?P<seller>\d+)/webhooks"

DAY_MS = 86_400_000
LONGEST_SPAN = 14 * DAY_MS
CAP = 10_000
_SELLER = re.compile(r"/sellers/(\d+)/")
_USER_AGENT = re.compile(r"^(\d+) - [A-Za-z0-9]{1,30}$")


class TrendyolSimulator(Simulator):
    """Trendyol's seller API for one seller."""

    name = "trendyol"

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
        api_secret: str = "sim-api-secret",
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
        self._generation = 0

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
            self._generation += 1

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

    @route("GET", rf"{ORDERS}/orders")
    def _orders_v1(self, request: SimRequest, seller: str) -> SimResponse:
        return reply({"message": "This endpoint is deprecated. Use /v2/orders."}, 426)

    @route("GET", rf"{API}/product/sellers/(?P<seller>\d+)/products")
    def _products_v1(self, request: SimRequest, seller: str) -> SimResponse:
        return reply({"message": "This endpoint is deprecated."}, 426)

    @route("GET", rf"{ORDERS}/v2/orders")
    def _orders(self, request: SimRequest, seller: str) -> SimResponse:
        size, page = _whole(request, "size", 200), _whole(request, "page", 0)
        since, until = self._window(request, "startDate", "endDate", days=7, reach=30)
        if not 1 <= size <= 200 or page < 0:
            raise Refusal(400, "invalid.size", "size en fazla 200 olabilir.")
        if page * size >= CAP:
            return self.too_many()
        ids, number, status = (
            request.param(name) for name in ("shipmentPackageIds", "orderNumber", "status")
        )
        newest_first = request.param("orderByDirection", "DESC") == "DESC"
        if ids or number or status:
            found = self._filtered(since, until, ids, number, status)
            total, rows = len(found), found[page * size : (page + 1) * size]
        else:
            total = self.shelf.count(since, until)
            rows = self.shelf.page(since, until, page * size, size, newest_first=newest_first)
        first = page == 0 and not (ids or number or status)
        head = {"totalElements": total, "totalPages": -(-total // size), "page": page, "size": size}
        return _enveloped(head, self.shelf.write(rows, first=first, doubled=self.doubled))

    @route("GET", rf"{ORDERS}/orders/stream")
    def _stream(self, request: SimRequest, seller: str) -> SimResponse:
        size = _whole(request, "size", 50)
        names = ("lastModifiedStartDate", "lastModifiedEndDate")
        since, until = self._window(request, *names, days=14, reach=90)
        if not 1 <= size <= 200:
            raise Refusal(400, "invalid.size", "size en fazla 200 olabilir.")
        wanted = {part for part in request.param("packageItemStatuses").split(",") if part}
        filters = {name: request.param(name) for name in (*names, "packageItemStatuses", "size")}
        marks = {"generation": self._generation, "now": self.clock.now()}
        start: Key = (until + 1, -1)
        token = request.param("nextCursor")
        if token:
            try:
                start = cursor.read(token, filters, **marks)
            except cursor.BadCursor:
                raise Refusal(400, "cursor.invalid", "nextCursor geçersiz ya da süresi dolmuş.") from None
        rows = list(self.shelf.before(start, since, size))
        more = bool(rows) and bool(self.shelf.before(rows[-1], since, 1))
        following = cursor.make(rows[-1], filters, **marks) if more else None
        if wanted:
            rows = [key for key in rows if self._line_statuses(key) & wanted]
        head = {"size": size, "hasMore": more, "nextCursor": following}
        return _enveloped(head, self.shelf.write(rows, first=not token, doubled=self.doubled))

    @route("PUT", PACKAGE)
    def _put_status(self, request: SimRequest, seller: str, package: str) -> SimResponse:
        self.writes.put_status(int(package), _body(request))
        return SimResponse()

    @route("PUT", rf"{PACKAGE}/items/unsupplied")
    def _unsupplied(self, request: SimRequest, seller: str, package: str) -> SimResponse:
        self.writes.unsupplied(int(package), _body(request))
        return SimResponse()

    @route("PUT", rf"{PACKAGE}/update-tracking-number")
    def _tracking(self, request: SimRequest, seller: str, package: str) -> SimResponse:
        self.writes.tracking(int(package), _body(request))
        return SimResponse()

    @route("PUT", rf"{PACKAGE}/alternative-delivery")
    def _own_delivery(self, request: SimRequest, seller: str, package: str) -> SimResponse:
        self.writes.own_delivery(int(package), _body(request))
        return SimResponse()

    @route("POST", rf"{API}/sellers/(?P<seller>\d+)/seller-invoice-links")
    def _link(self, request: SimRequest, seller: str) -> SimResponse:
        self.writes.link(_body(request))
        return SimResponse(201)

    @route("POST", rf"{API}/sellers/(?P<seller>\d+)/seller-invoice-links/delete")
    def _unlink(self, request: SimRequest, seller: str) -> SimResponse:
        self.writes.unlink(_body(request))
        return SimResponse(202)

    @route("POST", rf"{API}/sellers/(?P<seller>\d+)/common-label/(?P<tracking>[^/]+)")
    def _make_label(self, request: SimRequest, seller: str, tracking: str) -> SimResponse:
        self.writes.make_label(unquote(tracking), _body(request))
        return SimResponse()

    @route("GET", rf"{API}/sellers/(?P<seller>\d+)/common-label/(?P<tracking>[^/]+)")
    def _label(self, request: SimRequest, seller: str, tracking: str) -> SimResponse:
        label = self.writes.labels.get(unquote(tracking))
        if label is None:
            raise Refusal(404, "common.label.not.found", "Etiket bulunamadı.")
        return reply({"data": [{"label": label, "format": "ZPL"}]})

    @route("GET", rf"{ORDERS}/claims")
    def _claims(self, request: SimRequest, seller: str) -> SimResponse:
        size, page, status = (
            _whole(request, "size", 50),
            _whole(request, "page", 0),
            request.param("claimItemStatus"),
        )
        if not 1 <= size <= 200 or page < 0:
            raise Refusal(400, "invalid.size", "size en fazla 200 olabilir.")
        if self.claims_need_status and not status:
            raise Refusal(404, "order.not.found", "Order not found.")
        now = self.clock.now_ms()
        since = _whole(request, "startDate", now - 7 * DAY_MS)
        until = _whole(request, "endDate", now)
        ids = [each for each in request.param("claimIds").split(",") if each]
        found = self.claims.find(since, until, status, ids, request.param("orderNumber"))
        total = len(found)
        head = {"totalElements": total, "totalPages": -(-total // size), "page": page, "size": size}
        return _enveloped(head, encode(found[page * size : (page + 1) * size]))

    @route("GET", rf"{PRODUCTS}/approved")
    def _products(self, request: SimRequest, seller: str) -> SimResponse:
        size, page = _whole(request, "size", 20), _whole(request, "page", 0)
        token = request.param("nextPageToken")
        if not 1 <= size <= 100 or page < 0:
            raise Refusal(400, "invalid.size", "size en fazla 100 olabilir.")
        if not token and (page + 1) * size > CAP:
            raise Refusal(400, "invalid.page", "page x size en fazla 10000 olabilir.")
        if token and not token.isdecimal():
            raise Refusal(400, "invalid.token", "nextPageToken geçersiz.")
        contents = self._contents(request)
        start = int(token) if token else page * size
        rows, total = contents[start : start + size], len(contents)
        head = {
            "totalElements": total,
            "totalPages": -(-total // size),
            "page": start // size,
            "size": size,
            "nextPageToken": str(start + size) if start + size < total else None,
        }
        return _enveloped(head, encode(rows))

    @route("POST", rf"{API}/inventory/sellers/(?P<seller>\d+)/products/price-and-inventory")
    def _push_stock(self, request: SimRequest, seller: str) -> SimResponse:
        items = _body(request).get("items")
        if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
            raise Refusal(400, "items.empty", "items boş olamaz.")
        if len(items) > 1000:
            raise Refusal(400, "items.size", "En fazla 1000 ürün gönderilebilir.")
        if self.stock.is_repeated(request.body):
            message = "15 dakika boyunca aynı isteği tekrarlı olarak atamazsınız!"
            raise Refusal(400, "same.request", message)
        return reply({"batchRequestId": self.stock.accept(items)})

    @route("GET", rf"{PRODUCTS}/batch-requests/(?P<batch>[^/]+)")
    def _batch(self, request: SimRequest, seller: str, batch: str) -> SimResponse:
        report = self.stock.report(unquote(batch))
        if report is None:
            raise Refusal(404, "batch.request.not.found", "Toplu işlem bulunamadı.")
        return reply(report)

    @route("POST", HOOKS)
    def _subscribe(self, request: SimRequest, seller: str) -> SimResponse:
        made = self.push.subscribe(_body(request))
        if isinstance(made, str):
            raise Refusal(400, "webhook.invalid", made)
        return reply({"id": made.id}, 201)

    @route("GET", HOOKS)
    def _subscriptions(self, request: SimRequest, seller: str) -> SimResponse:
        return reply([described(each) for each in self.push.subscriptions.values()])

    @route("DELETE", rf"{HOOKS}/(?P<hook>[^/]+)")
    def _unsubscribe(self, request: SimRequest, seller: str, hook: str) -> SimResponse:
        if self.push.subscriptions.pop(hook, None) is None:
            return self.not_found()
        return SimResponse()

    @route("PUT", rf"{HOOKS}/(?P<hook>[^/]+)/(?P<word>activate|deactivate)")
    def _activate(self, request: SimRequest, seller: str, hook: str, word: str) -> SimResponse:
        subscription = self.push.subscriptions.get(hook)
        if subscription is None:
            return self.not_found()
        subscription.active, subscription.failures = word == "activate", 0
        return SimResponse()

    def _window(
        self, request: SimRequest, first: str, last: str, *, days: int, reach: int
    ) -> tuple[int, int]:
        now = self.clock.now_ms()
        until = _whole(request, last, now)
        since = _whole(request, first, now - days * DAY_MS)
        if until - since > LONGEST_SPAN or until < since:
            raise Refusal(400, "date.range.invalid", "Tarih aralığı en fazla 14 gün olabilir.")
        return max(since, now - reach * DAY_MS), until

    def _filtered(self, since: int, until: int, ids: str, number: str, status: str) -> list[Key]:
        if ids:
            wanted = [int(each) for each in ids.split(",") if each.isdecimal()]
            if len(wanted) > 50:
                raise Refusal(400, "invalid.ids", "En fazla 50 paket sorgulanabilir.")
            seen = ((each, self.shelf.seen(each)) for each in wanted)
            found = [(package["lastModifiedDate"], each) for each, package in seen if package]
        elif number:
            found = self.shelf.of_order(number)
        else:
            keys = (self.shelf.with_status(since, until, each) for each in status.split(","))
            return sorted((key for each in keys for key in each), reverse=True)
        return [key for key in found if since <= key[0] <= until]

    def _contents(self, request: SimRequest) -> list[Json]:
        if request.param("dateQueryType") != "VARIANT_MODIFIED_DATE":
            return self.stock.contents
        since, until = _whole(request, "startDate", 0), _whole(request, "endDate", self.clock.now_ms())
        return [
            content
            for content in self.stock.contents
            if since <= content["variants"][0]["sellerModifiedDate"] <= until
        ]

    def _line_statuses(self, key: Key) -> set[str]:
        package = self.shelf.seen(key[1]) or {}
        return {line["orderLineItemStatusName"] for line in package.get("lines", ())}

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


def _enveloped(head: Json, content: bytes) -> SimResponse:
    body = encode(head)[:-1] + b',"content":' + content + b"}"
    return SimResponse(200, body, {"content-type": "application/json; charset=utf-8"})


def _whole(request: SimRequest, name: str, default: int) -> int:
    text = request.param(name)
    if not text:
        return default
    if not text.lstrip("-").isdecimal():
        raise Refusal(400, "invalid.parameter", f"{name} sayı olmalıdır.")
    return int(text)


def _body(request: SimRequest) -> Json:
    if "application/json" not in request.headers.get("content-type", ""):
        raise Refusal(415, "unsupported.media.type", "Content-Type application/json olmalıdır.")
    try:
        data = request.json()
    except ValueError:
        raise Refusal(400, "invalid.json", "Geçersiz JSON.") from None
    if not isinstance(data, dict):
        raise Refusal(400, "invalid.json", "Geçersiz istek.")
    return data


simulator = TrendyolSimulator
