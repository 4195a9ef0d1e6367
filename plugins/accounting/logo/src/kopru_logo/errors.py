"""What Logo's refusals mean. A refusal is HTTP 400 with texts under keys that name their origin."""

import re
from dataclasses import dataclass
from typing import Any

from kopru.model import Finding
from kopru.sdk import (
    AuthError,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Response,
    TransientError,
)
from kopru.toolkit.fold import fold
from kopru.toolkit.text import clean, truncate
from kopru_logo.texts import TEXTS

PERIOD_ID = "202"
"""Validation id of "date outside the fiscal year or period"."""

_PERIOD_TEXT = re.compile(rf"^\W*{PERIOD_ID}\b|\({PERIOD_ID}\)")
_LICENCE = re.compile(r"lisans|licen[cs]e")
_SESSION = re.compile(r"oturum|session|login")
_DEADLOCK = re.compile(r"deadlock|kilitlen")
_TIMEOUT = re.compile(r"time-?out|zaman asimi")
_LICENCE_WAIT = 60.0
_FAMILIES = (
    ("valerror", "logo.validation"),
    ("loerror", "logo.object"),
    ("dberror", "logo.database"),
    ("othererror", "logo.other"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One text of a refusal and the key it stood under."""

    key: str
    text: str

    @property
    def code(self) -> str:
        """Return the stable code of the problem's family."""
        if self.key == PERIOD_ID or (
            self.key.lower().startswith("valerror") and _PERIOD_TEXT.search(self.text)
        ):
            return "logo.period_closed"
        lowered = self.key.lower()
        return next((code for start, code in _FAMILIES if lowered.startswith(start)), "logo.other")

    @property
    def finding(self) -> Finding:
        """Return the problem as a finding; the field is Logo's key."""
        return Finding(code=self.code, message=TEXTS.text(self.code, text=self.text), field=self.key)


def problems(body: Any) -> tuple[Problem, ...]:
    """Return every text of a refusal, whatever key it stands under; the spelling ``LOError:`` counts too."""
    if not isinstance(body, dict):
        return ()
    state = body.get("ModelState")
    found = [
        Problem(str(key).rstrip(": "), truncate(clean(str(each)), 500))
        for key, values in (state.items() if isinstance(state, dict) else ())
        for each in (values if isinstance(values, list) else [values])
        if each is not None and str(each).strip()
    ]
    if not found and isinstance(body.get("Message"), str) and body["Message"].strip():
        found = [Problem("Message", truncate(clean(body["Message"]), 500))]
    return tuple(found)


def explain_read(response: Response) -> ConnectorError | None:
    """Explain the refusal of a read."""
    return _explain(response, write=False)


def explain_write(response: Response) -> ConnectorError | None:
    """Explain the refusal of a write."""
    return _explain(response, write=True)


def explain_login(response: Response) -> ConnectorError | None:
    """Explain a refused login: ``{error, error_description}``."""
    body = response.json()
    if response.status not in (400, 401, 403) or not isinstance(body, dict):
        return None
    error = clean(str(body.get("error") or ""))
    said = truncate(clean(str(body.get("error_description") or error)), 300)
    if _LICENCE.search(fold(said)):
        return _licence(said)
    code = "logo.login.client" if error == "invalid_client" else "logo.login.refused"
    return AuthError(code, TEXTS.text(code, text=said or "?"), detail=f"{error}: {said}"[:300])


def _explain(response: Response, *, write: bool) -> ConnectorError | None:
    if response.status == 401:
        return AuthError("logo.session", TEXTS["logo.session"])
    if response.status != 400:
        return None
    found = problems(response.json())
    if not found:
        return None
    passing = next(filter(None, (_passing(each, write=write) for each in found)), None)
    if passing is not None:
        return passing
    findings = tuple(each.finding for each in found)
    codes = {each.code for each in findings}
    code = "logo.period_closed" if "logo.period_closed" in codes else "logo.rejected"
    said = "; ".join(each.text for each in found)
    return Rejected(
        code, TEXTS.text(code, text=truncate(said, 500)), findings=findings, field=findings[0].field
    )


def _passing(problem: Problem, *, write: bool) -> ConnectorError | None:
    """Return the error of a problem that passes by itself or with a new login, ``None`` for a lasting one."""
    key, said = problem.key.lower(), fold(problem.text)
    if key == "loginerror":
        return AuthError("logo.session", TEXTS["logo.session"], detail=problem.text)
    if key == "loerror" and _LICENCE.search(said):
        return _licence(problem.text)
    if key == "loerror" and _SESSION.search(said):
        return AuthError("logo.session", TEXTS["logo.session"], detail=problem.text)
    if key == "dberror" and _DEADLOCK.search(said):
        return TransientError("logo.database.busy", TEXTS["logo.database.busy"], detail=problem.text)
    if key == "dberror" and _TIMEOUT.search(said):
        kind = OutcomeUnknown if write else TransientError
        return kind("logo.database.busy", TEXTS["logo.database.busy"], detail=problem.text)
    return None


def _licence(said: str) -> RateLimited:
    text = TEXTS.text("logo.licence", text=said)
    return RateLimited("logo.licence", text, retry_after=_LICENCE_WAIT, scope="licence", detail=said)
