"""Named arrays as one run of bytes, and back without copying.

A file starts with a magic word, the length of the directory and the directory (JSON: format, length of the
whole, and per array its type, shape and place); the arrays follow, each on a boundary of 64 bytes.
"""

import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]

FORMAT = 2
"""Raised whenever an index of an older version could be misread."""

_MAGIC = b"kopruix\n"
_START = struct.Struct("<8sQ")
_ALIGN = 64


class Unreadable(ValueError):
    """The bytes are no index of this version, or not a whole one; build it again."""


def pack(arrays: Arrays) -> Iterator[bytes | memoryview]:
    """Yield the pieces of an index file, in order."""
    flat = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    directory, size = _directory(flat)
    yield _START.pack(_MAGIC, len(directory))
    yield directory
    place = _START.size + len(directory)
    for array in flat.values():
        start = _aligned(place)
        yield bytes(start - place)
        yield memoryview(array.view(np.uint8).reshape(-1).data) if array.size else b""
        place = start + array.nbytes
    if place != size:
        raise AssertionError("the directory and the pieces disagree")


def unpack(view: memoryview | bytes) -> dict[str, Array]:
    """Return the arrays of an index file; they are views of it, nothing is copied.

    Raises:
        Unreadable: another format, or cut off.
    """
    view = memoryview(view)
    if len(view) < _START.size:
        raise Unreadable("The index is empty or cut off.")
    magic, length = _START.unpack(view[: _START.size])
    if magic != _MAGIC or len(view) < _START.size + length:
        raise Unreadable("This is no index, or it is cut off.")
    try:
        directory = json.loads(bytes(view[_START.size : _START.size + length]))
    except ValueError as error:
        raise Unreadable("The directory of the index is damaged.") from error
    if directory.get("format") != FORMAT or directory.get("size") != len(view):
        raise Unreadable("The index is of another version, or cut off.")
    return {
        name: np.frombuffer(view, np.dtype(entry["type"]), count=entry["count"], offset=entry["place"])
        for name, entry in directory["arrays"].items()
    }


def _directory(arrays: Mapping[str, Array]) -> tuple[bytes, int]:
    """Return the directory and the size of the whole; its own length moves the places, so it is padded."""
    room = 256 + 160 * len(arrays)
    place = _START.size + room
    entries = {}
    for name, array in arrays.items():
        place = _aligned(place)
        entries[name] = {"type": array.dtype.str, "count": array.size, "place": place}
        place += array.nbytes
    text = json.dumps({"format": FORMAT, "size": place, "arrays": entries}).encode()
    if len(text) > room:
        raise AssertionError("the directory needs more room")
    return text.ljust(room), place


def _aligned(place: int) -> int:
    return -(-place // _ALIGN) * _ALIGN
