"""Products, and batches of stock and prices."""

import hashlib
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kopru.testing.truth import Truth
from kopru.testing.world import WorldItem
from kopru_trendyol.simulation import make
from kopru_trendyol.simulation.clock import Clock
from kopru_trendyol.simulation.make import Json

IDENTICAL_BAN = 15 * 60
KEPT = 4 * 3600
MOST_STOCK = 20_000


@dataclass
class Batch:
    """A batch: its items, when it will be worked off, and what became of each item."""

    id: str
    items: list[Json]
    created: float
    due: float
    reasons: list[list[str]] | None = None


class Stock:
    """The seller's products and what was done to their stock and prices."""

    def __init__(self, clock: Clock, truth: Truth) -> None:
        """Take the clock and the log of what happened."""
        self.contents: list[Json] = []
        self.variants: dict[str, Json] = {}
        self.delay = 0.0
        self.set_by: dict[str, str] = {}
        self.priced_by: dict[str, str] = {}
        self._clock = clock
        self._truth = truth
        self._batches: dict[str, Batch] = {}
        self._open: list[Batch] = []
        self._recent: dict[bytes, float] = {}

    def add(self, item: WorldItem) -> None:
        """Sell an item."""
        if item.barcode not in self.variants:
            content = make.content(item, self._clock.now_ms())
            self.contents.append(content)
            self.variants[item.barcode] = content["variants"][0]

    def is_repeated(self, body: bytes) -> bool:
        """Whether the same request came within the last fifteen minutes; it is remembered if not."""
        digest, now = hashlib.sha256(body).digest(), self._clock.now()
        if now - self._recent.get(digest, -IDENTICAL_BAN) < IDENTICAL_BAN:
            return True
        self._recent[digest] = now
        return False

    def accept(self, items: list[Json]) -> str:
        """Take a batch and return its id; it is worked off after the delay."""
        now = self._clock.now()
        batch = Batch(f"{uuid.uuid4()}-{int(now)}", items, now, now + self.delay)
        self._batches[batch.id] = batch
        self._open.append(batch)
        self._truth.note("batch.accepted", id=batch.id, items=len(items))
        self.settle()
        return batch.id

    def settle(self) -> None:
        """Work off the batches that are due."""
        now = self._clock.now()
        for batch in [batch for batch in self._open if batch.due <= now]:
            self._open.remove(batch)
            batch.reasons = [self._apply(batch.id, item) for item in batch.items]

    def report(self, batch_id: str) -> Json | None:
        """Return a batch's state, without a status of its own as for all stock and price batches."""
        batch = self._batches.get(batch_id)
        if batch is None or self._clock.now() - batch.created > KEPT:
            return None
        reasons = batch.reasons
        return {
            "batchRequestId": batch.id,
            "items": [
                {
                    "requestItem": item,
                    "status": "IN_PROGRESS" if reasons is None else "FAILED" if reasons[n] else "SUCCESS",
                    "failureReasons": [] if reasons is None else reasons[n],
                }
                for n, item in enumerate(batch.items)
            ],
            "creationDate": int(batch.created * 1000),
            "lastModification": self._clock.now_ms(),
            "sourceType": "API",
            "itemCount": len(batch.items),
            "failedItemCount": sum(1 for each in reasons or () if each),
            "batchRequestType": "ProductInventoryUpdate",
        }

    def _apply(self, batch_id: str, item: Json) -> list[str]:
        reasons = self._faults(item)
        if reasons:
            return reasons
        barcode = item["barcode"]
        variant = self.variants[barcode]
        if "quantity" in item:
            variant["stock"]["quantity"] = item["quantity"]
            self.set_by[barcode] = batch_id
            self._truth.note("stock.set", id=batch_id, reference=barcode, quantity=str(item["quantity"]))
        if "salePrice" in item:
            variant["price"] |= {"salePrice": item["salePrice"], "listPrice": item["listPrice"]}
            self.priced_by[barcode] = batch_id
            self._truth.note("price.set", id=batch_id, reference=barcode, price=str(item["salePrice"]))
        variant["sellerModifiedDate"] = self._clock.now_ms()
        return []

    def _faults(self, item: Json) -> list[str]:
        variant = self.variants.get(item.get("barcode", ""))
        if variant is None:
            return ["Barkod bulunamadı."]
        if variant["locked"] or variant["blacklisted"]:
            return ["Ürün kilitli."]
        quantity = item.get("quantity", 0)
        if not _is_whole(quantity) or not 0 <= quantity <= MOST_STOCK:
            return ["Stok adedi 0 ile 20000 arasında olmalıdır."]
        sale, full = item.get("salePrice", Decimal(1)), item.get("listPrice", Decimal(1))
        if not _is_number(sale) or not _is_number(full) or sale <= 0 or full < sale:
            return ["Liste fiyatı satış fiyatından düşük olamaz."]
        return []


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
