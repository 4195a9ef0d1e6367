"""What the mappings of orders, claims and products share."""

from kopru.model import Finding, Severity
from kopru_trendyol.texts import TEXTS

NAMESPACE = "trendyol"
"""Under this name a document's ``extras`` hold what only Trendyol knows."""


def readable(text: str) -> str:
    """Return a text, or nothing when it has no letter and no digit (Trendyol masks data as ``***``)."""
    return text if any(character.isalnum() for character in text) else ""


def note(code: str, field: str, severity: Severity = Severity.WARNING, **values: object) -> Finding:
    """Return a finding with its text filled."""
    return Finding(code=code, message=TEXTS.text(code, **values), field=field, severity=severity)


def error(code: str, field: str, **values: object) -> Finding:
    """Return a finding that stops its record."""
    return note(code, field, Severity.ERROR, **values)
