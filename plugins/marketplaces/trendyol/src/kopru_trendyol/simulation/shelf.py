"""The packages: as they are, and as readers see them, which may be a little later."""

import json
import time
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal

from kopru_trendyol.simulation.make import Json

Key = tuple[int, int]
"""Time of the last change in milliseconds, and package id: the order in which packages are listed."""

_LAST_ID = 1 << 70


class Shelf:
    """All packages of the seller, found by id, order number and time of change.

    A stored package is never altered in place; a change stores a new version.
    """

    def __init__(self, lag: Callable[[], float], dress: Callable[[Json], Json]) -> None:
        """Take the seconds until a change can be read, and what to do to a package before it is written."""
        self.live: dict[int, Json] = {}
        self._lag = lag
        self._dress = dress
        self._pending: deque[tuple[float, Json]] = deque()
        self._seen: dict[int, Json] = {}
        self._bytes: dict[int, bytes] = {}
        self._keys: list[Key] = []
        self._awaiting: list[Key] = []
        self._by_order: dict[str, set[int]] = {}
        self._by_tracking: dict[str, int] = {}
        self._odd: list[Json] = []

    def put(self, package: Json) -> None:
        """Store a package, or its new version."""
        self.live[package["shipmentPackageId"]] = package
        self._by_tracking[str(package["cargoTrackingNumber"])] = package["shipmentPackageId"]
        if self._lag() or self._pending:
            self._pending.append((time.time(), package))
        else:
            self._show(package)

    def put_odd(self, package: Json) -> None:
        """Show a row as it is, whatever is wrong with it; it stands before all others on every first page."""
        self._odd.append(package)

    def publish(self) -> None:
        """Let readers see what is old enough."""
        limit = time.time() - self._lag()
        while self._pending and self._pending[0][0] <= limit:
            self._show(self._pending.popleft()[1])

    def refresh(self) -> None:
        """Forget how packages are written, after the way of writing has changed."""
        self._bytes.clear()

    def seen(self, package_id: int) -> Json | None:
        """Return a package as readers see it."""
        return self._seen.get(package_id)

    def of_tracking(self, tracking: str) -> Json | None:
        """Return the package of a cargo number as it is."""
        package_id = self._by_tracking.get(tracking)
        return None if package_id is None else self.live[package_id]

    def of_order(self, number: str) -> list[Key]:
        """Return the packages of an order, the newest change first."""
        return sorted((self._key(self._seen[each]) for each in self._by_order.get(number, ())), reverse=True)

    def with_status(self, since: int, until: int, status: str) -> list[Key]:
        """Return the packages of one status, the newest change first; the only way to unpaid ones."""
        index = self._awaiting if status == "Awaiting" else self._keys
        start, end = _range(index, since, until)
        return [key for key in reversed(index[start:end]) if self._seen[key[1]]["status"] == status]

    def page(self, since: int, until: int, skip: int, size: int, *, newest_first: bool) -> list[Key]:
        """Return some of the paid packages changed in a window."""
        start, end = _range(self._keys, since, until)
        if newest_first:
            return self._keys[max(start, end - skip - size) : max(start, end - skip)][::-1]
        return self._keys[min(end, start + skip) : min(end, start + skip + size)]

    def count(self, since: int, until: int) -> int:
        """Return how many paid packages changed in a window."""
        start, end = _range(self._keys, since, until)
        return end - start

    def before(self, key: Key, since: int, size: int) -> Sequence[Key]:
        """Return up to ``size`` paid packages older than a key and not older than a time, newest first."""
        end = bisect_left(self._keys, key)
        start = max(bisect_left(self._keys, (since, -1)), end - size)
        return self._keys[start:end][::-1]

    def write(self, keys: Sequence[Key], *, first: bool, doubled: bool = False) -> bytes:
        """Return packages as a JSON list."""
        parts = [self._written(package_id) for _, package_id in keys]
        if doubled:
            parts = parts[:1] + parts
        if first:
            parts = [encode(package) for package in self._odd] + parts
        return b"[" + b",".join(parts) + b"]"

    def _written(self, package_id: int) -> bytes:
        found = self._bytes.get(package_id)
        if found is None:
            found = self._bytes[package_id] = encode(self._dress(self._seen[package_id]))
        return found

    def _show(self, package: Json) -> None:
        package_id = package["shipmentPackageId"]
        old = self._seen.get(package_id)
        if old is not None:
            index = self._index(old)
            del index[bisect_left(index, self._key(old))]
        self._seen[package_id] = package
        self._bytes.pop(package_id, None)
        insort(self._index(package), self._key(package))
        self._by_order.setdefault(package["orderNumber"], set()).add(package_id)

    def _index(self, package: Json) -> list[Key]:
        return self._awaiting if package["status"] == "Awaiting" else self._keys

    @staticmethod
    def _key(package: Json) -> Key:
        return package["lastModifiedDate"], package["shipmentPackageId"]


def _range(index: list[Key], since: int, until: int) -> tuple[int, int]:
    start = bisect_left(index, (since, -1))
    return start, max(start, bisect_right(index, (until, _LAST_ID)))


def encode(data: object) -> bytes:
    """Return JSON as Trendyol writes it: amounts are numbers."""
    return json.dumps(data, default=_number, ensure_ascii=False).encode("utf-8", errors="surrogatepass")


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
