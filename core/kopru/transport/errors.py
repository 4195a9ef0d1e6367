"""What the transport raises besides the contract's errors."""

from kopru.hooks.dry_run import PlannedCall, PlannedRequest
from kopru.hooks.errors import TransientError
from kopru.transport.texts import TEXTS

__all__ = ["LeaseLost", "PlannedCall", "PlannedRequest"]


class LeaseLost(TransientError):
    """The job belongs to somebody else by now; nothing was sent."""

    counts = False
    default = TEXTS["http.lease_lost"]

    def __init__(self, detail: str = "") -> None:
        """Take what the guard found."""
        super().__init__("http.lease_lost", detail=detail)
