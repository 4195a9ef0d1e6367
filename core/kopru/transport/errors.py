"""What the transport raises besides the contract's errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kopru.hooks.errors import TransientError
from kopru.transport.texts import TEXTS


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A request as it would have been sent, already redacted."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


class PlannedRequest(Exception):
    """A write met a dry run. The flow that called the hook turns it into ``Receipt(PLANNED)``."""

    def __init__(self, call: PlannedCall) -> None:
        """Take the request that was not sent."""
        self.call = call
        super().__init__(f"dry run: {call.method} {call.url}")


class LeaseLost(TransientError):
    """The job belongs to somebody else by now; nothing was sent."""

    counts = False
    default = TEXTS["http.lease_lost"]

    def __init__(self, detail: str = "") -> None:
        """Take what the guard found."""
        super().__init__("http.lease_lost", detail=detail)
