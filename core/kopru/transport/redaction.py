"""Takes secrets and personal data out of everything that is logged, recorded or shown.

Secrets go by three ways: header and field names, exact values (every secret of the config wherever it
appears, also URL-encoded or in base64), and what a plugin puts into a basic or bearer header. Personal data
is masked, not removed: enough stays to tell two records apart.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretBytes, SecretStr

from kopru.hooks.errors import ConnectorError
from kopru.hooks.types import Credentials
from kopru.model import Text
from kopru.toolkit.taxnumbers import is_tckn, is_vkn

E = TypeVar("E", bound=ConnectorError)

HIDDEN = "[secret]"

_SHORTEST_SECRET = 4
_LONGEST_FIELD = 4_000
_OVERLAP = 4_096
"""How much more is redacted than is kept."""
_HIDDEN_NAME = (
    r"(?:[\w.-]*(?:token|secret|passw(?:or)?d|passwd|parola|sifre|şifre|api[_-]?key|apikey|private[_-]?key"
    r"|authorization|credential|signature|session[_-]?id|client[_-]?assertion)[\w.-]*|pwd|pass|pin|otp|jwt)"
)
_HIDDEN_HEADER = re.compile(
    r"authorization|cookie|token|secret|api-?key|password|session|signature|credential", re.IGNORECASE
)
_MASKED_NAME = (
    r"(?:tckn|vkn|tc_?kimlik(?:_?no)?|identity_?number|national_?id|tax_?(?:number|id)|vergi_?no|phone(?:_?number)?"
    r"|telefon|gsm|mobile|e_?mail|eposta)"
)
_JSON_VALUE = r'("(?:[^"\\]|\\.)*(?:"|$)|-?\d[\d.eE+-]*)'


_HIDDEN_FIELD = re.compile(_HIDDEN_NAME, re.IGNORECASE)


def _json_field(name: str) -> re.Pattern[str]:
    return re.compile(rf'("{name}"\s*:\s*){_JSON_VALUE}', re.IGNORECASE)


def _xml_field(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<(?:\w+:)?{name}(?:\s[^<>]*)?>)([^<]+)", re.IGNORECASE)


def _form_field(name: str) -> re.Pattern[str]:
    return re.compile(rf"((?:^|[?&\s]){name}=)([^&\s\"'<>]+)", re.IGNORECASE)


_HIDDEN_JSON, _HIDDEN_XML, _HIDDEN_FORM = (
    make(_HIDDEN_NAME) for make in (_json_field, _xml_field, _form_field)
)
_PERSONAL_JSON, _PERSONAL_XML, _PERSONAL_FORM = (
    make(_MASKED_NAME) for make in (_json_field, _xml_field, _form_field)
)
_LOGIN_WORD = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{4,}", re.IGNORECASE)
_EMAIL = re.compile(r"\b([\w.+-])[\w.+-]{0,63}(@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+?90[\s().-]*|0[\s().-]*)?5\d{2}[\s().-]*\d{3}[\s.-]*\d{2}[\s.-]*\d{2}(?!\w)"
)
_NUMBER = re.compile(r"(?<![\w.])\d{10,11}(?![\w])")


def mask_text(text: str) -> str:
    """Mask e-mail addresses, Turkish mobile numbers, VKN and TCKN in a text.

    A number of ten or eleven digits is masked when its check digits are right, or when a field name says
    what it is; order numbers of the same length stay readable.
    """
    text = _PERSONAL_JSON.sub(_mask_json, text)
    text = _PERSONAL_XML.sub(lambda match: match[1] + mask(match[2]), text)
    text = _PERSONAL_FORM.sub(lambda match: match[1] + mask(match[2]), text)
    text = _EMAIL.sub(r"\1***\2", text)
    text = _PHONE.sub(lambda match: mask(match[0]), text)
    return _NUMBER.sub(
        lambda match: mask(match[0]) if is_tckn(match[0]) or is_vkn(match[0]) else match[0], text
    )


def mask(value: str) -> str:
    """Return a value with everything but its first and last two characters starred; short ones wholly."""
    return f"{value[:2]}{'*' * (len(value) - 4)}{value[-2:]}" if len(value) > 6 else "*" * len(value)


class Redactor:
    """Removes one connection's secrets and masks personal data."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Take the secret values; values under four characters are found by their field name only."""
        spellings = {
            each for secret in secrets if len(secret) >= _SHORTEST_SECRET for each in _spellings(secret)
        }
        ordered = sorted(spellings, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """Return a text without secrets and with personal data masked."""
        return mask_text(self.secrets(text))

    def secrets(self, text: str) -> str:
        """Return a text without secrets."""
        if self._secrets is not None:
            text = self._secrets.sub(HIDDEN, text)
        text = _HIDDEN_JSON.sub(rf'\1"{HIDDEN}"', text)
        text = _HIDDEN_XML.sub(rf"\1{HIDDEN}", text)
        text = _HIDDEN_FORM.sub(rf"\1{HIDDEN}", text)
        return _LOGIN_WORD.sub(rf"\1 {HIDDEN}", text)

    def field(self, name: str, value: object) -> object:
        """Return a named value of a log event without secrets; what is not plain data becomes text."""
        if _HIDDEN_FIELD.fullmatch(name):
            return HIDDEN
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {str(key): self.field(str(key), each) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.field("", each) for each in value]
        return self.start(str(value), limit=_LONGEST_FIELD)

    def error(self, error: E) -> E:
        """Take the secrets out of an error's texts, in place, and return it."""
        message = Text(tr=self._message(error.message.tr), en=self._message(error.message.en))
        detail = self.start(error.detail, limit=_LONGEST_FIELD)
        if (message, detail) != (error.message, error.detail):
            error.message, error.detail = message, detail
            error.args = (f"{error.code}: {message.en}" + (f" ({detail})" if detail else ""),)
        return error

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without secrets; names are lower-case."""
        return {
            name.lower(): HIDDEN if _HIDDEN_HEADER.search(name) else self.text(value)
            for name, value in headers.items()
        }

    def body(self, content: bytes, *, limit: int) -> str:
        """Return the start of a body as text, ``limit`` characters at most.

        A body that is not text is described by its size.
        """
        if not content:
            return ""
        if b"\x00" in content[:1024]:
            return f"[{len(content)} bytes]"
        return self.start(content[: limit + _OVERLAP].decode("utf-8", errors="replace"), limit=limit)

    def start(self, text: str, *, limit: int) -> str:
        """Return the first ``limit`` characters of a text, redacted; a cut leaves no half of a secret."""
        return self.text(text[: limit + _OVERLAP])[:limit]

    def _message(self, text: str) -> str:
        return self.secrets(text[: _LONGEST_FIELD + _OVERLAP])[:_LONGEST_FIELD]


def secrets_of(config: object, credentials: Credentials | None = None) -> tuple[str, ...]:
    """Return every secret value inside a config and the short-lived credentials."""
    return tuple(dict.fromkeys([*_secret_values(config), *_secret_values(credentials)]))


def _secret_values(value: Any) -> Iterable[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, SecretBytes):
        yield value.get_secret_value().decode("utf-8", errors="replace")
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secret_values(getattr(value, name))
    elif isinstance(value, Credentials):
        yield from _secret_values(value.access_token)
        yield from _secret_values(value.refresh_token)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _secret_values(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _secret_values(each)


def _spellings(secret: str) -> set[str]:
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        base64.b64encode(secret.encode()).decode(),
    }


def _mask_json(match: re.Match[str]) -> str:
    value = match[2]
    return match[1] + (f'"{mask(value[1:-1])}"' if value.startswith('"') else f'"{mask(value)}"')
