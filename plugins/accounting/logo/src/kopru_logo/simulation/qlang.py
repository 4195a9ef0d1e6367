"""The query language of resource lists, as far as it is documented: ``eq``, ``like``, ``and``, ``or``."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from kopru_logo.simulation.shelf import Entry, Shelf

_CONDITION = re.compile(r"\s*(\w+)\s+(eq|like)\s+(?:'([^']*)'|(-?\d+))\s*")
_JOIN = re.compile(r"(and|or)\b")


class BadQuery(Exception):
    """The query cannot be read."""


@dataclass(frozen=True, slots=True)
class _Condition:
    field: str
    pattern: re.Pattern[str] | None
    value: str

    def holds(self, body: dict[str, Any]) -> bool:
        own = str(body.get(self.field) if body.get(self.field) is not None else "").strip().upper()
        return bool(self.pattern.fullmatch(own)) if self.pattern else own == self.value.upper()


def select(query: str, shelf: Shelf, fields: Collection[str]) -> list[Entry]:
    """Return the records a query finds.

    Raises:
        BadQuery: the query is malformed or names an unknown field.
    """
    groups = _parse(query, fields)
    if all(len(group) == 1 and not group[0].pattern and shelf.has_index(group[0].field) for group in groups):
        found = {id(entry): entry for group in groups for entry in shelf.find(group[0].field, group[0].value)}
        return sorted(found.values(), key=lambda entry: int(entry.body["INTERNAL_REFERENCE"]))
    return [
        entry
        for entry in shelf
        if any(all(condition.holds(entry.body) for condition in group) for group in groups)
    ]


def _parse(query: str, fields: Collection[str]) -> list[list[_Condition]]:
    """Return the alternatives of a query, each a list of conditions that hold together."""
    groups: list[list[_Condition]] = [[]]
    place = 0
    while True:
        match = _CONDITION.match(query, place)
        if not match or match[1] not in fields:
            raise BadQuery(query[place : place + 50])
        groups[-1].append(_condition(match))
        place = match.end()
        if place == len(query):
            return groups
        join = _JOIN.match(query, place)
        if not join:
            raise BadQuery(query[place : place + 50])
        if join[1] == "or":
            groups.append([])
        place = join.end()


def _condition(match: re.Match[str]) -> _Condition:
    field, operator = match[1], match[2]
    value = match[3] if match[3] is not None else match[4]
    if operator == "eq":
        return _Condition(field, None, value)
    parts = (re.escape(part) for part in value.upper().split("*"))
    return _Condition(field, re.compile(".*".join(parts)), value)
