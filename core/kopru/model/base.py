"""What every canonical document has in common."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from kopru.model.text import Text


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("a number must be finite")
    return value


def _printable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("a text must not contain NUL")
    return value


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_utc)]
Number = Annotated[Decimal, AfterValidator(_finite)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_printable)]
Id = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
Extras = Mapping[str, JsonValue]


class Canonical(BaseModel):
    """A frozen document that crosses the plugin border.

    Amounts are ``Decimal`` in the document's currency, times are aware and stored in UTC.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    def to_json(self) -> dict[str, Any]:
        """Return the document as JSON data with stable keys; numbers are strings."""
        return self.model_dump(mode="json", exclude_defaults=True)


class ExternalRef(Canonical):
    """A record in a remote system: its kind there and its id, unique within one connection."""

    kind: Id
    id: Id


class Severity(StrEnum):
    """How much a finding matters: an error stops the record, a warning is shown, info is kept."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(Canonical):
    """One thing that is wrong with one field of one record.

    ``code`` is stable and dotted (``trendyol.order.unknown_status``); ``field`` is a path into the
    record (``lines[2].vat_rate``) or empty when the record as a whole is meant.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-zA-Z0-9_-]+)+$")]
    message: Text
    field: str = ""
    severity: Severity = Severity.ERROR
    detail: str = Field(default="", max_length=4000)

    @property
    def blocks(self) -> bool:
        """Whether the record must not go on."""
        return self.severity is Severity.ERROR
