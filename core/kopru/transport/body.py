"""Bodies: JSON with exact decimals on the way out, bounded reading on the way in."""

import json
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

ENCODINGS = "gzip, deflate"
"""The content encodings we can unpack without losing control over the size."""

_PIECE = 256 * 1024
_MARK = uuid.uuid4().hex
_MARKED = re.compile(rf'"{_MARK}(-?[0-9.]+)"')
_MAX_DIGITS = 100


class TooLarge(Exception):
    """A body exceeds its limit; ``content`` is what was read of it."""

    def __init__(self, content: bytes) -> None:
        """Take the part that was read."""
        self.content = content
        super().__init__("body too large")


class Unreadable(Exception):
    """A body's content encoding is unknown or broken."""


def to_json(value: Any) -> bytes:
    """Return a value as JSON; a ``Decimal`` becomes a number with exactly its digits.

    Raises:
        TypeError: a value has no JSON form.
        ValueError: a number is not finite or has too many digits.
    """
    text = json.dumps(value, default=_marked, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _MARKED.sub(r"\1", text).encode()


def read(chunks: Iterable[bytes], encoding: str, limit: int, into: bytearray) -> None:
    """Append a body to ``into``, unpacking it piece by piece.

    Args:
        chunks: the body as it comes from the wire.
        encoding: value of the ``content-encoding`` header.
        limit: largest unpacked size in bytes.
        into: receives the body; holds what was read so far when this raises.

    Raises:
        TooLarge: the unpacked body exceeds the limit.
        Unreadable: the encoding is unknown or the data does not follow it.
    """
    for piece in _unpacked(chunks, encoding.strip().lower()):
        into += piece
        if len(into) > limit:
            del into[limit:]
            raise TooLarge(bytes(into))


def _unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    if encoding in ("", "identity"):
        return iter(chunks)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _inflated(chunks, gzip=encoding != "deflate")
    raise Unreadable(f"content encoding {encoding[:50]!r}")


def _inflated(chunks: Iterable[bytes], *, gzip: bool) -> Iterator[bytes]:
    unpacker = None
    try:
        for chunk in chunks:
            if unpacker is None and chunk:
                unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16 if gzip else _deflate_bits(chunk))
            waiting = chunk
            while waiting and unpacker is not None and not unpacker.eof:
                yield unpacker.decompress(waiting, _PIECE)
                waiting = unpacker.unconsumed_tail
    except zlib.error as error:
        raise Unreadable(str(error)) from error
    if unpacker is not None and not unpacker.eof:
        raise Unreadable("the packed body ends too early")


def _deflate_bits(start: bytes) -> int:
    # Some servers say "deflate" and send the raw stream without the zlib header (RFC 9110, 8.4.1.2).
    return zlib.MAX_WBITS if start[0] & 0x0F == 8 else -zlib.MAX_WBITS


def _marked(value: object) -> str:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no JSON form")
    if not value.is_finite() or abs(value.adjusted()) > _MAX_DIGITS:
        raise ValueError(f"{value} cannot be written as a JSON number")
    return f"{_MARK}{value:f}"
