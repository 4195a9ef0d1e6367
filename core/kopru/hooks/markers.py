"""pluggy markers of this project."""

from collections.abc import Callable
from typing import Any, TypeVar

import pluggy

PROJECT = "kopru"

F = TypeVar("F", bound=Callable[..., Any])

_hookspec = pluggy.HookspecMarker(PROJECT)
_hookimpl = pluggy.HookimplMarker(PROJECT)


def addressed(function: F) -> F:
    """Mark a specification whose calls go to exactly one plugin."""
    return _hookspec(firstresult=True)(function)


def hookimpl(function: F) -> F:
    """Mark a plugin method as the implementation of the hook of the same name."""
    return _hookimpl(function)
