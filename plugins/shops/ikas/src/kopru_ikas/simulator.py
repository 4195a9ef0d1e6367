"""An ikas on a loopback port: what its documentation says it does, quirks and refusals included.

Knobs that tests and demonstrations turn are plain attributes; methods without ``_`` change its world at run
time. How ikas answers a blocked app, and how it words a refused login, is not documented; both are assumed.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from kopru.sdk import Operation, Quota
from kopru.testing.simulator import Held, SimRequest, SimResponse, Simulator, reply, route
from kopru.testing.world import World, WorldOrder
from kopru_ikas.simulation import graphql, make
from kopru_ikas.simulation.clock import Clock
from kopru_ikas.simulation.make import Json
from kopru_ikas.simulation.push import Push
from kopru_ikas.simulation.schema import ROOTS
from kopru_ikas.simulation.shelf import Shelf
from kopru_ikas.simulation.writes import APP, Refusal, Writes

TOKEN_LIFE = 14_400
LARGEST_PAGE = 200
BAN_CALLS = 20
BAN_RATIO = 0.25
DAY = 86_400
SCOPES = frozenset({"read_orders", "write_orders", "read_products", "write_products"}) | {
    "read_inventories",
    "write_inventories",
}


_ROOT = re.compile(rb"\{(?:\s|\\n)*(\w+)")
"""The first name after a document's first brace, as it stands inside JSON."""


class IkasSimulator(Simulator):
    """The admin interface of one shop."""

    name: ClassVar[str] = "ikas"

    def __init__(
        self,
        *,
        seed: int = 0,
        quotas: Iterable[Quota] = (),
        read_lag: float = 0.0,
        truth: Path | None = None,
        port: int = 0,
        client_id: str = "sim-client-id",
        client_secret: str = "sim-client-secret",
        version: str = "v2",
    ) -> None:
        """Take the base's arguments, the private app's login, and which of the schemas is served."""
        super().__init__(seed=seed, quotas=quotas, read_lag=read_lag, truth=truth, port=port)
        self.version = version
        self.scopes = SCOPES
        """What the private app may do."""
        self.sorts = {"updatedAt": False, "-updatedAt": True}
        """The order list's sort expressions that are understood; others leave the newest order first."""
        self.tax_excluded = False
        self.locations = [{"id": make.LOCATION, "name": "Ana Depo", "type": "PHYSICAL"}]
        self.carriers = [{"id": "ornek", "name": "Örnek Kargo"}]
        self.unknown_fields: frozenset[str] = frozenset()
        """Fields that this shop's schema lacks."""
        self.clock = Clock()
        self.shelf = Shelf(lambda: self.read_lag)
        self.push = Push(self.truth, client_secret)
        self.writes = Writes(self.shelf, self.clock, self.truth, self._tell)
        self._login = (client_id, client_secret)
        self._tokens: dict[str, float] = {}
        self._calls = [0, 0]

    def config(self) -> dict[str, Any]:
        """Return the settings of a connection to this simulator."""
        client_id, client_secret = self._login
        settings = {
            "client_id": client_id,
            "client_secret": client_secret,
            "environment": "simulator",
            "base_url": self.url,
            "api_version": self.version[:2],
        }
        return settings | ({"batch_answer": "error_inputs"} if "inputs" in self.version else {})

    def load(self, world: World) -> None:
        """Take over the world's items and orders; a world of another time moves the shop's clock there."""
        with self.lock:
            if world.orders:
                newest = max(order.modified_at.timestamp() for order in world.orders)
                if abs(newest - self.clock.now()) > DAY:
                    self.clock.start_at(newest + 60)
            for item in world.items:
                product = make.product(item, self.clock.now_ms())
                self.writes.products.setdefault(product["id"], product)
            for order in world.orders:
                if str(order.id) not in self.shelf.live:
                    self.add_order(order)

    def held(self, operation: Operation) -> list[Held]:
        """Return what writes left behind: status writes one by one, stock and prices by variant."""
        with self.lock:
            if operation is Operation.UPDATE_ORDER_STATUS:
                return list(self.writes.done)
            if operation is Operation.PUSH_STOCK:
                return [Held(name, name, count) for name, count in self.writes.stock_set.items()]
            if operation is Operation.PUSH_PRICES:
                return [Held(name, name, total=price) for name, price in self.writes.prices_set.items()]
            return []

    def stop(self) -> None:
        """Stop answering and delivering."""
        self.push.stop()
        super().stop()

    # What happens without the connector

    def add_order(self, order: WorldOrder, **fields: Any) -> Json:
        """Let a buyer place an order; ``fields`` replace what it would have."""
        with self.lock:
            placed = {**make.order(order), **fields}
            self.shelf.put(placed)
            total = str(placed["totalFinalPrice"])
            self.truth.note("order.committed", id=placed["id"], number=placed["orderNumber"], total=total)
            self._tell(placed, "store/order/created")
            return placed

    def add_row(self, row: Json) -> None:
        """Show an order as it is, whatever is wrong with it; it needs an id and a time of change."""
        with self.lock:
            self.shelf.put(row)

    def change_order(self, order_id: int | str, **fields: Any) -> Json:
        """Change fields of an order, and its time of change."""
        with self.lock:
            return self.writes.save(self.shelf.live[str(order_id)], **fields)

    def cancel_order(self, order_id: int | str) -> Json:
        """Let an order be cancelled as a whole."""
        with self.lock:
            order = self.shelf.live[str(order_id)]
            rows = [{**row, "status": "CANCELLED"} for row in order["orderLineItems"]]
            changed = {"status": "CANCELLED", "orderPackageStatus": "CANCELLED", "orderLineItems": rows}
            return self.writes.save(order, **changed, cancelledAt=self.clock.now_ms())

    def add_return(self, order: WorldOrder, quantity: int = 1, status: str = "REFUND_REQUESTED") -> Json:
        """Let the buyer of an order send units of its first line back."""
        with self.lock:
            live = self.shelf.live[str(order.id)]
            return self.writes.send_back(live, live["orderLineItems"][0]["id"], quantity, status)

    def subscribe(self, url: str) -> None:
        """Have changes of orders told to an address."""
        self.push.urls.append(url)

    def expire_tokens(self) -> None:
        """Forget every access token handed out so far."""
        with self.lock:
            self._tokens.clear()

    # How it answers

    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one request."""
        with self.lock:
            self.shelf.publish()
            return super().handle(request)

    def address(self, request: SimRequest) -> str:
        """Return the path with the query or mutation called, as everything has one path."""
        if not request.path.endswith("/graphql"):
            return request.path
        name = _ROOT.search(request.body)
        return f"{request.path}/{name[1].decode()}" if name else request.path

    def too_many(self) -> SimResponse:
        """Return the answer to too many calls."""
        return reply({"message": "Too Many Requests"}, 429)

    @route("POST", r"/api/admin/oauth/token")
    def _token(self, request: SimRequest) -> SimResponse:
        form = request.form()
        if form.get("grant_type") != "client_credentials":
            return reply({"errors": [{"msg": "grant_type is not supported"}]}, 400)
        if (form.get("client_id"), form.get("client_secret")) != self._login:
            return reply({"errors": [{"msg": "client is not valid"}]}, 401)
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self.clock.now() + TOKEN_LIFE
        scope = ",".join(sorted(self.scopes))
        return reply(
            {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE, "scope": scope}
        )

    @route("POST", r"/api/(?P<version>v[12])/admin/graphql")
    def _graphql(self, request: SimRequest, version: str) -> SimResponse:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) < self.clock.now():
            return _error("LOGIN_REQUIRED", "Login required.")
        if self._calls[0] >= BAN_CALLS and self._calls[1] > BAN_RATIO * self._calls[0]:
            return self.too_many()
        self._calls[0] += 1
        try:
            return self._executed(request, self.version if version == "v2" else "v1")
        except graphql.BadDocument as error:
            self._calls[1] += 1
            return _error("GRAPHQL_VALIDATION_FAILED", str(error), status=400)
        except Refusal as refusal:
            self._calls[1] += 1
            return _error(refusal.code, refusal.message)

    def _executed(self, request: SimRequest, version: str) -> SimResponse:
        body = request.json()
        variables = body.get("variables") or {}
        version = version if version in ROOTS else "v2"
        document = graphql.read(body["query"], version)
        self._check_fields(document.root)
        fault = next(graphql.faults(document, version, variables), "")
        if fault:
            raise Refusal("ARGUMENT_VALIDATION_ERROR", fault)
        name = document.root.name
        scope = ROOTS[version][document.kind][name].scope
        if scope and scope not in self.scopes:
            raise Refusal("UNAUTHORIZED", f"Scope {scope} is required.")
        given = {argument: variables.get(variable) for argument, variable in document.root.arguments.items()}
        answer = graphql.chosen(self._root(name, version)(given), document.root.selection)
        return reply({"data": {name: answer}})

    def _check_fields(self, field: graphql.Field) -> None:
        for each in field.selection:
            if each.name in self.unknown_fields:
                raise graphql.BadDocument(f'Cannot query field "{each.name}" on type "Order".')
            self._check_fields(each)

    def _root(self, name: str, version: str) -> Callable[[Json], Any]:
        writes = self.writes
        roots: Mapping[str, Callable[[Json], Any]] = {
            "listOrder": self._orders,
            "listProduct": self._products,
            "listStockLocation": lambda given: self.locations,
            "listCargoCompany": lambda given: self.carriers,
            "listGlobalTaxSettings": lambda given: [
                {
                    "isTaxExcludedOnPrices": self.tax_excluded,
                    "isTaxExcludedOnShippingPrices": self.tax_excluded,
                }
            ],
            "getMerchant": lambda given: {"id": "magaza-1", "storeName": "ornek", "merchantName": "Örnek"},
            "getAuthorizedApp": lambda given: {"id": APP, "salesChannelId": "kanal-2"},
            "fulfillOrder": lambda given: writes.fulfill(given["input"]),
            "updateOrderPackageStatus": lambda given: writes.set_packages(given["input"]),
            "cancelOrderLine": lambda given: writes.cancel(given["input"]),
            "addOrderInvoice": lambda given: writes.add_invoice(given["input"], named=version == "v1"),
            "saveProductStockLocations": lambda given: (
                not writes.set_stock(given["input"]["productStockLocationInputs"])
            ),
            "saveVariantStocks": lambda given: self._rows_answer(
                given["input"]["stockInputs"], writes.set_stock(given["input"]["stockInputs"])
            ),
            "saveVariantPrices": lambda given: not self._set_prices(given["input"]),
            "updateVariantPrices": lambda given: self._rows_answer(
                given["input"]["variantPriceInputs"], self._set_prices(given["input"])
            ),
        }
        return roots[name]

    def _set_prices(self, given: Json) -> list[tuple[int, str]]:
        return self.writes.set_prices(given["variantPriceInputs"], given.get("priceListId"))

    def _rows_answer(self, rows: list[Json], refused: list[tuple[int, str]]) -> Json:
        names = [{"productId": row["productId"], "variantId": row["variantId"]} for row in rows]
        if "inputs" in self.version:
            return {"isSuccess": not refused, "errorInputs": [names[index] for index, _ in refused]}
        return {
            "errors": [
                {"errorCode": code, "inputArrayIndex": index, "inputData": names[index]}
                for index, code in refused
            ]
            or None
        }

    def _orders(self, given: Json) -> Json:
        ids = given.get("id") or {}
        wanted = [ids["eq"]] if "eq" in ids else ids.get("in")
        if wanted is not None:
            found = [each for each in wanted if each in self.shelf.seen]
            return _page([self.shelf.seen[each] for each in found], given.get("pagination"))
        places = self.shelf.between(given.get("updatedAt") or {})
        backwards = self.sorts.get(given.get("sort") or "", True)
        return _page(places[::-1] if backwards else places, given.get("pagination"), self.shelf.at)

    def _products(self, given: Json) -> Json:
        rows = list(self.writes.products.values())
        for name in ("sku", "barcodeList"):
            wanted = set((given.get(name) or {}).get("in") or ())
            if wanted:
                rows = [row for row in rows if any(wanted & _codes(each, name) for each in row["variants"])]
        sort = given.get("sort") or "createdAt"
        key = sort.removeprefix("-")
        if key not in ("createdAt", "updatedAt", "name"):
            raise Refusal("ARGUMENT_VALIDATION_ERROR", "sort is not valid")
        rows.sort(key=lambda row: (row[key], row["id"]), reverse=sort.startswith("-"))
        return _page(rows, given.get("pagination"))

    def _tell(self, order: Json, scope: str) -> None:
        if self.push.urls:
            self.push.tell(self.push.signed(scope, order, self.clock.now_ms()))


def _page(rows: Sequence[Any], pagination: Json | None, resolve: Callable[[Any], Json] | None = None) -> Json:
    page, limit = (pagination or {}).get("page", 1), (pagination or {}).get("limit", 50)
    if not 1 <= limit <= LARGEST_PAGE or page < 1:
        raise Refusal("ARGUMENT_VALIDATION_ERROR", f"limit must not be greater than {LARGEST_PAGE}")
    start = (page - 1) * limit
    shown = rows[start : start + limit]
    return {
        "count": len(rows),
        "hasNext": start + limit < len(rows),
        "limit": limit,
        "page": page,
        "data": [resolve(row) for row in shown] if resolve else list(shown),
    }


def _codes(variant: Json, name: str) -> set[Any]:
    value = variant.get(name)
    return set(value) if isinstance(value, list) else {value}


def _error(code: str, message: str, *, status: int = 200) -> SimResponse:
    return reply({"errors": [{"message": message, "extensions": {"code": code}}], "data": None}, status)


simulator = IkasSimulator
