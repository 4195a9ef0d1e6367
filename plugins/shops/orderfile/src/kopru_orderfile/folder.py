"""The order files of a connection's folder, oldest first by name, and the orders in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kopru.model import Finding, Order
from kopru.sdk import ConfigError, Ctx, CursorExpired, Page, Raw, Record, Rejected
from kopru.toolkit import fold, paging, validation
from kopru_orderfile import mapping, tables
from kopru_orderfile.cells import MAX_FILE, Table
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.mapping import Entry
from kopru_orderfile.texts import TEXTS

MAX_FILES = 1_000
MAX_FOLDER = 200_000_000
"""Most bytes of order files in one folder: all of them are read to find each order's latest version."""

_ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls")
_HIDDEN = ("~$", ".", "_")
_DIGITS = re.compile(r"(\d+)")
_KEPT_OF_BAD_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Book:
    """One file: its tables, its orders by identity, and what keeps the file or a table of it from being read.

    Of an order that stands in several sheets the last sheet's version counts.
    """

    name: str
    orders: Mapping[str, Entry] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    faults: tuple[Finding, ...] = ()
    start: bytes = b""
    """The beginning of a file with faults."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the identity of each record of the file, a faulty file's own first."""
        return ((self.name,) if self.faults else ()) + tuple(self.orders)

    def record(self, key: str, config: OrderFileConfig) -> Record[Order]:
        """Return one of the file's records."""
        if key in self.orders:
            return mapping.to_record(self.orders[key], config)
        return Record(self.name, Raw(self.start, "application/octet-stream"), None, self.faults)


def order_files(ctx: Ctx[OrderFileConfig]) -> tuple[str, ...]:
    """Return the names of the order files, sorted as people count: ``s-9.csv`` before ``s-10.csv``.

    Raises:
        ConfigError: no such folder, or ``orderfile.folder.too_much``.
    """
    names = [name for name in ctx.files.list(ctx.config.pattern) if _is_order_file(name)]
    if not names:
        return ()
    wanted = set(names)
    size = sum(size for name, size in ctx.files.iter_sizes() if name in wanted)
    if len(names) > MAX_FILES or size > MAX_FOLDER:
        text = TEXTS.text(
            "orderfile.folder.too_much", count=len(names), size=size, files=MAX_FILES, limit=MAX_FOLDER
        )
        raise ConfigError("orderfile.folder.too_much", text, field="folder")
    return tuple(sorted(names, key=_as_counted))


def read_book(name: str, content: bytes, config: OrderFileConfig) -> Book:
    """Return what is in a file; faults of the file become findings of its own record."""
    try:
        found = tables.read(name, content, config)
    except Rejected as error:
        return Book(name, faults=validation.rejection_findings(error), start=content[:_KEPT_OF_BAD_FILE])
    return _book(name, found, content, config)


def open_book(ctx: Ctx[OrderFileConfig], name: str) -> Book:
    """Read one file of the folder."""
    try:
        content = ctx.files.read(name, limit=MAX_FILE)
    except Rejected as error:
        return Book(name, faults=validation.rejection_findings(error))
    except ConfigError as error:
        if error.code == "files.missing":
            return Book(name)
        return Book(name, faults=(Finding(code=error.code, message=error.message, detail=error.detail),))
    return read_book(name, content, ctx.config)


def _book(name: str, found: Sequence[Table], content: bytes, config: OrderFileConfig) -> Book:
    faults: list[Finding] = []
    orders: dict[str, Entry] = {}
    settled: list[Table] = []
    for table in found:
        entries = mapping.entries(table, config)
        view = entries[0].table if entries else table
        settled.append(view)
        wrong = mapping.heading_findings(view)
        faults += wrong
        if not wrong:
            orders |= {entry.key: entry for entry in entries}
    return Book(name, orders, tuple(settled), tuple(faults), content[:_KEPT_OF_BAD_FILE] if faults else b"")


def fetch_page(ctx: Ctx[OrderFileConfig], cursor: str | None, limit: int) -> Page[Order]:
    """Return one page of the folder's orders.

    The position is a file and the last order read of it, so rows added meanwhile move nothing. An order that
    stands in several files is given once, as the last of them has it.

    Raises:
        CursorExpired: the file or order of the position is gone.
    """
    names, after = _rest(order_files(ctx), cursor)
    books = [open_book(ctx, name) for name in names]
    last = {key: index for index, book in enumerate(books) for key in book.keys}
    places = [
        (book, key)
        for index, book in enumerate(books)
        for key in (_beyond(book, after) if index == 0 else book.keys)
        if last[key] == index
    ]
    shown = places[: max(1, limit)]
    records = tuple(book.record(key, ctx.config) for book, key in shown)
    more = len(places) > len(shown)
    return Page(records, _position(*shown[-1]) if more else None)


def _rest(names: Sequence[str], cursor: str | None) -> tuple[Sequence[str], str | None]:
    if cursor is None:
        return names, None
    fields = paging.decode_cursor(cursor)
    name, after = fields.get("file"), fields.get("after")
    if name not in names or not isinstance(after, str):
        raise CursorExpired("orderfile.cursor", TEXTS["orderfile.cursor"], detail=str(name)[:200])
    return names[names.index(str(name)) :], after


def _beyond(book: Book, after: str | None) -> Sequence[str]:
    if after is None:
        return book.keys
    if after not in book.keys:
        raise CursorExpired("orderfile.cursor", TEXTS["orderfile.cursor"], detail=book.name)
    return book.keys[book.keys.index(after) + 1 :]


def _position(book: Book, key: str) -> str:
    return paging.encode_cursor({"file": book.name, "after": key})


def _is_order_file(name: str) -> bool:
    bare = name.rsplit("/", 1)[-1].lower()
    return bare.endswith(_ENDINGS) and not bare.startswith(_HIDDEN)


def _as_counted(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = _DIGITS.split(fold.fold(name))
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)
