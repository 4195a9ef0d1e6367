"""Reads ZIP files that may be hostile: sizes are counted while unpacking, headers are never believed."""

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from kopru.hooks.errors import Rejected
from kopru.toolkit.texts import TEXTS

_PIECE = 64 * 1024
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_RATIO_FREE = 1_000_000
"""Unpacked bytes below which the ratio does not matter: small texts pack very well."""
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Rules:
    """What an archive may hold. ``name`` may refuse further names; ``depth`` unpacks archives inside."""

    size: int = 100_000_000
    members: int = 1_000
    ratio: int = 200
    depth: int = 0
    name: Callable[[str], bool] = bool


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive; a file of an inner archive is named after that archive and ``/``."""

    name: str
    content: bytes


@dataclass(slots=True)
class _Count:
    """What has come out so far, over inner archives too."""

    size: int = 0
    members: int = 0


def read_zip(content: bytes, rules: Rules = Rules()) -> tuple[Member, ...]:
    """Return the files of a ZIP archive in its own order; folders are left out.

    Raises:
        Rejected: ``archive.malformed``, ``archive.too_large``, ``archive.ratio``, ``archive.members``,
            ``archive.name``, ``archive.encrypted`` or ``archive.nested``.
    """
    return tuple(_members(content, rules, rules.depth, "", _Count()))


def _members(content: bytes, rules: Rules, depth: int, prefix: str, count: _Count) -> Iterator[Member]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in _entries(archive, rules, count):
                data = _unpack(archive, info, rules, count, packed=len(content))
                if info.filename.lower().endswith(".zip") and zipfile.is_zipfile(io.BytesIO(data)):
                    if depth <= 0:
                        raise Rejected("archive.nested", TEXTS.text("archive.nested", limit=rules.depth))
                    yield from _members(data, rules, depth - 1, f"{prefix}{info.filename}/", count)
                else:
                    yield Member(prefix + info.filename, data)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Rejected("archive.malformed", TEXTS["archive.malformed"], detail=str(error)[:200]) from error


def _entries(archive: zipfile.ZipFile, rules: Rules, count: _Count) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    count.members += len(entries)
    if count.members > rules.members:
        text = TEXTS.text("archive.members", count=count.members, limit=rules.members)
        raise Rejected("archive.members", text)
    _refuse_overlap(entries)
    names: set[str] = set()
    for info in entries:
        if info.flag_bits & _ENCRYPTED:
            raise Rejected("archive.encrypted", TEXTS["archive.encrypted"])
        if info.compress_type not in _METHODS:
            raise zipfile.BadZipFile(f"compression method {info.compress_type}")
        if not _good_name(info) or info.filename in names:
            raise _bad_name(info.filename)
        names.add(info.filename)
    files = [info for info in entries if not info.is_dir()]
    for info in files:
        if not rules.name(info.filename):
            raise _bad_name(info.filename)
    return files


def _unpack(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, rules: Rules, count: _Count, *, packed: int
) -> bytes:
    pieces = []
    with archive.open(info) as stream:
        while piece := stream.read(_PIECE):
            count.size += len(piece)
            if count.size > rules.size:
                raise Rejected("archive.too_large", TEXTS.text("archive.too_large", limit=rules.size))
            if count.size > max(_RATIO_FREE, packed * rules.ratio):
                raise Rejected("archive.ratio", TEXTS["archive.ratio"])
            pieces.append(piece)
    return b"".join(pieces)


def _refuse_overlap(entries: list[zipfile.ZipInfo]) -> None:
    # Members that share packed bytes are how a small archive unpacks to petabytes.
    end = 0
    for info in sorted(entries, key=lambda each: each.header_offset):
        if info.header_offset < end:
            raise zipfile.BadZipFile("members overlap")
        end = info.header_offset + info.compress_size


def _good_name(info: zipfile.ZipInfo) -> bool:
    name = info.filename
    # zipfile cuts a name at NUL; orig_filename still shows it.
    if not name or len(name) > 255 or not info.orig_filename.isprintable():
        return False
    if "\\" in info.orig_filename or ":" in name or name.startswith("/"):
        return False
    parts = PurePosixPath(name).parts
    kind = stat.S_IFMT(info.external_attr >> 16)
    return ".." not in parts and kind in (0, stat.S_IFREG, stat.S_IFDIR)


def _bad_name(name: str) -> Rejected:
    return Rejected("archive.name", TEXTS.text("archive.name", name=name[:100]))
