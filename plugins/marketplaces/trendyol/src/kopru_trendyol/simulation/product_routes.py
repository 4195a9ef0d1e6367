"""How the simulated Trendyol answers about products, stock, prices and webhooks."""

from urllib.parse import unquote

from kopru.testing.simulator import SimRequest, SimResponse, reply, route
from kopru_trendyol.simulation.account import API, Account, body_of, enveloped, whole
from kopru_trendyol.simulation.make import Json
from kopru_trendyol.simulation.push import described
from kopru_trendyol.simulation.shelf import encode
from kopru_trendyol.simulation.writes import Refusal

PRODUCTS = rf"{API}/product/sellers/(?P<seller>\d+)/products"
HOOKS = rf"{API}/webhook/sellers/(?P<seller>\d+)/webhooks"
CAP = 10_000


class ProductRoutes(Account):
    """The product, inventory and webhook services."""

    @route("GET", rf"{API}/product/sellers/(?P<seller>\d+)/products")
    def _products_v1(self, request: SimRequest, seller: str) -> SimResponse:
        return reply({"message": "This endpoint is deprecated."}, 426)

    @route("GET", rf"{PRODUCTS}/approved")
    def _products(self, request: SimRequest, seller: str) -> SimResponse:
        size, page = whole(request, "size", 20), whole(request, "page", 0)
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
        return enveloped(head, encode(rows))

    @route("POST", rf"{API}/inventory/sellers/(?P<seller>\d+)/products/price-and-inventory")
    def _push_stock(self, request: SimRequest, seller: str) -> SimResponse:
        items = body_of(request).get("items")
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
        made = self.push.subscribe(body_of(request))
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

    def _contents(self, request: SimRequest) -> list[Json]:
        if request.param("dateQueryType") != "VARIANT_MODIFIED_DATE":
            return self.stock.contents
        since, until = whole(request, "startDate", 0), whole(request, "endDate", self.clock.now_ms())
        return [
            content
            for content in self.stock.contents
            if since <= content["variants"][0]["sellerModifiedDate"] <= until
        ]
