"""What ikas's problems mean. Most come inside answers with status 200.

A document ikas cannot validate is a setting that does not fit the shop's schema. Such calls count towards a
ban, so the job waits for the operator instead of trying again.
"""

import re

from kopru.model import Finding
from kopru.sdk import AuthError, ConfigError, Conflict, ConnectorError, Rejected, TransientError
from kopru.toolkit.graphql import Problem
from kopru_ikas.texts import TEXTS

PACKAGED = "ikas.order.packaged"

_KINDS: dict[str, tuple[type[ConnectorError], str]] = {
    "LOGIN_REQUIRED": (AuthError, "ikas.login.required"),
    "UNAUTHENTICATED": (AuthError, "ikas.login.required"),
    "UNAUTHORIZED": (ConfigError, "ikas.scope.missing"),
    "FORBIDDEN": (ConfigError, "ikas.scope.missing"),
    "GRAPHQL_VALIDATION_FAILED": (ConfigError, "ikas.query.refused"),
    "GRAPHQL_PARSE_FAILED": (ConfigError, "ikas.query.refused"),
    "INTERNAL_SERVER_ERROR": (TransientError, "ikas.server"),
    "ORDER_LINE_IS_ALREADY_PACKAGED": (Conflict, PACKAGED),
    "ORDER_NOT_ELIGIBLE_FOR_UPDATE": (Rejected, "ikas.order.closed"),
    "ARGUMENT_VALIDATION_ERROR": (Rejected, "ikas.argument"),
}
"""By code, the weightiest first: of several problems the first kind named here decides."""

_UNKNOWN_FIELD = re.compile(r'Cannot query field "(\w{1,60})"')
_LONGEST = 300


def explain(problems: tuple[Problem, ...]) -> ConnectorError:
    """Return what the problems of an answer mean."""
    words = "; ".join(problem.message or problem.code for problem in problems)[:_LONGEST]
    codes = {problem.code for problem in problems}
    kind, code = next((_KINDS[each] for each in _KINDS if each in codes), (Rejected, "ikas.rejected"))
    field = _UNKNOWN_FIELD.search(words)
    if kind is ConfigError and field:
        text = TEXTS.text("ikas.query.unknown_field", field=field[1])
        return ConfigError("ikas.query.unknown_field", text, detail=words, field="left_out_fields")
    text = TEXTS.text(code, reason=words or "?")
    if kind is Rejected:
        return Rejected(code, text, findings=_findings(code, problems), detail=words)
    return kind(code, text, detail=words)


def _findings(code: str, problems: tuple[Problem, ...]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=code,
            message=TEXTS.text(code, reason=problem.message or problem.code or "?"),
            field=problem.path,
            detail=f"{problem.code}: {problem.message}"[:_LONGEST],
        )
        for problem in problems
    )
