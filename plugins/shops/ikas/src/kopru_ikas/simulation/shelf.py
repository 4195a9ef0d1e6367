"""The shop's orders: as they are, and as readers see them, which may be a little later."""

import time
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from kopru_ikas.simulation.make import Json

Key = tuple[int, str]
"""A time in milliseconds and an id."""

_BOUNDS: Mapping[str, tuple[int, bool]] = {
    "gte": (0, True),
    "gt": (1, True),
    "lt": (0, False),
    "lte": (1, False),
}


class Shelf:
    """Orders by id and by time of change. A stored order is never altered in place."""

    def __init__(self, lag: Callable[[], float]) -> None:
        """Take the seconds until a change can be read."""
        self.live: dict[str, Json] = {}
        self.seen: dict[str, Json] = {}
        self._lag = lag
        self._pending: deque[tuple[float, Json]] = deque()
        self._keys: list[Key] = []

    def put(self, order: Json) -> None:
        """Store an order, or its new version."""
        self.live[order["id"]] = order
        if self._lag() or self._pending:
            self._pending.append((time.time(), order))
        else:
            self._show(order)

    def publish(self) -> None:
        """Let readers see what is old enough."""
        limit = time.time() - self._lag()
        while self._pending and self._pending[0][0] <= limit:
            self._show(self._pending.popleft()[1])

    def between(self, changed: Mapping[str, Any]) -> range:
        """Return the places of the orders whose time of change passes a filter, the oldest change first."""
        start, end = 0, len(self._keys)
        for name, value in changed.items():
            shift, lower = _BOUNDS[name]
            place = bisect_left(self._keys, (value + shift, ""))
            start, end = (max(start, place), end) if lower else (start, min(end, place))
        return range(start, max(start, end))

    def at(self, place: int) -> Json:
        """Return the order at a place."""
        return self.seen[self._keys[place][1]]

    def _show(self, order: Json) -> None:
        old = self.seen.get(order["id"])
        if old is not None:
            del self._keys[bisect_left(self._keys, (old["updatedAt"], old["id"]))]
        self.seen[order["id"]] = order
        insort(self._keys, (order["updatedAt"], order["id"]))
