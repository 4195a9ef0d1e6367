"""Listings, and uploads of stock and prices."""

import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from kopru.testing.simulator import Held
from kopru.testing.truth import Truth
from kopru_hepsiburada.simulation import make
from kopru_hepsiburada.simulation.clock import Clock
from kopru_hepsiburada.simulation.make import Json
from kopru_hepsiburada.simulation.writes import Refusal

MOST_ROWS = 4000
MOST_WAITING = 5
QUEUE_FULL = "There are too many ongoing/waiting inventory uploads for this merchant."


class Uploads:
    """The merchant's listings and what uploads did to them."""

    def __init__(self, clock: Clock, truth: Truth) -> None:
        """Take the clock and the log of what happened."""
        self.listings: dict[str, Json] = {}
        """By merchant SKU."""
        self.delay = 0.0
        """Seconds until an upload is worked off."""
        self.done_word = "COMPLETED"
        self.range: tuple[Decimal, Decimal] | None = None
        """The lowest and highest price taken."""
        self.errors_as_objects = False
        self.set: dict[tuple[str, str], str] = {}
        self._clock = clock
        self._truth = truth
        self._uploads: dict[str, Json] = {}

    def accept(self, kind: str, rows: Any) -> Json:
        """Take an upload; too many waiting ones are told with status 200."""
        if not isinstance(rows, list) or not rows or len(rows) > MOST_ROWS:
            raise Refusal(400, "InvalidRequest")
        self.settle()
        if sum(upload["errors"] is None for upload in self._uploads.values()) >= MOST_WAITING:
            return {"id": None, "message": QUEUE_FULL}
        now = self._clock.now()
        upload: Json = {
            "id": str(uuid.uuid4()),
            "kind": kind,
            "rows": rows,
            "due": now + self.delay,
            "errors": None,
        }
        self._uploads[upload["id"]] = upload | {"createdAt": make.local(now)}
        self._truth.note("upload.accepted", id=upload["id"], rows=len(rows))
        self.settle()
        return {"id": upload["id"]}

    def settle(self) -> None:
        """Work off the uploads that are due."""
        now = self._clock.now()
        for upload in self._uploads.values():
            if upload["errors"] is None and upload["due"] <= now:
                upload["ranges"] = []
                upload["errors"] = [
                    fault
                    for number, row in enumerate(upload["rows"], start=1)
                    for fault in self._apply(upload, number, row)
                ]

    def report(self, kind: str, upload_id: str) -> Json:
        """Return what became of an upload."""
        self.settle()
        upload = self._uploads.get(upload_id)
        if upload is None or upload["kind"] != kind:
            raise Refusal(404, "NotFound")
        ended = upload["errors"] is not None
        return {
            "id": upload_id,
            "status": self.done_word if ended else "PROCESSING",
            "createdAt": upload["createdAt"],
            "total": len(upload["rows"]),
            "errors": upload["errors"] or [],
            "priceValidations": upload.get("ranges", []),
        }

    def held(self, kind: str) -> list[Held]:
        """Return what was set, by both article numbers together."""
        found = []
        for (set_kind, sku), upload in self.set.items():
            listing = self.listings[sku]
            reference = f"{listing['hepsiburadaSku']}:{sku}"
            if set_kind == kind == "stock-uploads":
                found.append(Held(reference, upload, str(listing["availableStock"])))
            elif set_kind == kind:
                found.append(Held(reference, upload, total=Decimal(listing["price"])))
        return found

    def _apply(self, upload: Json, number: int, row: Json) -> list[Json]:
        sku = str(row.get("merchantSku"))
        listing = self.listings.get(sku)
        if listing is None or listing["hepsiburadaSku"] != row.get("hepsiburadaSku"):
            return [self._fault(number, row, "ListingNotFound")]
        if listing["isLocked"]:
            return [self._fault(number, row, "ListingIsLocked")]
        setter: Callable[[Json, Json], str] = self._set_stock if "availableStock" in row else self._set_price
        fault = setter(listing, row)
        if fault == "OutOfPriceRange" and self.range:
            low, high = self.range
            upload["ranges"].append({"elementNo": number, "minPrice": low, "maxPrice": high})
        if fault:
            return [self._fault(number, row, fault)]
        self.set[upload["kind"], sku] = upload["id"]
        listing["lastUpdateDate"] = make.local(self._clock.now())
        value = row.get("availableStock", row.get("price"))
        self._truth.note("listing.set", id=upload["id"], reference=sku, value=str(value))
        return []

    def _set_stock(self, listing: Json, row: Json) -> str:
        stock = row["availableStock"]
        if not isinstance(stock, int) or stock < 0:
            return "InvalidStock"
        if listing["stockDecreaseDisabled"] and stock < listing["availableStock"]:
            return "DiscountedListingStockDecrease"
        listing["availableStock"] = stock
        return ""

    def _set_price(self, listing: Json, row: Json) -> str:
        price = row.get("price")
        if isinstance(price, bool) or not isinstance(price, int | Decimal) or price <= 0:
            return "InvalidPrice"
        if self.range and not self.range[0] <= price <= self.range[1]:
            listing["isLocked"] = True
            return "OutOfPriceRange"
        if listing["priceIncreaseDisabled"] and price > listing["price"]:
            return "DiscountedListingPriceIncrease"
        listing["price"] = price
        return ""

    def _fault(self, number: int, row: Json, word: str) -> Json:
        names = {name: row.get(name) for name in ("hepsiburadaSku", "merchantSku")}
        return {
            "elementNo": number,
            **names,
            "errors": [{"string": word} if self.errors_as_objects else word],
        }
