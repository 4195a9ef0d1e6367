"""The log handed to plugins."""

from kopru.hooks.io import Log
from kopru.transport.redaction import Redactor


class MaskedLog:
    """Passes events on without secrets and with personal data masked."""

    def __init__(self, log: Log, redactor: Redactor) -> None:
        """Take the engine's log and what to hide."""
        self._log = log
        self._redactor = redactor

    def debug(self, event: str, **fields: object) -> None:
        """Log for developers."""
        self._log.debug(self._redactor.text(event), **self._masked(fields))

    def info(self, event: str, **fields: object) -> None:
        """Log what happened."""
        self._log.info(self._redactor.text(event), **self._masked(fields))

    def warning(self, event: str, **fields: object) -> None:
        """Log what an operator may want to know."""
        self._log.warning(self._redactor.text(event), **self._masked(fields))

    def _masked(self, fields: dict[str, object]) -> dict[str, object]:
        return {name: self._redactor.field(name, value) for name, value in fields.items()}


class NoLog:
    """Drops every event."""

    def debug(self, event: str, **fields: object) -> None:
        """Do nothing."""

    def info(self, event: str, **fields: object) -> None:
        """Do nothing."""

    def warning(self, event: str, **fields: object) -> None:
        """Do nothing."""
