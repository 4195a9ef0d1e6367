"""What Mikro's refusals mean. They come with HTTP status 200 and a text; there is no list of codes."""

import re
from typing import Any

from kopru.sdk import (
    AuthError,
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    Response,
    TransientError,
)
from kopru.toolkit import rows
from kopru.toolkit.fold import fold
from kopru.toolkit.text import clean, truncate
from kopru_mikro.texts import TEXTS

_LOGIN = re.compile(
    r"(?:sifre|parola|password)\w* (?:\w+ )?(?:hatali|yanlis|gecersiz|uyusm|bos|eksik|incorrect|invalid)"
    r"|(?:hatali|yanlis|gecersiz|invalid|wrong) (?:sifre|parola|password)"
    r"|api ?key|kullanici (?:kodu|adi)\b.*(?:hatali|gecersiz|bulunam|tanimli degil)"
)
_LICENCE = re.compile(
    r"^\W*(?:\w+ )?lisans|lisans\w* (?:\w+ )?(?:sure|sayi|gecersiz|bulunam|yok|dol)|licen[cs]e"
)
_LOCKED = re.compile(r"deadlock|kilitlen")
_PASSING = re.compile(
    r"time ?-?out|zaman asimi|baglanti\w* (?:\w+ )?(?:kop|kur|hata|kes|sagla|acil)|connection"
)
# Texts may quote codes and names of cards, so that a word alone ("lisans", "bağlantı") says nothing.


def explain(response: Response) -> ConnectorError | None:
    """Explain an HTTP status: an address nobody serves means another version or path, not missing data."""
    if response.status in (404, 405):
        return ConfigError("mikro.method", TEXTS["mikro.method"], field="version")
    return None


def data_of(answer: Any, *, write: bool) -> Any:
    """Return what a successful answer carries.

    Raises:
        ConnectorError: the answer is a refusal, or no answer as documented.
    """
    entry = _entry(answer)
    try:
        said = truncate(clean(rows.text(entry, "ErrorMessage")), 500)
        refused = said or rows.flag(entry, "IsError") or rows.integer(entry, "StatusCode", 200) != 200
        known = "IsError" in entry or "StatusCode" in entry
    except ValueError as error:
        raise unreadable(str(error), write=write) from error
    if not known:
        raise unreadable("neither IsError nor StatusCode", write=write)
    if refused:
        raise meaning(said or f"StatusCode {entry.get('StatusCode')}", write=write)
    return entry.get("Data")


def meaning(said: str, *, write: bool) -> ConnectorError:
    """Return the error a refusal's text stands for."""
    folded = fold(said)
    if _LICENCE.search(folded):
        return ConfigError("mikro.licence", TEXTS.text("mikro.licence", text=said), detail=said)
    if _LOGIN.search(folded):
        return AuthError("mikro.login", TEXTS.text("mikro.login", text=said), detail=said)
    if _LOCKED.search(folded):
        return TransientError("mikro.busy", TEXTS["mikro.busy"], detail=said)
    if _PASSING.search(folded):
        kind = OutcomeUnknown if write else TransientError
        return kind("mikro.busy", TEXTS["mikro.busy"], detail=said)
    return Rejected("mikro.rejected", TEXTS.text("mikro.rejected", text=said), detail=said)


def unreadable(detail: str, *, write: bool = False) -> ConnectorError:
    """Return the error for an answer of another shape than documented."""
    kind = OutcomeUnknown if write else TransientError
    return kind("mikro.answer", TEXTS["mikro.answer"], detail=detail[:300])


def _entry(answer: Any) -> rows.Row:
    """Return the one entry of ``result``; anything else holds nothing that can be read."""
    result = answer.get("result") if isinstance(answer, dict) else None
    if isinstance(result, list) and len(result) == 1 and isinstance(result[0], dict):
        return result[0]
    return {}
