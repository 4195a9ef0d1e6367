"""What the engine supplies to the transport."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kopru.hooks.manifest import Quota


class Limiter(Protocol):
    """Keeps calls within a remote's stated quotas."""

    def acquire(self, scope: str, quota: Quota) -> None:
        """Take one call of a quota; ``scope`` names the connection or account that shares it.

        Raises:
            RateLimited: no call is free now; ``retry_after`` says when to ask again.
        """
        ...

    def penalize(self, scope: str, quota: Quota, retry_after: float | None) -> None:
        """Take note that the remote answered 429 although we stayed within the quota."""
        ...


class Guard(Protocol):
    """Asked as the last act before the first byte of a write leaves."""

    def before_write(self) -> None:
        """Let the write go.

        Raises:
            LeaseLost: the job is no longer ours; nothing is sent.
        """
        ...


class Circuit(Protocol):
    """Rests a remote that does not answer. Only whether an answer came counts, not what it said."""

    def admit(self, seconds: float) -> None:
        """Let a call of so many seconds go.

        Raises:
            CircuitOpen: the remote rests, or somebody else is trying whether it is back.
        """
        ...

    def failed(self, code: str) -> None:
        """Note that no answer came; ``code`` says why."""
        ...

    def answered(self) -> None:
        """Note that the remote is there."""
        ...


class Recorder(Protocol):
    """Keeps what was said, already redacted."""

    def record(self, exchange: "Exchange") -> None:
        """Keep one exchange. Must not raise."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, free of secrets and with personal data masked.

    ``status`` is ``None`` when no answer came; then ``error`` says why. ``sent`` tells whether bytes of the
    request may have left. Times are in seconds, sizes in bytes; bodies are cut.
    """

    connection: UUID | None
    method: str
    url: str
    started_at: datetime
    seconds: float
    sent: bool
    status: int | None = None
    error: str = ""
    request_size: int = 0
    response_size: int = 0
    request_headers: Mapping[str, str] = field(default_factory=dict)
    response_headers: Mapping[str, str] = field(default_factory=dict)
    request_body: str = ""
    response_body: str = ""


class NoCircuit:
    """Lets every call go; for tools and tests of other things."""

    def admit(self, seconds: float) -> None:
        """Do nothing."""

    def failed(self, code: str) -> None:
        """Do nothing."""

    def answered(self) -> None:
        """Do nothing."""


class NoGuard:
    """Lets every write go; for tools that hold no lease."""

    def before_write(self) -> None:
        """Do nothing."""
