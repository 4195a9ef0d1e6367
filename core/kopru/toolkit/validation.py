"""Remote data is hostile until read: JSON with bounds, and every fault as a finding with its field."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from kopru.hooks.errors import Rejected
from kopru.hooks.types import Raw, Record
from kopru.model import Finding
from kopru.toolkit.texts import TEXTS

T = TypeVar("T")

MAX_BYTES = 50_000_000
MAX_DEPTH = 100
_MAX_NUMBER_LENGTH = 100
_MAX_EXPONENT = 100
_MAX_FINDINGS = 50

_KINDS = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "string_too_short": "length",
    "string_too_long": "length",
    "too_short": "length",
    "too_long": "length",
    "greater_than": "range",
    "greater_than_equal": "range",
    "less_than": "range",
    "less_than_equal": "range",
}


def read_json(
    content: bytes, *, limit: int = MAX_BYTES, max_depth: int = MAX_DEPTH, replace: bool = False
) -> Any:
    """Return JSON data with exact decimals. Of a repeated key the last value counts.

    Args:
        content: UTF-8, with or without BOM.
        limit: largest size in bytes.
        max_depth: deepest nesting of lists and objects.
        replace: put U+FFFD for bytes that are not UTF-8 instead of refusing the whole; then ask
            ``text_findings`` about each record, so that one bad record does not stop its neighbours.

    Raises:
        Rejected: ``json.too_large``, ``json.encoding``, ``json.malformed``, ``json.too_deep`` or
            ``json.number``.
    """
    if len(content) > limit:
        raise Rejected("json.too_large", TEXTS.text("json.too_large", size=len(content), limit=limit))
    try:
        text = content.decode("utf-8-sig", errors="replace" if replace else "strict")
    except UnicodeDecodeError as error:
        raise Rejected("json.encoding", TEXTS["json.encoding"], detail=str(error)[:200]) from error
    try:
        data = json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Rejected("json.malformed", TEXTS["json.malformed"], detail=str(error)[:200]) from error
    except RecursionError as error:
        raise _too_deep(max_depth) from error
    if _deeper_than(data, max_depth):
        raise _too_deep(max_depth)
    return data


def text_findings(data: Any, *, prefix: str) -> tuple[Finding, ...]:
    """Return a finding for each text that no document may carry: NUL, half surrogates, undecodable bytes.

    ``prefix`` starts the codes: ``{prefix}.nul``, ``{prefix}.encoding``.
    """
    found = []
    for path, text in _texts(data, ""):
        if "\x00" in text:
            found.append(Finding(code=f"{prefix}.nul", message=TEXTS["json.nul"], field=path))
        elif "\ufffd" in text or (not text.isascii() and _has_surrogate(text)):
            found.append(Finding(code=f"{prefix}.encoding", message=TEXTS["json.encoding"], field=path))
        if len(found) >= _MAX_FINDINGS:
            break
    return tuple(found)


def findings(error: ValidationError, *, prefix: str, root: str = "") -> tuple[Finding, ...]:
    """Return a finding per fault of a failed pydantic validation.

    Codes are ``{prefix}.missing``, ``.unknown``, ``.type``, ``.value``, ``.length``, ``.range`` and, for a
    rule over several fields, ``.inconsistent``. ``root`` is put before each field path. Input values are
    left out: they may be personal.
    """
    return tuple(
        _finding(each["type"], field_path(each["loc"], root), prefix, each["msg"])
        for each in error.errors(include_url=False, include_context=False, include_input=False)[
            :_MAX_FINDINGS
        ]
    )


def rejection_findings(error: Rejected, *, field: str = "") -> tuple[Finding, ...]:
    """Return the findings of a refusal; one made from the error itself when it carries none."""
    if error.findings:
        return error.findings
    code = error.code if "." in error.code else f"record.{error.code}"
    detail = error.detail[:4000]
    return (Finding(code=code, message=error.message, field=error.field or field, detail=detail),)


def record(external_id: str, raw: Raw, build: Callable[[], T], *, prefix: str) -> Record[T]:
    """Map one remote record, turning every fault of the data into findings of this record alone.

    Catches a failed validation, ``Rejected``, and the exceptions Python raises on data of another shape
    than documented (code ``{prefix}.unreadable``). Other connector errors pass through.
    """
    try:
        return Record(external_id, raw, build())
    except ValidationError as error:
        found = findings(error, prefix=prefix)
    except Rejected as error:
        found = rejection_findings(error)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        text = TEXTS["record.unreadable"]
        detail = f"{type(error).__name__}: {error}"[:500]
        found = (Finding(code=f"{prefix}.unreadable", message=text, detail=detail),)
    return Record(external_id, raw, None, found)


def field_path(location: tuple[int | str, ...], root: str = "") -> str:
    """Return a pydantic location as a path such as ``lines[2].vat_rate``."""
    path = root
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def _finding(kind: str, path: str, prefix: str, message: str) -> Finding:
    word = _kind(kind, path)
    code = "record.inconsistent" if word == "inconsistent" else f"record.field.{word}"
    text = TEXTS.text(code, field=path)
    return Finding(code=f"{prefix}.{word}", message=text, field=path, detail=message[:4000])


def _kind(kind: str, path: str) -> str:
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in ("value_error", "assertion_error"):
        return "value" if path else "inconsistent"
    return "type" if kind.endswith("_type") else "value"


def _decimal(text: str) -> Decimal:
    value = Decimal(text) if len(text) <= _MAX_NUMBER_LENGTH else None
    if value is None or abs(value.adjusted()) > _MAX_EXPONENT:
        raise _bad_number(text)
    return value


def _integer(text: str) -> int:
    if len(text) > _MAX_NUMBER_LENGTH:
        raise _bad_number(text)
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise _bad_number(text)


def _bad_number(text: str) -> Rejected:
    return Rejected("json.number", TEXTS["json.number"], detail=text[:100])


def _too_deep(limit: int) -> Rejected:
    return Rejected("json.too_deep", TEXTS.text("json.too_deep", limit=limit))


def _deeper_than(data: Any, limit: int) -> bool:
    level = [data]
    for _ in range(limit):
        nested = [each for each in level if isinstance(each, dict | list)]
        if not nested:
            return False
        level = [item for each in nested for item in (each.values() if isinstance(each, dict) else each)]
    return any(isinstance(each, dict | list) for each in level)


def _texts(data: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from _texts(value, f"{path}.{name}" if path else str(name))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, f"{path}[{index}]")


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
