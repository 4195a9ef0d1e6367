"""What PostgreSQL refuses to store, and what is stored instead.

Remote records hold NUL characters, halves of surrogate pairs and endless ids now and then. The raw payload
keeps them as they came; columns get something that fits, so that one such record does not take its neighbours
with it.
"""

import hashlib
import json
from typing import Any

REPLACEMENT = "\ufffd"
LONGEST_ID = 200
"""Characters of an id; a longer one would not fit into an index."""


def storable(text: str) -> str:
    """Return a text without the characters that PostgreSQL refuses."""
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    return text if _encodes(text) else "".join(each if _encodes(each) else REPLACEMENT for each in text)


def storable_id(text: str) -> str:
    """Return an external id that fits into an index: a very long one ends with its hash."""
    text = storable(text)
    if len(text) <= LONGEST_ID:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: LONGEST_ID - len(digest) - 1]}~{digest}"


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
