"""Customers' returns."""

import uuid
from bisect import insort

from kopru_trendyol.simulation.clock import Clock
from kopru_trendyol.simulation.make import Json


class Claims:
    """All claims, listed by the time they were made, the newest first."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock."""
        self.by_id: dict[str, Json] = {}
        self._order: list[tuple[int, str]] = []
        self._clock = clock
        self._units = 700_000_000

    def open(self, package: Json, line_id: int, units: int, reason: str) -> Json:
        """Make a claim for some units of one line."""
        line = next(line for line in package["lines"] if line["lineId"] == line_id)
        now = self._clock.now_ms()
        claim = {
            "id": str(uuid.uuid4()),
            "orderNumber": package["orderNumber"],
            "orderDate": package["orderDate"],
            "customerFirstName": package["customerFirstName"],
            "customerLastName": package["customerLastName"],
            "claimDate": now,
            "lastModifiedDate": now,
            "cargoTrackingNumber": 7330000000000000 + len(self.by_id),
            "cargoProviderName": "Trendyol Express",
            "orderShipmentPackageId": package["shipmentPackageId"],
            "items": [
                {
                    "orderLine": {
                        "id": line["lineId"],
                        "productName": line["productName"],
                        "barcode": line["barcode"],
                        "merchantSku": line["stockCode"],
                        "price": line["lineUnitPrice"],
                        "vatBaseAmount": line["vatRate"],
                    },
                    "claimItems": [self._unit(reason) for _ in range(units)],
                }
            ],
        }
        self.by_id[str(claim["id"])] = claim
        insort(self._order, (now, str(claim["id"])))
        return claim

    def decide(self, claim_id: str, status: str) -> None:
        """Set the status of all units of a claim."""
        claim = self.by_id[claim_id]
        claim["lastModifiedDate"] = max(self._clock.now_ms(), claim["lastModifiedDate"] + 1)
        for item in claim["items"]:
            for unit in item["claimItems"]:
                unit["claimItemStatus"] = {"name": status}
                unit["resolved"] = status in ("Accepted", "Rejected", "Cancelled")

    def find(self, since: int, until: int, status: str, ids: list[str], number: str) -> list[Json]:
        """Return the claims of a window that pass the filters."""
        found = [self.by_id[each] for made, each in reversed(self._order) if since <= made <= until]
        if ids:
            found = [claim for claim in found if claim["id"] in ids]
        if number:
            found = [claim for claim in found if claim["orderNumber"] == number]
        return [claim for claim in found if not status or status in statuses(claim)]

    def _unit(self, reason: str) -> Json:
        self._units += 1
        return {
            "id": str(uuid.uuid4()),
            "orderLineItemId": self._units,
            "customerClaimItemReason": {"id": 1, "name": reason, "externalReasonId": 1, "code": "OTHER"},
            "trendyolClaimItemReason": {"id": 1, "name": reason, "externalReasonId": 1, "code": "OTHER"},
            "claimItemStatus": {"name": "Created"},
            "note": "",
            "customerNote": "",
            "resolved": False,
            "autoAccepted": False,
            "acceptedBySeller": False,
        }


def statuses(claim: Json) -> set[str]:
    """Return the statuses of a claim's units."""
    return {unit["claimItemStatus"]["name"] for item in claim["items"] for unit in item["claimItems"]}
