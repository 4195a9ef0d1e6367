"""The stream's cursors: opaque outside, short-lived, and good only with the filters they were made for."""

import base64
import hashlib
import json
from collections.abc import Mapping

from kopru_trendyol.simulation.shelf import Key

LIFETIME = 10 * 60


class BadCursor(Exception):
    """The cursor is broken, too old, of an earlier generation, or the filters changed."""


def make(key: Key, filters: Mapping[str, str], *, generation: int, now: float) -> str:
    """Return a cursor that continues after a package."""
    data = {"k": list(key), "f": _digest(filters), "g": generation, "t": now}
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode()


def read(cursor: str, filters: Mapping[str, str], *, generation: int, now: float) -> Key:
    """Return the package a cursor continues after.

    Raises:
        BadCursor: see the class.
    """
    try:
        data = json.loads(base64.urlsafe_b64decode(cursor))
        changed, package = data["k"]
        fresh = now - float(data["t"]) <= LIFETIME and data["g"] == generation
    except (ValueError, KeyError, TypeError) as error:
        raise BadCursor from error
    if not fresh or data["f"] != _digest(filters):
        raise BadCursor
    return int(changed), int(package)


def _digest(filters: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(filters), sort_keys=True).encode()).hexdigest()[:12]
