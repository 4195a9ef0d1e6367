"""The simulated Hepsiburada's own time."""

import time


class Clock:
    """Runs like the machine's clock, but may start elsewhere and be moved on by hand."""

    def __init__(self) -> None:
        """Start at the machine's time."""
        self._offset = 0.0

    def now(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + self._offset

    def now_ms(self) -> int:
        """Return milliseconds since the epoch."""
        return int(self.now() * 1000)

    def start_at(self, seconds: float) -> None:
        """Put the clock to a time."""
        self._offset = seconds - time.time()

    def advance(self, seconds: float) -> None:
        """Move the clock on."""
        self._offset += seconds
