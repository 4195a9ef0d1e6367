"""One clock for everything: the database's, the remotes' and the monotonic ones of the processes."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class Clock:
    """Time that moves only when it is told to. Also stands in for the module ``time``."""

    def __init__(self):
        self.seconds = 1000.0

    @property
    def now(self):
        return START + timedelta(seconds=self.seconds - 1000.0)

    def monotonic(self):
        return self.seconds

    def move(self, seconds):
        self.seconds += seconds
