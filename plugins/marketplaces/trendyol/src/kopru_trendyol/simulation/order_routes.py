"""How the simulated Trendyol answers about orders, claims, invoice links and labels."""

from urllib.parse import unquote

from kopru.testing.simulator import SimRequest, SimResponse, reply, route
from kopru_trendyol.simulation import cursor
from kopru_trendyol.simulation.account import API, DAY_MS, Account, body_of, enveloped, whole
from kopru_trendyol.simulation.shelf import Key, encode
from kopru_trendyol.simulation.writes import Refusal

ORDERS = rf"{API}/order/sellers/(?P<seller>\d+)"
PACKAGE = rf"{ORDERS}/shipment-packages/(?P<package>\d+)"
LONGEST_SPAN = 14 * DAY_MS
CAP = 10_000


class OrderRoutes(Account):
    """The order services."""

    @route("GET", rf"{ORDERS}/orders")
    def _orders_v1(self, request: SimRequest, seller: str) -> SimResponse:
        return reply({"message": "This endpoint is deprecated. Use /v2/orders."}, 426)

    @route("GET", rf"{ORDERS}/v2/orders")
    def _orders(self, request: SimRequest, seller: str) -> SimResponse:
        size, page = whole(request, "size", 200), whole(request, "page", 0)
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
        return enveloped(head, self.shelf.write(rows, first=first, doubled=self.doubled))

    @route("GET", rf"{ORDERS}/orders/stream")
    def _stream(self, request: SimRequest, seller: str) -> SimResponse:
        size = whole(request, "size", 50)
        names = ("lastModifiedStartDate", "lastModifiedEndDate")
        since, until = self._window(request, *names, days=14, reach=90)
        if not 1 <= size <= 200:
            raise Refusal(400, "invalid.size", "size en fazla 200 olabilir.")
        wanted = {part for part in request.param("packageItemStatuses").split(",") if part}
        filters = {name: request.param(name) for name in (*names, "packageItemStatuses", "size")}
        generation, now = self.generation, self.clock.now()
        start: Key = (until + 1, -1)
        token = request.param("nextCursor")
        if token:
            try:
                start = cursor.read(token, filters, generation=generation, now=now)
            except cursor.BadCursor:
                raise Refusal(400, "cursor.invalid", "nextCursor geçersiz ya da süresi dolmuş.") from None
        rows = list(self.shelf.before(start, since, size))
        more = bool(rows) and bool(self.shelf.before(rows[-1], since, 1))
        following = cursor.make(rows[-1], filters, generation=generation, now=now) if more else None
        if wanted:
            rows = [key for key in rows if self._line_statuses(key) & wanted]
        head = {"size": size, "hasMore": more, "nextCursor": following}
        return enveloped(head, self.shelf.write(rows, first=not token, doubled=self.doubled))

    @route("PUT", PACKAGE)
    def _put_status(self, request: SimRequest, seller: str, package: str) -> SimResponse:
        self.writes.put_status(int(package), body_of(request))
        return SimResponse()

    @route("PUT", rf"{PACKAGE}/items/unsupplied")
    def _unsupplied(self, request: SimRequest, seller: str, package: str) -> SimResponse:
        self.writes.unsupplied(int(package), body_of(request))
        return SimResponse()

    @route("PUT", rf"{PACKAGE}/update-tracking-number")
    def _tracking(self, request: SimRequest, seller: str, package: str) -> SimResponse:
        self.writes.tracking(int(package), body_of(request))
        return SimResponse()

    @route("PUT", rf"{PACKAGE}/alternative-delivery")
    def _own_delivery(self, request: SimRequest, seller: str, package: str) -> SimResponse:
        self.writes.own_delivery(int(package), body_of(request))
        return SimResponse()

    @route("POST", rf"{API}/sellers/(?P<seller>\d+)/seller-invoice-links")
    def _link(self, request: SimRequest, seller: str) -> SimResponse:
        self.writes.link(body_of(request))
        return SimResponse(201)

    @route("POST", rf"{API}/sellers/(?P<seller>\d+)/seller-invoice-links/delete")
    def _unlink(self, request: SimRequest, seller: str) -> SimResponse:
        self.writes.unlink(body_of(request))
        return SimResponse(202)

    @route("POST", rf"{API}/sellers/(?P<seller>\d+)/common-label/(?P<tracking>[^/]+)")
    def _make_label(self, request: SimRequest, seller: str, tracking: str) -> SimResponse:
        self.writes.make_label(unquote(tracking), body_of(request))
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
            whole(request, "size", 50),
            whole(request, "page", 0),
            request.param("claimItemStatus"),
        )
        if not 1 <= size <= 200 or page < 0:
            raise Refusal(400, "invalid.size", "size en fazla 200 olabilir.")
        if self.claims_need_status and not status:
            raise Refusal(404, "order.not.found", "Order not found.")
        now = self.clock.now_ms()
        since = whole(request, "startDate", now - 7 * DAY_MS)
        until = whole(request, "endDate", now)
        ids = [each for each in request.param("claimIds").split(",") if each]
        found = self.claims.find(since, until, status, ids, request.param("orderNumber"))
        total = len(found)
        head = {"totalElements": total, "totalPages": -(-total // size), "page": page, "size": size}
        return enveloped(head, encode(found[page * size : (page + 1) * size]))

    def _window(
        self, request: SimRequest, first: str, last: str, *, days: int, reach: int
    ) -> tuple[int, int]:
        now = self.clock.now_ms()
        # Without an end nothing is left out, not even a change of this very millisecond.
        until = whole(request, last, now + 1000)
        since = whole(request, first, until - days * DAY_MS)
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

    def _line_statuses(self, key: Key) -> set[str]:
        package = self.shelf.seen(key[1]) or {}
        return {line["orderLineItemStatusName"] for line in package.get("lines", ())}
