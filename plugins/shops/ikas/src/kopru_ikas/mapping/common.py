"""What the mappings share."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import JsonValue

from kopru.model import Canonical, Finding, Severity
from kopru.sdk import Raw
from kopru.toolkit import dates, validation
from kopru_ikas.texts import TEXTS

NAMESPACE = "ikas"
"""Under this name a document's ``extras`` hold what only ikas knows."""

_LONGEST_EXTRA = 500
# An escaped NUL or half surrogate, or the sign that stands for an unreadable byte.
_SUSPICIOUS = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]|\xef\xbf\xbd|\x00")
_ONE = Decimal(1)


def plain(value: Decimal) -> Decimal:
    """Return a number without superfluous zeros and never with an exponent."""
    return value.quantize(_ONE) if value == value.to_integral_value() else value.normalize()


def text_faults(data: object, raw: Raw, prefix: str) -> tuple[Finding, ...]:
    """Return a finding for each text that no document may carry; look closely only where there is cause."""
    try:
        raw.content.decode()
    except UnicodeDecodeError:
        return validation.text_findings(data, prefix=prefix)
    return validation.text_findings(data, prefix=prefix) if _SUSPICIOUS.search(raw.content) else ()


def revision(document: Canonical, modified_at: datetime) -> str:
    """Return a revision that sorts by time and is equal for equal content."""
    content = document.model_dump(mode="json", exclude_defaults=True, exclude={"revision"})
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:16]
    return f"{dates.epoch_ms(modified_at):013d}-{digest}"


def extras(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, JsonValue]:
    """Return the named fields as they came, as far as they are plain values or lists of them."""
    found = {name: _json(data.get(name)) for name in names}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


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


def _json(value: object, depth: int = 3) -> JsonValue:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        number = plain(value)
        return int(number) if number == number.to_integral_value() else f"{number:f}"
    if isinstance(value, str):
        return value[:_LONGEST_EXTRA]
    if isinstance(value, list) and depth:
        return [_json(each, depth - 1) for each in value[:50]]
    if isinstance(value, dict) and depth:
        named = [(name, each) for name, each in value.items() if name.isprintable()][:50]
        return {name: _json(each, depth - 1) for name, each in named}
    return None
