"""The tenant file: settings from and to one TOML text, with findings that name the field and the fix."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel, ValidationError

from kopru.documents.checks import Capabilities, check_tenant
from kopru.documents.settings import TenantSettings
from kopru.documents.texts import TEXTS, finding
from kopru.documents.toml_writer import write_toml
from kopru.hooks.errors import Rejected
from kopru.model import Finding

LARGEST_FILE = 1_000_000
"""Characters; a tenant file has a few thousand."""


def load_tenant(text: str, capabilities: Capabilities | None = None) -> TenantSettings:
    """Read a tenant file.

    Args:
        text: the TOML text.
        capabilities: what the tenant's plugins can do; when given, documents they cannot make are refused.

    Raises:
        Rejected: with one finding per wrong field (``tenant.invalid``). Nothing of the file is used then.
    """
    settings = _parse(text)
    findings = [found for found in check_tenant(settings, capabilities) if found.blocks]
    if findings:
        raise _invalid(findings)
    return settings


def dump_tenant(settings: TenantSettings) -> str:
    """Return the settings as a tenant file. Loading it gives equal settings; the text is deterministic."""
    return write_toml(_plain(settings.model_dump()))


def _parse(text: str) -> TenantSettings:
    if len(text) > LARGEST_FILE:
        raise _invalid([finding("tenant.file.too_large", limit=LARGEST_FILE)])
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise _invalid([finding("tenant.file.not_toml", problem=error)]) from error
    except RecursionError as error:
        raise _invalid([finding("tenant.file.not_toml", problem="nested too deeply")]) from error
    try:
        return TenantSettings.model_validate(data)
    except ValidationError as error:
        raise _invalid([_explain(problem) for problem in error.errors(include_url=False)]) from error


def _invalid(findings: Sequence[Finding]) -> Rejected:
    return Rejected("tenant.invalid", TEXTS.text("tenant.invalid", count=len(findings)), findings=findings)


def _explain(problem: Mapping[str, Any]) -> Finding:
    location: tuple[str | int, ...] = problem["loc"]
    kind, context = str(problem["type"]), problem.get("ctx", {})
    field = _path(location)
    detail = str(problem["msg"])[:500]
    if kind == "missing":
        return finding("tenant.field.missing", field, name=field)
    if kind == "extra_forbidden":
        return finding("tenant.field.unknown", field, name=field, known=_known_fields(location))
    if kind in TEXTS:
        return finding(kind, field, **context)
    if kind in {"enum", "literal_error"}:
        return finding("tenant.field.choice", field, name=field, choices=context.get("expected", ""))
    if kind == "string_pattern_mismatch":
        return finding("tenant.field.shape", field, name=field, pattern=context.get("pattern", ""))
    return finding("tenant.field.invalid", field, name=field, problem=detail)


def _path(location: Sequence[str | int]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f".{part}" if path else part
    return path


def _known_fields(location: Sequence[str | int]) -> str:
    """Return the fields that may stand where an unknown one was found, the most similar first."""
    model: Any = TenantSettings
    for part in location[:-1]:
        model = _inner(model, part)
    if model is None:
        return ""
    names = list(model.model_fields)
    close = difflib.get_close_matches(str(location[-1]), names, n=3, cutoff=0.5)
    return ", ".join(close + [name for name in names if name not in close])


def _inner(model: Any, part: str | int) -> Any:
    if model is None or isinstance(part, int):
        return model
    declared = model.model_fields.get(part)
    return None if declared is None else _model_in(declared.annotation)


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = getattr(annotation, "__args__", ())
    return next((found for found in map(_model_in, inner) if found is not None), None)


def _plain(value: Any) -> Any:
    """Return a value as TOML can hold it; what is empty is left out, because empty is its default."""
    if isinstance(value, Mapping):
        pairs = {str(_plain(name)): _plain(inner) for name, inner in value.items()}
        return {name: inner for name, inner in pairs.items() if not _empty(inner)}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return value.value if isinstance(value, Enum) else value


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)
