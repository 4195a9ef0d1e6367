"""What mappings from a remote's record to a canonical document share. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import JsonValue

from kopru.hooks.types import Raw
from kopru.model import Canonical, Finding
from kopru.model.money import CENT
from kopru.toolkit import dates, validation

_LONGEST_EXTRA = 500
_MOST_EXTRAS = 50
# An escaped NUL or half surrogate, or the sign that stands for an unreadable byte.
_SUSPICIOUS = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]|\xef\xbf\xbd|\x00")
_ONE = Decimal(1)
_FINEST = Decimal("0.0001")


def plain(value: Decimal) -> Decimal:
    """Return a number without superfluous zeros and never with an exponent."""
    return value.quantize(_ONE) if value == value.to_integral_value() else value.normalize()


def money(value: Decimal) -> Decimal:
    """Return an amount in one spelling: two decimals, up to four when it really has them.

    Takes away the noise of binary fractions (``219.89999999999998``), so that equal content stays equal.
    """
    exact = value.quantize(_FINEST)
    rounded = exact.quantize(CENT)
    return rounded if rounded == exact else exact


def text_faults(data: object, raw: Raw, prefix: str) -> tuple[Finding, ...]:
    """Return a finding for each text that no document may carry (see ``validation.text_findings``).

    Looks closely only where the bytes give cause, because nearly no record does.
    """
    try:
        raw.content.decode()
    except UnicodeDecodeError:
        return validation.text_findings(data, prefix=prefix)
    return validation.text_findings(data, prefix=prefix) if _SUSPICIOUS.search(raw.content) else ()


def revision(document: Canonical, modified_at: datetime) -> str:
    """Return a revision that sorts by time and is equal for equal content.

    The content is the mapped document, not the text, so that several ways to one record give one revision.
    """
    content = document.model_dump(mode="json", exclude_defaults=True, exclude={"revision"})
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()[:16]
    return f"{dates.epoch_ms(modified_at):013d}-{digest}"


def extras(data: Mapping[str, Any], names: Iterable[str]) -> dict[str, JsonValue]:
    """Return the named fields as they came, as far as they are plain values or shallow lists of them."""
    found = {name: _json(data.get(name)) for name in names}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _json(value: object, depth: int = 3) -> JsonValue:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        number = plain(value)
        return int(number) if number == number.to_integral_value() else f"{number:f}"
    if isinstance(value, str):
        return value[:_LONGEST_EXTRA]
    if isinstance(value, list) and depth:
        return [_json(each, depth - 1) for each in value[:_MOST_EXTRAS]]
    if isinstance(value, dict) and depth:
        named = [(name, each) for name, each in value.items() if name.isprintable()][:_MOST_EXTRAS]
        return {name: _json(each, depth - 1) for name, each in named}
    return None
