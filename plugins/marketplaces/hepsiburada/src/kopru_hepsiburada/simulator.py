"""A Hepsiburada on two loopback ports, one for orders and one for listings, quirks and refusals included.

Knobs that tests and demonstrations turn are plain attributes; methods without ``_`` change its world at run
time, as buyers, carriers and Hepsiburada itself would. What the thin lists by status hold, how refusals are
worded, and in which order lists come is not documented; all of it is assumed.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from kopru.sdk import Operation, Quota
from kopru.testing.server import Server
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply, route
from kopru.testing.world import World, WorldOrder
from kopru_hepsiburada.simulation import make
from kopru_hepsiburada.simulation.clock import Clock
from kopru_hepsiburada.simulation.make import Json
from kopru_hepsiburada.simulation.push import Push
from kopru_hepsiburada.simulation.uploads import Uploads
from kopru_hepsiburada.simulation.writes import Refusal, Writes

DAY = 86_400
MONTH = 30 * DAY
LINES, PACKAGES, STATUS = 100, 10, 50
_MINUTES = re.compile(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$")
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}T")
_M = r"merchant[iI]d/(?P<merchant>[^/]+)"
_DATED = {"shipped": "ShippedDate", "delivered": "ReceivedDate", "undelivered": "UndeliveredDate"}
_WORDS = {"shipped": "InTransit", "delivered": "Delivered", "undelivered": "UnDelivered"}


class HepsiburadaSimulator(Simulator):
    """The servers of one merchant."""

    name: ClassVar[str] = "hepsiburada"

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Iterable[Quota] = (),
        read_lag: float = 0.0,
        truth: Path | None = None,
        port: int = 0,
        service_key: str = "Sim0Anahtar1",
        integrator: str = "ornek_entegrator",
    ) -> None:
        """Take the base's arguments and the merchant's login."""
        super().__init__(seed=seed, quotas=quotas, read_lag=read_lag, truth=truth, port=port)
        self.username = make.MERCHANT
        """The user name let in: the merchant's id, or the integrator's name."""
        self.integrator = integrator
        self.authorised = True
        """Whether the merchant has granted the integrator access."""
        self.dated = True
        """Whether rows of the lists by status carry a time."""
        self.line_on_claims = True
        """Whether claims name the line they are about, as live ones do."""
        self.claims_wrapped = ""
        """Field that claims stand in (``items``, ``data.claims``); by default they are a bare list."""
        self.clock = Clock()
        self.push = Push(self.truth, "kanca", "sim-kanca-parolasi")
        self.writes = Writes(self.clock, self.truth, self.push.tell)
        self.uploads = Uploads(self.clock, self.truth)
        self.claims: list[Json] = []
        self._key = service_key
        self._world: dict[int, str] = {}
        self._listing_server = Server(self, 0)

    @property
    def listing_url(self) -> str:
        """Return the address of the listing server."""
        return f"http://127.0.0.1:{self._listing_server.port}"

    def config(self) -> dict[str, Any]:
        """Return the settings of a connection to this simulator, with everything the connector can write."""
        return {
            "merchant_id": make.MERCHANT,
            "service_key": self._key,
            "user_agent": self.integrator,
            "environment": "simulator",
            "oms_url": self.url,
            "listing_url": self.listing_url,
            "packaging": "manual",
            "own_cargo": True,
            "cancel_reason": "1",
            "webhook_user": "kanca",
            "webhook_password": "sim-kanca-parolasi",
        }

    def load(self, world: World) -> None:
        """Take over the world's items and orders; a world of another time moves the clock there."""
        with self.lock:
            if world.orders:
                newest = max(order.modified_at.timestamp() for order in world.orders)
                if abs(newest - self.clock.now()) > DAY:
                    self.clock.start_at(newest + 60)
            for item in world.items:
                self.uploads.listings.setdefault(item.code, make.listing(item, self.clock.now()))
            for order in world.orders:
                if order.id not in self._world:
                    self.add_order(order)

    def held(self, operation: Operation) -> list[Held]:
        """Return what writes left behind: status writes one by one, stock and prices by listing."""
        with self.lock:
            if operation is Operation.UPDATE_ORDER_STATUS:
                return list(self.writes.done)
            if operation is Operation.PUSH_STOCK:
                return self.uploads.held("stock-uploads")
            if operation is Operation.PUSH_PRICES:
                return self.uploads.held("price-uploads")
            return []

    def start(self) -> None:
        """Begin to answer on both ports."""
        super().start()
        self._listing_server.start()

    def stop(self) -> None:
        """Stop answering and delivering."""
        self.push.stop()
        self._listing_server.stop()
        super().stop()

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until nothing is under way on either port."""
        return super().settle(timeout) and self._listing_server.settle(timeout)

    # What happens without the connector

    def add_order(self, order: WorldOrder, **fields: Any) -> list[Json]:
        """Let a buyer place an order; ``fields`` replace what its lines would have."""
        with self.lock:
            self._world[order.id] = order.number
            lines = [make.line(order, sold) | fields for sold in order.lines]
            for line in lines:
                self.writes.add(line)
            self.truth.note("order.committed", id=order.number, number=order.number, total=str(order.total))
            self.push.tell("POST", "/orders", {"items": lines})
            return lines

    def change_order(self, order_id: int) -> None:
        """Let an order move on: Hepsiburada packs it, then it is shipped, then delivered."""
        with self.lock:
            lines = self.writes.of_order(self._world[order_id])
            waiting = [line["id"] for line in lines if line["id"] in self.writes.open]
            if waiting:
                self.writes.pack(waiting)
                return
            for number in dict.fromkeys(line["packageNumber"] for line in lines if line["packageNumber"]):
                shipped = self.writes.packages[number]["status"] == "InTransit"
                self.writes.move(number, "Delivered" if shipped else "InTransit")

    def cancel_order(self, order_id: int) -> None:
        """Let the buyer cancel every line that is not cancelled yet."""
        with self.lock:
            for line in self.writes.of_order(self._world[order_id]):
                if line["id"] not in self.writes.cancelled:
                    self.writes.cancel(line, "Customer")

    def add_return(self, order: WorldOrder, quantity: int = 1, status: str = "NewRequest") -> Json:
        """Let the buyer of an order send pieces of its first line back."""
        with self.lock:
            number = 1000 + len(self.claims)
            now = self.clock.now()
            claim = make.claim(order, number, quantity, status, now, with_line=self.line_on_claims)
            self.claims.append(claim)
            self.truth.note("claim.opened", id=claim["number"], number=order.number)
            return claim

    def subscribe(self, url: str) -> None:
        """Have changes told below an address, as arranged with Hepsiburada's support."""
        self.push.url = url

    # How it answers

    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one request."""
        with self.lock:
            try:
                return super().handle(request)
            except Refusal as refusal:
                return _refused(refusal)

    def guard(self, request: SimRequest) -> SimResponse | None:
        """Check user name, key, User-Agent and authorisation, and that the right server was asked."""
        listing = self._at_listings(request)
        login = b64encode(f"{self.username}:{self._key}".encode()).decode()
        known = request.headers.get("authorization") == f"Basic {login}"
        if not known or request.headers.get("user-agent") != self.integrator:
            text = b"Missing Credentials!" if listing else b""
            return SimResponse(401, text, {"content-type": "text/plain"})
        if not self.authorised or f"/{make.MERCHANT}" not in request.path:
            return SimResponse(403)
        if listing != request.path.startswith("/listings/"):
            return self.not_found()
        if listing and "/merchantId/" in request.path:
            return _refused(Refusal(400, "BadRequest"))
        return None

    def too_many(self) -> SimResponse:
        """Return the answer to too many calls, with the headers of the order server."""
        limits = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}
        return SimResponse(429, b"", limits)

    def not_found(self) -> SimResponse:
        """Return the answer to an unknown path."""
        return reply({"code": "NotFound", "message": "Not Found"}, 404)

    @route("GET", rf"/orders/{_M}")
    def _open_lines(self, request: SimRequest, merchant: str) -> SimResponse:
        since, until = _between(request, "begindate", "enddate")
        offset, limit = _place(request, "offset", LINES)
        found = [line for line, placed in self.writes.open.items() if since <= placed < until]
        pages = -(-len(found) // limit)
        head = {"totalCount": len(found), "limit": limit, "offset": offset, "pageCount": pages}
        return reply({**head, "items": [self.writes.lines[each] for each in found[offset : offset + limit]]})

    @route("GET", rf"/orders/{_M}/cancelled")
    def _cancelled(self, request: SimRequest, merchant: str) -> SimResponse:
        rows = [self.writes.lines[each] for each in self.writes.cancelled]
        recent = [row for row in rows if self._is_recent(row["lastStatusUpdateDate"])]
        return self._thin(request, [make.cancelled_row(row, dated=self.dated) for row in recent])

    @route("GET", rf"/orders/{_M}/ordernumber/(?P<number>[^/]+)")
    def _order(self, request: SimRequest, merchant: str, number: str) -> SimResponse:
        lines = self.writes.of_order(number)
        if not lines:
            raise Refusal(404, "OrderNotFound")
        head = {"orderId": lines[0]["orderId"], "orderNumber": number, "orderDate": lines[0]["orderDate"]}
        return reply({**head, "items": lines})

    @route("GET", rf"/packages/{_M}")
    def _packages(self, request: SimRequest, merchant: str) -> SimResponse:
        since, until = _between(request, "begindate", "enddate")
        since = since or self.clock.now() - DAY
        until = min(until, since + DAY)
        # A lower-case offset is not known here and begins at the first row.
        offset, limit = _place(request, "Offset", PACKAGES, needed=False)
        found = [each for each in self.writes.packages.values() if since <= each["made"] < until]
        waiting = [each for each in found if each["status"] == "Open"]
        shown = waiting[offset : offset + limit]
        rows = [make.package_row(each, self.writes.of_package(each["packageNumber"])) for each in shown]
        return reply(rows, headers={"totalcount": str(len(waiting))})

    @route("GET", rf"/packages/{_M}/(?P<status>shipped|delivered|undelivered)")
    def _by_status(self, request: SimRequest, merchant: str, status: str) -> SimResponse:
        found = [each for each in self.writes.packages.values() if each["status"] == _WORDS[status]]
        dated = _DATED[status] if self.dated else ""
        recent = (each for each in found if self._is_recent(each["at"]))
        lines = self.writes.of_package
        return self._thin(
            request, [make.thin_row(each, lines(each["packageNumber"]), dated) for each in recent]
        )

    @route("GET", rf"/claims/{_M}")
    def _claims(self, request: SimRequest, merchant: str) -> SimResponse:
        since, until = _between(request, "statusBeginDate", "statusEndDate")
        if "statusBeginDate" not in request.query:
            since, until = _between(request, "beginDate", "endDate")
        offset, limit = _place(request, "offset", STATUS)
        rows = [row for row in self.claims if since <= make.seconds(row["claimDate"]) < until]
        data: Any = rows[offset : offset + limit]
        for name in reversed(self.claims_wrapped.split(".") if self.claims_wrapped else []):
            data = {name: data}
        return reply(data)

    @route("GET", rf"/lineitems/{_M}/packageablewith/lineitemid/(?P<line>[^/]+)")
    def _packageable(self, request: SimRequest, merchant: str, line: str) -> SimResponse:
        return reply(self.writes.packageable_with(line))

    @route("POST", rf"/packages/{_M}")
    def _make_package(self, request: SimRequest, merchant: str) -> SimResponse:
        return reply(self.writes.make_package(_body(request)), 201)

    @route("POST", rf"/packages/{_M}/packagenumber/(?P<number>[^/]+)/unpack")
    def _unpack(self, request: SimRequest, merchant: str, number: str) -> SimResponse:
        self.writes.ask_to_unpack(number)
        return SimResponse(200)

    @route("POST", rf"/packages/{_M}/packagenumber/(?P<number>[^/]+)/intransit")
    def _ship(self, request: SimRequest, merchant: str, number: str) -> SimResponse:
        self.writes.ship(number, _body(request))
        return SimResponse(200)

    @route("PUT", rf"/packages/{_M}/packagenumber/(?P<number>[^/]+)/invoice")
    def _invoice(self, request: SimRequest, merchant: str, number: str) -> SimResponse:
        self.writes.add_invoice(number, _body(request))
        return SimResponse(204)

    @route("GET", rf"/packages/{_M}/packagenumber/(?P<number>[^/]+)/labels")
    def _label(self, request: SimRequest, merchant: str, number: str) -> SimResponse:
        return reply(self.writes.label(number, request.param("format")))

    @route("POST", rf"/lineitems/{_M}/id/(?P<line>[^/]+)/cancelbymerchant")
    def _cancel(self, request: SimRequest, merchant: str, line: str) -> SimResponse:
        self.writes.ask_to_cancel(line, _body(request))
        return SimResponse(200)

    @route("GET", rf"/listings/{_M}")
    def _listings(self, request: SimRequest, merchant: str) -> SimResponse:
        offset, limit = _place(request, "offset", 1000)
        skus = request.param("merchantSkuList")
        wanted = skus.split(",") if skus else self.uploads.listings
        rows = [self.uploads.listings[sku] for sku in wanted if sku in self.uploads.listings]
        shown = rows[offset : offset + limit]
        return reply({"listings": shown, "totalCount": len(rows), "limit": limit, "offset": offset})

    @route("POST", rf"/listings/{_M}/(?P<kind>stock-uploads|price-uploads)")
    def _upload(self, request: SimRequest, merchant: str, kind: str) -> SimResponse:
        return reply(self.uploads.accept(kind, _json(request)))

    @route("GET", rf"/listings/{_M}/(?P<kind>stock-uploads|price-uploads)/id/(?P<upload>[^/]+)")
    def _result(self, request: SimRequest, merchant: str, kind: str, upload: str) -> SimResponse:
        return reply(self.uploads.report(kind, upload))

    def _thin(self, request: SimRequest, rows: Sequence[Json]) -> SimResponse:
        if any("date" in name.lower() for name in request.query):
            raise Refusal(400, "WrongDateFormat")
        offset, limit = _place(request, "offset", STATUS)
        head = {"totalCount": len(rows), "limit": limit, "offset": offset}
        return reply({**head, "items": rows[offset : offset + limit]})

    def _is_recent(self, at: str) -> bool:
        return make.seconds(at) > self.clock.now() - MONTH

    def _at_listings(self, request: SimRequest) -> bool:
        return request.headers.get("host", "").endswith(f":{self._listing_server.port}")


def _between(request: SimRequest, first: str, last: str) -> tuple[float, float]:
    """Return the time asked for; ISO 8601 is taken without a word and matches nothing."""
    texts = [request.param(name) for name in (first, last)]
    if any(_ISO.match(text) for text in texts):
        return 0.0, 0.0
    if any(text and not _MINUTES.match(text) for text in texts):
        raise Refusal(400, "WrongDateFormat")
    times = [make.seconds(text.replace(" ", "T")) if text else None for text in texts]
    return times[0] or 0.0, times[1] or float("inf")


def _place(request: SimRequest, name: str, largest: int, *, needed: bool = True) -> tuple[int, int]:
    offset, limit = request.param(name), request.param("limit")
    if not limit or (needed and not offset):
        raise Refusal(400, "LimitCannotBeEmpty")
    if not limit.isdecimal() or not 1 <= int(limit) <= largest or not (offset or "0").isdecimal():
        raise Refusal(400, "LimitIsNotValid")
    return int(offset or "0"), int(limit)


def _json(request: SimRequest) -> Any:
    try:
        return request.json()
    except ValueError:
        raise Refusal(400, "InvalidJson") from None


def _body(request: SimRequest) -> Json:
    data = _json(request)
    if not isinstance(data, dict):
        raise Refusal(400, "InvalidRequest")
    return data


def _refused(refusal: Refusal) -> SimResponse:
    if refusal.body is None:
        return SimResponse(refusal.status)
    return reply(refusal.body, refusal.status)


simulator = HepsiburadaSimulator
