"""A request and an answer as a simulator sees them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class SimRequest:
    """A request as the simulator sees it; header names are lower-case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def param(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return self.query.get(name, [default])[0]

    def json(self) -> Any:
        """Return the body as JSON with exact decimals.

        Raises:
            ValueError: the body is not JSON.
        """
        return json.loads(self.body, parse_float=Decimal)

    def form(self) -> dict[str, str]:
        """Return an urlencoded body."""
        return {
            key: values[0] for key, values in parse_qs(self.body.decode(), keep_blank_values=True).items()
        }


@dataclass(frozen=True, slots=True)
class SimResponse:
    """An answer of the simulator."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Served:
    """One request that was answered or carried out; ``facts`` is how many facts it brought about."""

    method: str
    path: str
    status: int
    facts: int
