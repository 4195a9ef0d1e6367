"""What the mappings share: findings, times and texts of this connector."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kopru.model import Finding, Severity
from kopru.sdk import Rejected
from kopru.toolkit import dates
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.texts import TEXTS

NAMESPACE = "hepsiburada"
"""Under this name a document's ``extras`` hold what only Hepsiburada knows."""

_UTC = ZoneInfo("UTC")


def note(code: str, field: str, severity: Severity = Severity.WARNING, **values: object) -> Finding:
    """Return a finding with its text filled."""
    return Finding(code=code, message=TEXTS.text(code, **values), field=field, severity=severity)


def error(code: str, field: str, **values: object) -> Finding:
    """Return a finding that stops its record."""
    return note(code, field, Severity.ERROR, **values)


def moment(text: str, config: HepsiburadaConfig) -> datetime | None:
    """Return a time, in UTC; one without offset is Turkish local time unless the settings say otherwise.

    ``None`` when there is none, or .NET's first day of all.
    """
    if not text.strip() or text.startswith("0001-"):
        return None
    try:
        return dates.parse(text, zone=_UTC if config.times_are_utc else dates.ISTANBUL).astimezone(UTC)
    except Rejected:
        return None


def readable(text: str) -> str:
    """Return a text, or nothing when it has no letter and no digit (masked as ``***``)."""
    return text if any(character.isalnum() for character in text) else ""
