"""What changes orders, stock and prices: the app's mutations, and what happens in the shop by itself."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kopru.testing.simulator import Held
from kopru.testing.truth import Truth
from kopru_ikas.simulation import make
from kopru_ikas.simulation.clock import Clock
from kopru_ikas.simulation.make import Json
from kopru_ikas.simulation.shelf import Shelf

APP = "app-1"
_GONE = ("CANCELLED", "REFUNDED")


class Refusal(Exception):
    """The call is answered with an error."""

    def __init__(self, code: str, message: str) -> None:
        """Take the error's code and words."""
        self.code = code
        self.message = message
        super().__init__(code)


class Writes:
    """Changes orders and products, and keeps account of what the app's calls did."""

    def __init__(self, shelf: Shelf, clock: Clock, truth: Truth, tell: Callable[[Json, str], None]) -> None:
        """Take the orders, the clock, the log, and whom to tell of a change."""
        self.done: list[Held] = []
        self.products: dict[str, Json] = {}
        self.stock_set: dict[str, str] = {}
        self.prices_set: dict[str, Decimal] = {}
        self._shelf = shelf
        self._clock = clock
        self._truth = truth
        self._tell = tell
        self._number = 0

    def save(self, order: Json, **fields: Any) -> Json:
        """Store an order's new version and tell of it."""
        last = order.get("updatedAt", 0)
        changed = {**order, **fields, "updatedAt": max(self._clock.now_ms(), last + 1)}
        self._shelf.put(changed)
        self._tell(changed, "store/order/updated")
        return changed

    def order(self, identity: str) -> Json:
        """Return an order that can be changed."""
        found = self._shelf.live.get(identity)
        if found is None:
            raise Refusal("ARGUMENT_VALIDATION_ERROR", "Order not found.")
        return found

    def fulfill(self, given: Json) -> Json:
        """Put lines into a new parcel; part of a line is split off first."""
        order = self.order(given["orderId"])
        if order["status"] == "CANCELLED" or order["deleted"]:
            raise Refusal("ORDER_NOT_ELIGIBLE_FOR_UPDATE", "Order is not eligible for update.")
        packed = {line for each in order["orderPackages"] for line in each["orderLineItemIds"]}
        rows = list(order["orderLineItems"])
        for each in given["lines"]:
            place = _place(rows, each["orderLineItemId"])
            if rows[place]["id"] in packed:
                raise Refusal("ORDER_LINE_IS_ALREADY_PACKAGED", "Order line is already packaged.")
            rows[place : place + 1] = self._taken(rows[place], each["quantity"])
        ready = given.get("markAsReadyForShipment") is True
        status = "READY_FOR_SHIPMENT" if ready else "FULFILLED"
        ids = [each["orderLineItemId"] for each in given["lines"]]
        parcel = {
            "id": self._new("paket"),
            "orderPackageNumber": f"{order['orderNumber']}-{len(order['orderPackages']) + 1}",
            "orderPackageFulfillStatus": status,
            "orderLineItemIds": ids,
            "stockLocationId": make.LOCATION,
            "trackingInfo": given.get("trackingInfoDetail"),
        }
        rows = [{**row, "status": "FULFILLED"} if row["id"] in ids and not ready else row for row in rows]
        return self._wrote(
            order, f"package.{status.lower()}", str(parcel["id"]), rows, [*order["orderPackages"], parcel]
        )

    def set_packages(self, given: Json) -> Json:
        """Move parcels on."""
        order = self.order(given["orderId"])
        wanted = {each["packageId"]: each for each in given["packages"]}
        if not wanted.keys() <= {each["id"] for each in order["orderPackages"]}:
            raise Refusal("ARGUMENT_VALIDATION_ERROR", "Package not found.")
        parcels, status = [], ""
        for parcel in order["orderPackages"]:
            change = wanted.get(parcel["id"])
            if change is None:
                parcels.append(parcel)
                continue
            status = change["status"]
            tracking = change.get("trackingInfo") or parcel["trackingInfo"]
            parcels.append({**parcel, "orderPackageFulfillStatus": status, "trackingInfo": tracking})
        return self._wrote(
            order, f"package.{status.lower()}", ",".join(wanted), order["orderLineItems"], parcels
        )

    def cancel(self, given: Json) -> Json:
        """Cancel lines, at the price they were sold for."""
        order = self.order(given["orderId"])
        rows = list(order["orderLineItems"])
        for each in given["orderLineItems"]:
            place = _place(rows, each["orderLineItemId"])
            row = rows[place]
            if row["status"] in (*_GONE, "FULFILLED", "DELIVERED"):
                raise Refusal("ORDER_NOT_ELIGIBLE_FOR_UPDATE", "Order line is not eligible for cancel.")
            if abs(each["price"] - row["finalPrice"]) > Decimal("0.01"):
                raise Refusal("ARGUMENT_VALIDATION_ERROR", "Price is not valid.")
            if not 0 < each["quantity"] <= row["quantity"]:
                raise Refusal("ARGUMENT_VALIDATION_ERROR", "Quantity is not valid.")
            kept = self._taken(row, each["quantity"])
            rows[place : place + 1] = [{**kept[0], "status": "CANCELLED"}, *kept[1:]]
        return self._wrote(order, "cancelled", "", rows, order["orderPackages"])

    def add_invoice(self, given: Json, *, named: bool) -> Json:
        """Attach an invoice; ``named`` says that the app must be told."""
        order = self.order(given["orderId"])
        if named and not given.get("appId"):
            raise Refusal("ARGUMENT_VALIDATION_ERROR", "appId should not be null or undefined.")
        invoice = {
            "id": self._new("fatura"),
            "appId": given.get("appId") or APP,
            "invoiceNumber": given["invoiceNumber"],
            "type": given["type"],
            "createdAt": given.get("createdAt") or self._clock.now_ms(),
            "hasPdf": bool(given.get("base64")),
            "invoiceData": given.get("invoiceData"),
        }
        number = str(given["invoiceNumber"])
        self._note(order, f"invoice:{number}", invoice["id"], number)
        return self.save(order, invoices=[*order["invoices"], invoice])

    def set_stock(self, rows: list[Json]) -> list[tuple[int, str]]:
        """Set stock row by row; returns what was refused."""
        refused = []
        for index, row in enumerate(rows):
            variant = self._variant(row)
            if variant is None or row["stockLocationId"] != make.LOCATION:
                refused.append(
                    (index, "VARIANT_NOT_FOUND" if variant is None else "STOCK_LOCATION_NOT_FOUND")
                )
                continue
            variant["stocks"] = [{"stockLocationId": make.LOCATION, "stockCount": row["stockCount"]}]
            name = f"{row['productId']}:{row['variantId']}"
            self.stock_set[name] = str(row["stockCount"])
            self._truth.note("stock.set", id=name, quantity=str(row["stockCount"]))
        return refused

    def set_prices(self, rows: list[Json], price_list: str | None) -> list[tuple[int, str]]:
        """Set prices row by row; returns what was refused."""
        refused = []
        for index, row in enumerate(rows):
            variant = self._variant(row)
            if variant is None:
                refused.append((index, "VARIANT_NOT_FOUND"))
                continue
            others = [each for each in variant["prices"] if each.get("priceListId") != price_list]
            variant["prices"] = [*others, {**row["price"], "priceListId": price_list}]
            name = f"{row['productId']}:{row['variantId']}"
            price = row["price"].get("discountPrice")
            self.prices_set[name] = Decimal(row["price"]["sellPrice"] if price is None else price)
            self._truth.note("price.set", id=name, price=str(self.prices_set[name]))
        return refused

    def send_back(self, order: Json, line_id: str, quantity: int, status: str) -> Json:
        """Let the buyer send units of a line back."""
        rows = list(order["orderLineItems"])
        place = _place(rows, line_id)
        row = rows[place]
        if quantity < row["quantity"]:
            rows[place : place + 1] = make.split(row, self._new(f"{line_id}-r"), quantity, status)
        else:
            rows[place] = {**row, "status": status}
        self._truth.note("return.requested", id=order["id"], line=line_id, quantity=quantity)
        return self.save(order, orderLineItems=rows, status="REFUND_REQUESTED")

    def _taken(self, row: Json, quantity: Decimal) -> list[Json]:
        """Return a line as the part that is meant, under its own id, and the rest, if any."""
        if not 0 < quantity <= row["quantity"]:
            raise Refusal("ARGUMENT_VALIDATION_ERROR", "Quantity is not valid.")
        if quantity == row["quantity"]:
            return [row]
        rest = {**row, "id": self._new(f"{row['id']}-b"), "quantity": row["quantity"] - quantity}
        return [{**row, "quantity": quantity}, {**rest, "originalOrderLineItemId": row["id"]}]

    def _wrote(self, order: Json, what: str, identity: str, rows: list[Json], parcels: list[Json]) -> Json:
        self._note(order, what, identity or order["id"])
        live = [row for row in rows if not row["deleted"]]
        cancelled = [row for row in live if row["status"] == "CANCELLED"]
        status = order["status"]
        if cancelled:
            status = "CANCELLED" if len(cancelled) == len(live) else "PARTIALLY_CANCELLED"
        return self.save(
            order,
            status=status,
            orderLineItems=rows,
            orderPackages=parcels,
            orderPackageStatus=_package_status(live, parcels),
        )

    def _note(self, order: Json, what: str, identity: str, number: str = "") -> None:
        self.done.append(Held(f"{order['id']}:{what}", identity, number))
        self._truth.note("status.updated", id=order["id"], what=what, number=number)

    def _variant(self, row: Json) -> Json | None:
        product = self.products.get(row["productId"], {})
        found = (each for each in product.get("variants", ()) if each["id"] == row["variantId"])
        return next(found, None)

    def _new(self, word: str) -> str:
        self._number += 1
        return f"{word}{self._number}"


def _place(rows: list[Json], identity: str) -> int:
    for place, row in enumerate(rows):
        if row["id"] == identity and not row["deleted"]:
            return place
    raise Refusal("ARGUMENT_VALIDATION_ERROR", "Order line not found.")


def _package_status(rows: list[Json], parcels: list[Json]) -> str:
    open_rows = {row["id"] for row in rows if row["status"] not in _GONE}
    if not open_rows:
        return "CANCELLED"
    states = {each["orderPackageFulfillStatus"] for each in parcels}
    packed = {line for each in parcels for line in each["orderLineItemIds"]}
    if not states:
        return "UNFULFILLED"
    whole = open_rows <= packed and len(states) == 1
    state = states.pop() if len(states) == 1 else "FULFILLED"
    partial = {"READY_FOR_SHIPMENT", "FULFILLED", "DELIVERED"}
    return str(state) if whole or state not in partial else f"PARTIALLY_{state}"
