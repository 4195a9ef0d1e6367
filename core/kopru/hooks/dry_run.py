"""What happens instead of a write in a dry run."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A request as it would have been sent, already redacted."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


class PlannedRequest(Exception):
    """A write met a dry run. The flow that called the hook shows the request instead of a receipt."""

    def __init__(self, call: PlannedCall) -> None:
        """Take the request that was not sent."""
        self.call = call
        super().__init__(f"dry run: {call.method} {call.url}")
