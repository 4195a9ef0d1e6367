"""Calling a GraphQL interface: one address, documents with variables, errors inside successful answers."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from kopru.hooks.errors import ConnectorError, OutcomeUnknown, Rejected, TransientError
from kopru.hooks.io import Response
from kopru.hooks.types import Ctx
from kopru.toolkit import records
from kopru.toolkit.texts import TEXTS

C = TypeVar("C", bound=BaseModel)

_WORD = re.compile(r"[{}]|[^\s{}]+")
_LONGEST = 300
_MOST = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of an answer's ``errors``; ``code`` is that of ``extensions``, empty when there is none."""

    code: str
    message: str
    path: str = ""


Explain = Callable[[tuple[Problem, ...]], ConnectorError]
"""Says what the problems of an answer mean."""


def call(
    ctx: Ctx[C],
    path: str,
    document: str,
    variables: Mapping[str, Any],
    *,
    headers: Mapping[str, str],
    explain: Explain,
    write: bool = False,
    listed: str = "",
) -> records.Answer:
    """Send one query or mutation and return its ``data``.

    An answer with problems is never read, not even the part of it that has data. A mutation some of whose
    answer is there was carried out, so that its problems leave the outcome unknown.

    Args:
        ctx: the hook's context.
        path: the interface's address.
        document: the query or mutation.
        variables: its variables; ``Decimal`` is written as a number.
        headers: further headers, the login among them.
        explain: says what the problems of an answer mean.
        write: the document is a mutation: it is sent once, and never in a dry run.
        listed: where below ``data`` the list of records lies, as in ``listOrder.data``.

    Raises:
        TransientError: the answer is no GraphQL answer.
        OutcomeUnknown: the same after a mutation.
        ConnectorError: what ``explain`` returned, or what ``ctx.http`` raised.
    """
    response = ctx.http.request(
        "POST",
        path,
        headers={"accept": "application/json", **headers},
        json={"query": document, "variables": dict(variables)},
        explain=lambda refusal: _refused(refusal, explain),
        safe=not write,
    )
    try:
        answer = records.read(response.content, ("data", *listed.split(".")) if listed else ("data",))
    except Rejected as error:
        raise _unreadable(write, error.detail) from error
    if not isinstance(answer.data, dict):
        raise _unreadable(write, "no object")
    data, found = answer.data.get("data"), problems(answer.data)
    if found:
        raise _error(explain(found), write=write, carried_out=_has_data(data))
    if not isinstance(data, dict):
        raise _unreadable(write, "no data")
    return records.Answer(data, answer.items)


def problems(body: Any) -> tuple[Problem, ...]:
    """Return the problems a body names; whatever else stands in ``errors`` counts as one as well."""
    listed = body.get("errors") if isinstance(body, dict) else None
    if not listed:
        return ()
    entries = listed if isinstance(listed, list) else [listed]
    return tuple(_problem(entry) for entry in entries[:_MOST])


def without(selection: str, names: Collection[str]) -> str:
    """Return a selection without the named fields, wherever they stand, and without what lies in them.

    For systems whose schemas differ between versions. The selection is fields and braces only.
    """
    kept: list[str] = []
    depth = 0
    dropped = False
    for word in _WORD.findall(selection):
        if depth or (dropped and word == "{"):
            depth += {"{": 1, "}": -1}.get(word, 0)
            dropped = False
            continue
        dropped = word in names
        if not dropped:
            kept.append(word)
    return " ".join(kept)


def _refused(response: Response, explain: Explain) -> ConnectorError | None:
    """Explain an error status; limits, logins and faults of the server are told by the status itself."""
    if response.status in (401, 403, 408, 425, 429) or response.status >= 500:
        return None
    try:
        found = problems(records.read(response.content).data)
    except Rejected:
        return None
    return explain(found) if found else None


def _error(error: ConnectorError, *, write: bool, carried_out: bool) -> ConnectorError:
    if write and (carried_out or isinstance(error, TransientError)):
        return OutcomeUnknown(error.code, error.message, detail=error.detail)
    return error


def _has_data(data: Any) -> bool:
    return isinstance(data, dict) and any(value is not None for value in data.values())


def _unreadable(write: bool, detail: str) -> ConnectorError:
    kind = OutcomeUnknown if write else TransientError
    return kind("graphql.answer", TEXTS["graphql.answer"], detail=detail[:_LONGEST])


def _problem(entry: Any) -> Problem:
    if not isinstance(entry, dict):
        return Problem("", _word(entry))
    extensions, path = entry.get("extensions"), entry.get("path")
    return Problem(
        code=_word(extensions.get("code")) if isinstance(extensions, dict) else "",
        message=_word(entry.get("message")),
        path=".".join(_word(part) for part in path[:_MOST]) if isinstance(path, list) else "",
    )


def _word(value: Any) -> str:
    return " ".join(str(value).split())[:_LONGEST] if isinstance(value, str | int) else ""
