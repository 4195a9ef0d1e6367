"""Nilvera's error bodies, read into the engine's errors.

A refusal is ``{"Message": …, "Errors": [{"Code": int, "Description": …, "Detail": …}]}``. Lists of such
entries and the ``ProblemDetails`` form of the framework behind the API are read too. The number decides, not
the HTTP status: 409 also stands for a wrong tax number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kopru.model import ExternalRef, Finding, Text
from kopru.sdk import AuthError, Conflict, ConnectorError, Explain, Rejected, Response
from kopru_nilvera.codes import ETTN_EXISTS, MUST_BE_E_ARCHIVE, MUST_BE_E_INVOICE, REFUSALS, SENT_BEFORE
from kopru_nilvera.texts import TEXTS

_LEFT_TO_STATUS = frozenset({408, 425, 429})
_LONGEST = 1000
_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of a refusal. ``code`` is 0 when Nilvera gave none."""

    code: int
    description: str = ""
    detail: str = ""

    @property
    def words(self) -> str:
        """Return what Nilvera says about it."""
        return " – ".join(part for part in (self.description, self.detail) if part)

    def __str__(self) -> str:
        return f"{self.code}: {self.words}" if self.code else self.words


def explain(response: Response) -> ConnectorError | None:
    """Return the error a refusal stands for, ``None`` to let the HTTP status speak."""
    return _error(response, None)


def explain_for(ref: ExternalRef) -> Explain:
    """Return an ``explain`` that names ``ref`` as the existing record when its ETTN is taken."""
    return lambda response: _error(response, ref)


def problems_of(response: Response) -> tuple[Problem, ...]:
    """Return the entries of an error body; none when it cannot be read as one."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return ()
    return tuple(islice(_problems(body), _MOST_PROBLEMS))


def _problems(body: Any) -> Iterator[Problem]:
    if isinstance(body, list):
        for entry in body:
            yield from _problems(entry)
    elif isinstance(body, dict):
        errors = body.get("Errors", body.get("errors"))
        if isinstance(errors, list):
            yield from _problems(errors)
        elif isinstance(errors, dict):
            for field, words in errors.items():
                yield Problem(0, str(field)[:200], _joined(words))
        elif problem := _single(body):
            yield problem


def _single(entry: dict[str, Any]) -> Problem | None:
    problem = Problem(
        _number(entry.get("Code", entry.get("code"))),
        _text(entry.get("Description") or entry.get("Message") or entry.get("title")),
        _text(entry.get("Detail") or entry.get("detail")),
    )
    return problem if problem.code or problem.words else None


def _number(value: Any) -> int:
    try:
        return int(str(value)[:9])
    except ValueError:
        return 0


def _text(value: Any) -> str:
    return str(value).replace("\x00", "").strip()[:_LONGEST] if isinstance(value, str | int) else ""


def _joined(words: Any) -> str:
    return "; ".join(_text(word) for word in words)[:_LONGEST] if isinstance(words, list) else _text(words)


def _error(response: Response, ref: ExternalRef | None) -> ConnectorError | None:
    status = response.status
    if status >= 500 or status in _LEFT_TO_STATUS:
        return None
    problems = problems_of(response)
    if status == 401:
        return AuthError("nilvera.key_refused", TEXTS["nilvera.key_refused"], detail=_detail(problems))
    if status == 403:
        code = "nilvera.key_lacks_permission"
        return AuthError(code, TEXTS[code], detail=_detail(problems))
    known = _decisive(problems)
    if known is not None:
        return _known(known, problems, ref)
    return _unknown(status, problems) if problems else None


def _decisive(problems: tuple[Problem, ...]) -> Problem | None:
    known = [problem for problem in problems if problem.code in REFUSALS]
    sent_before = [problem for problem in known if problem.code in SENT_BEFORE]
    return next(iter(sent_before or known), None)


def _known(problem: Problem, problems: tuple[Problem, ...], ref: ExternalRef | None) -> ConnectorError:
    kind, code = REFUSALS[problem.code]
    detail = _detail(problems)
    if issubclass(kind, Rejected):
        return Rejected(code, TEXTS[code], findings=_findings(problems, code), detail=detail)
    if issubclass(kind, Conflict):
        existing = ref if problem.code == ETTN_EXISTS else None
        return Conflict(code, TEXTS[code], existing=existing, detail=detail)
    return kind(code, TEXTS[code], detail=detail)


def _unknown(status: int, problems: tuple[Problem, ...]) -> ConnectorError:
    detail = _detail(problems)
    if status == 409:
        code = "nilvera.record_exists"
        return Conflict(code, TEXTS[code], detail=detail)
    if status == 400:
        code = "nilvera.invalid_request"
        return Rejected(code, TEXTS[code], findings=_findings(problems, code), detail=detail)
    code = "nilvera.not_found" if status == 404 else "nilvera.refused"
    text = TEXTS.text(code, reason=problems[0].words or str(problems[0].code))
    return Rejected(code, text, findings=_findings(problems, code), detail=detail)


def _findings(problems: tuple[Problem, ...], fallback: str) -> tuple[Finding, ...]:
    return tuple(_finding(problem, fallback) for problem in problems)


def _finding(problem: Problem, fallback: str) -> Finding:
    code = _finding_code(problem, fallback)
    words = problem.words or str(problem.code)
    text = TEXTS.text(code, reason=words)
    if words not in text.tr:
        text = Text(tr=f"{text.tr} (Nilvera: {words})", en=f"{text.en} (Nilvera: {words})")
    field = problem.description[:200] if code == "nilvera.invalid_request" else ""
    return Finding(code=code, message=text, field=field, detail=str(problem))


def _finding_code(problem: Problem, fallback: str) -> str:
    if problem.code in MUST_BE_E_ARCHIVE:
        return "nilvera.wrong_channel.needs_e_archive"
    if problem.code in MUST_BE_E_INVOICE:
        return "nilvera.wrong_channel.needs_e_invoice"
    if problem.code in REFUSALS:
        return REFUSALS[problem.code][1]
    return fallback if fallback == "nilvera.invalid_request" else "nilvera.refused"


def _detail(problems: tuple[Problem, ...]) -> str:
    return "; ".join(str(problem) for problem in problems)[:_LONGEST]
