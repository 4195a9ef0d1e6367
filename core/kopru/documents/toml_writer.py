"""A small deterministic TOML writer for settings: tables, arrays of tables, arrays and plain values."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_toml(data: Mapping[str, Any]) -> str:
    """Return the data as TOML text in the order given.

    Values are strings, integers, booleans, decimals, mappings and sequences.

    Raises:
        TypeError: a value of another type.
    """
    return "\n".join(_table((), data)).strip() + "\n"


def _table(path: tuple[str, ...], data: Mapping[str, Any]) -> Iterator[str]:
    plain = {name: value for name, value in data.items() if not _is_table(value)}
    for name, value in plain.items():
        yield f"{_key(name)} = {_value(value)}"
    for name, value in data.items():
        if name in plain:
            continue
        inner = (*path, name)
        heading = ".".join(_key(part) for part in inner)
        if isinstance(value, Mapping):
            yield from ("", f"[{heading}]")
            yield from _table(inner, value)
        else:
            for entry in value:
                yield from ("", f"[[{heading}]]")
                yield from _table(inner, entry)


def _is_table(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    return _is_array(value) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _is_array(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _string(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return _number(value)
    if _is_array(value):
        return f"[{', '.join(_value(entry) for entry in value)}]"
    raise TypeError(f"cannot write {type(value).__name__} as TOML")


def _string(value: str) -> str:
    # JSON and TOML escape alike, except that TOML also wants DEL escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _number(value: Decimal) -> str:
    text = format(value, "f")
    return text if "." in text else f"{text}.0"
