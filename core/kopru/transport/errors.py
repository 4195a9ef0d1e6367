"""What the transport raises besides the contract's errors."""

from kopru.hooks.dry_run import PlannedCall, PlannedRequest
from kopru.hooks.errors import TransientError
from kopru.transport.texts import TEXTS

__all__ = ["CIRCUIT_OPEN", "CircuitOpen", "LeaseLost", "PlannedCall", "PlannedRequest"]


class LeaseLost(TransientError):
    """The job belongs to somebody else by now; nothing was sent."""

    counts = False
    default = TEXTS["http.lease_lost"]

    def __init__(self, detail: str = "") -> None:
        """Take what the guard found."""
        super().__init__("http.lease_lost", detail=detail)


CIRCUIT_OPEN = "circuit.open"


class CircuitOpen(TransientError):
    """The remote did not answer lately and rests for ``seconds``; nothing was sent."""

    counts = False
    default = TEXTS[CIRCUIT_OPEN]

    def __init__(self, seconds: float) -> None:
        """Take the seconds to wait."""
        self.seconds = seconds
        super().__init__(CIRCUIT_OPEN)
