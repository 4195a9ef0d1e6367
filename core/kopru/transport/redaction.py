"""Takes secrets and personal data out of everything that is logged, recorded or shown.

Secrets go by three ways: header and field names, exact values (every secret of the config wherever it
appears, also URL-encoded or in base64), and what a plugin puts into a basic or bearer header. Personal data
is masked, not removed: enough stays to tell two records apart.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from enum import Enum
from functools import lru_cache
from html import unescape
from typing import Any, Self, TypeVar
from urllib.parse import quote, quote_plus, unquote_plus

from pydantic import BaseModel, SecretBytes, SecretStr

from kopru.hooks.errors import ConnectorError, Rejected
from kopru.hooks.types import Credentials
from kopru.model import Finding, Text
from kopru.toolkit.taxnumbers import is_tckn, is_vkn

E = TypeVar("E", bound=ConnectorError)

HIDDEN = "[secret]"

_SHORTEST_SECRET = 4
_SHORTEST_PERSONAL = 3
_SHORTEST_WORD = 4
_SHORTEST_BASE64 = 8
_LONGEST = 4_000
_MOST_SENT = 64_000
_OVERLAP = 1_024
"""Twice as much more is redacted than is kept, at least."""
_SECRET_NAME = re.compile(
    "token|secret|passw|parola|sifre|şifre|apikey|privatekey|authorization|credential|signature|sessionid"
    "|clientassertion|^(?:pwd|pass|pin|otp|jwt)$"
)
_PERSONAL_NAME = re.compile(
    "tckn|vkn|kimlikno|identityn|nationalid|tax(?:number|id|no)$|vergino|phone|telefon|gsm|mobile|mail$|eposta"
    r"|(?:first|last|full|family|sur|customer|buyer|recipient)name$|soyad|street|adres|addr(?:ess)?\d?$|addressline"
)
_SECRET_HEADER = re.compile(
    r"authorization|cookie|token|secret|api-?key|password|session|signature|credential", re.IGNORECASE
)
_SURNAME = re.compile("(?:last|sur|family)name$|soyad")
_NAME_OF_PERSON = re.compile(r"^(?:name|title\d?)$|[a-z]_name$", re.IGNORECASE)
"""Fields that hold the name of a person where a surname stands beside them, and of a product elsewhere."""
# How a name and its value are written side by side: (before, name, between, value).
_NUMBER_VALUE = r"-?\d[\d.eE+-]*"
_JSON = re.compile(rf'(")([^"\\\s:,{{}}\[\]]{{1,64}})("\s*:\s*)("(?:[^"\\]|\\.)*(?:"|$)|{_NUMBER_VALUE})')
_REPR = re.compile(rf"(')([^'\\\s:,{{}}\[\]]{{1,64}})('\s*:\s*)('(?:[^'\\]|\\.)*(?:'|$)|{_NUMBER_VALUE})")
# JSON inside a JSON string, as in errors that repeat the request.
_NESTED = re.compile(
    r'(\\")([^"\\\s:,{}\[\]]{1,64})(\\"\s*:\s*)'
    rf'(\\"(?:[^"\\]|\\\\(?:\\.|.)|\\[^"\\])*(?:\\"|"|$)|{_NUMBER_VALUE})'
)
_XML = re.compile(r"(<(?:\w{1,64}:)?)([\w.-]{1,64})((?:\s[^<>]{0,500})?>)([^<]+)")
_FORM = re.compile(r"""(^|[?&\s])([\w.\-\[\]]{1,64})(=)("[^"]*"|'[^']*'|[^&\s"'<>]+)""")
_PAIRS = (('\\"', _NESTED), ('"', _JSON), ("'", _REPR), ("<", _XML), ("=", _FORM))
_QUOTES = ('\\"', '"', "'")
_LOGIN_WORD = re.compile(r"([Bb]earer|[Bb]asic|BEARER|BASIC)\s+[\w.~+/=\[\]-]{4,}")
_EMAIL = re.compile(r"\b([\w.+-])[\w.+-]{0,63}(@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+?90[\s().-]*|0[\s().-]*)?5\d{2}[\s().-]*\d{3}[\s.-]*\d{2}[\s.-]*\d{2}(?!\w)"
)
_NUMBER = re.compile(r"(?<!\w)\d{10,11}(?!\w)")


class _Kind(Enum):
    """What a field name says about its value."""

    SECRET = 1
    PERSONAL = 2
    PLAIN = 3


@lru_cache(maxsize=4_096)
def _kind(name: str) -> _Kind:
    bare = re.sub(r"[\W_]", "", name.lower())
    if _SECRET_NAME.search(bare):
        return _Kind.SECRET
    return _Kind.PERSONAL if _PERSONAL_NAME.search(bare) else _Kind.PLAIN


def mask_text(text: str) -> str:
    """Mask e-mail addresses, Turkish mobile numbers, VKN and TCKN in a text, and fields named as personal.

    A number of ten or eleven digits is masked when its check digits are right, or when a field name says
    what it is; most order numbers of the same length stay readable.
    """
    return _mask_patterns(_by_name(text, _Kind.PERSONAL))


def _by_name(text: str, *kinds: _Kind) -> str:
    of_person = _kind_of_person if _Kind.PERSONAL in kinds and _tells_of_person(text) else _kind

    def cover(match: re.Match[str]) -> str:
        kind = of_person(match[2])
        if kind not in kinds:
            return match[0]
        bare = _bare(match[4])
        covered = HIDDEN if kind is _Kind.SECRET else mask(bare)
        around = match[1] if match[1] in _QUOTES else match[4][:1] if bare != match[4] else ""
        return match[1] + match[2] + match[3] + around + covered + around

    for sign, pattern in _PAIRS:
        if sign in text:
            text = pattern.sub(cover, text)
    return text


def _bare(value: str) -> str:
    """Return a value as it was written, without its quotes."""
    for mark in _QUOTES:
        if value.startswith(mark):
            return value.removeprefix(mark).removesuffix(mark)
    return value


def _tells_of_person(text: str) -> bool:
    return any(
        _SURNAME.search(re.sub(r"[\W_]", "", match[2].lower()))
        for sign, pattern in _PAIRS
        if sign in text
        for match in pattern.finditer(text)
    )


def _kind_of_person(name: str) -> _Kind:
    return _Kind.PERSONAL if _NAME_OF_PERSON.search(name) else _kind(name)


def _unescaped(value: str) -> str:
    """Return a JSON string's own text."""
    try:
        return str(json.loads(f'"{value}"'))
    except ValueError:
        return value


def _personal_values(text: str) -> Iterator[str]:
    """Find what stands in fields named as personal, as people would write it elsewhere."""
    kind = _kind_of_person if _tells_of_person(text) else _kind
    for sign, pattern in _PAIRS:
        for match in pattern.finditer(text) if sign in text else ():
            if kind(match[2]) is _Kind.PERSONAL:
                value = _bare(match[4])
                yield from (value, unquote_plus(value), _unescaped(value))


def _mask_patterns(text: str) -> str:
    if "@" in text:
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
        self._overlap = max(_OVERLAP, len(ordered[0]) if ordered else 0)
        self._person: re.Pattern[str] | None = None

    def beside(self, sent: bytes) -> Self:
        """Return a redactor that masks, in any place, what a request tells of a person in named fields.

        Remotes repeat names and addresses in sentences, where nothing else gives them away.
        """
        text = unescape(sent[:_MOST_SENT].decode("utf-8", errors="replace"))
        values = {value.strip() for value in _personal_values(text)}
        words = {word for value in values for word in re.findall(r"[^\W\d_]+", value)}
        told = {value for value in values if len(value) >= _SHORTEST_PERSONAL}
        told |= {word for word in words if len(word) >= _SHORTEST_WORD}
        if not told:
            return self
        told |= {json.dumps(value)[1:-1] for value in told}
        known = "|".join(map(re.escape, sorted(told, key=len, reverse=True)))
        other = copy(self)
        other._person = re.compile(rf"(?<!\w)(?:{known})(?!\w)", re.IGNORECASE)
        return other

    def text(self, text: str) -> str:
        """Return a text without secrets and with personal data masked."""
        text = self._without_secrets(text, _Kind.SECRET, _Kind.PERSONAL)
        if self._person is not None:
            text = self._person.sub(lambda match: mask(match[0]), text)
        return _mask_patterns(text)

    def secrets(self, text: str) -> str:
        """Return a text without secrets."""
        return self._without_secrets(text, _Kind.SECRET)

    def _without_secrets(self, text: str, *kinds: _Kind) -> str:
        if "&" in text:
            text = unescape(text)
        if self._secrets is not None:
            text = self._secrets.sub(HIDDEN, text)
        return _LOGIN_WORD.sub(rf"\1 {HIDDEN}", _by_name(text, *kinds))

    def field(self, name: str, value: object) -> object:
        """Return a named value of a log event without secrets; what is not plain data becomes text."""
        if name and _kind(name) is _Kind.SECRET:
            return HIDDEN
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {str(key): self.field(str(key), each) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.field("", each) for each in value]
        return mask(str(value)) if _kind(name) is _Kind.PERSONAL else self.start(str(value), limit=_LONGEST)

    def error(self, error: E) -> E:
        """Clean what an error says of secrets and personal data, in place, and return it."""
        error.message = self._both(error.message)
        error.detail = self.start(error.detail, limit=_LONGEST)
        error.field = self.start(error.field, limit=_LONGEST)
        if isinstance(error, Rejected):
            error.findings = tuple(map(self._finding, error.findings))
        error.args = (f"{error.code}: {error.message.en}" + (f" ({error.detail})" if error.detail else ""),)
        return error

    def _finding(self, finding: Finding) -> Finding:
        return finding.model_copy(
            update={
                "message": self._both(finding.message),
                "field": self.start(finding.field, limit=_LONGEST),
                "detail": self.start(finding.detail, limit=_LONGEST),
            }
        )

    def _both(self, text: Text) -> Text:
        return Text(tr=self.start(text.tr, limit=_LONGEST), en=self.start(text.en, limit=_LONGEST))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without secrets; names are lower-case."""
        return {
            name.lower(): HIDDEN if _SECRET_HEADER.search(name) else self.text(value)
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
        return self.start(
            content[: 4 * (limit + 2 * self._overlap) + 4].decode("utf-8", errors="replace"), limit=limit
        )

    def start(self, text: str, *, limit: int) -> str:
        """Return the first ``limit`` characters of a text, redacted; a cut leaves no half of a secret."""
        seen = limit + 2 * self._overlap
        cleaned = self.text(text[:seen])
        if len(text) <= seen:
            return cleaned[:limit]
        # The end may be half a secret, and cleaning may have brought it near.
        return cleaned[: max(0, min(limit, len(cleaned) - self._overlap))]


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
    escaped = json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        repr(secret)[1:-1],
        *escaped,
        *(json.dumps(each, ensure_ascii=False)[1:-1] for each in escaped),
        base64.b64encode(secret.encode()).decode(),
        *_inside_base64(secret.encode()),
    }


def _inside_base64(secret: bytes) -> Iterator[str]:
    """Return what a secret looks like in the middle of something longer, such as ``user:password``."""
    for skip in range(3):
        encoded = base64.b64encode(b"\0" * skip + secret + b"\0\0").decode()
        own = encoded[-(-8 * skip // 6) : 8 * (skip + len(secret)) // 6]
        if len(own) >= _SHORTEST_BASE64:
            yield own
