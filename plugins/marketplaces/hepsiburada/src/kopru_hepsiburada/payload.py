"""JSON whose keys are written in another case from feed to feed."""

from typing import Any

_DEEPEST = 40


def folded(data: Any, depth: int = _DEEPEST) -> Any:
    """Return data with all keys in lower case; of keys that fall together the first that is filled counts."""
    if isinstance(data, list):
        return [folded(each, depth - 1) for each in data] if depth else []
    if not isinstance(data, dict):
        return data
    found: dict[str, Any] = {}
    for name, value in data.items() if depth else ():
        key = name.lower()
        if found.get(key) is None:
            found[key] = folded(value, depth - 1)
    return found


def text_of(value: object, longest: int = 200) -> str:
    """Return a text or a whole number as text, anything else as nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join(str(value).split())[:longest]
