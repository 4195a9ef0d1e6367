"""What PostgreSQL refuses to store as text or JSON, and what is stored instead.

Remote records hold NUL characters and halves of surrogate pairs now and then. The raw payload keeps them; in
columns they become U+FFFD, so that one such record does not take its neighbours with it.
"""

import json
from typing import Any

REPLACEMENT = "\ufffd"


def storable(text: str) -> str:
    """Return a text without the characters that PostgreSQL refuses."""
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    return text if _encodes(text) else "".join(each if _encodes(each) else REPLACEMENT for each in text)


def dump_json(value: Any) -> str:
    """Return JSON text that PostgreSQL takes."""
    text = _dump(value)
    return text if "\\u0000" not in text and _encodes(text) else _dump(_cleaned(value))


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    return value


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
