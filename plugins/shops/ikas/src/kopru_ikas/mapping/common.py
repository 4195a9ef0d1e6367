"""What the mappings share."""

from kopru.model import Finding, Severity
from kopru_ikas.texts import TEXTS

NAMESPACE = "ikas"
"""Under this name a document's ``extras`` hold what only ikas knows."""


def note(code: str, field: str, severity: Severity = Severity.WARNING, **values: object) -> Finding:
    """Return a finding with its text filled."""
    return Finding(code=code, message=TEXTS.text(code, **values), field=field, severity=severity)


def error(code: str, field: str, **values: object) -> Finding:
    """Return a finding that stops its record."""
    return note(code, field, Severity.ERROR, **values)


def identity(data: object, index: int) -> str:
    """Return a record's id as far as it has one, else its place on the page."""
    value = data.get("id") if isinstance(data, dict) else None
    return value if isinstance(value, str) and 0 < len(value) <= 200 else f"row#{index}"
