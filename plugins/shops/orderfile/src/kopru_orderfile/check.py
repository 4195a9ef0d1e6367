"""The connection check: opens the seller's files and says in plain words what would be imported."""

from collections.abc import Iterator, Sequence

from kopru.model import Order, Text
from kopru.sdk import CheckItem, CheckResult, ConfigError, Ctx, Record
from kopru_orderfile.cells import Table
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.folder import Book, open_book, order_files
from kopru_orderfile.texts import TEXTS

_OPENED = 10
_NAMED = 5


def check(ctx: Ctx[OrderFileConfig]) -> CheckResult:
    """Check folder, files, headings and rows; every failed item tells what to do."""
    try:
        names = order_files(ctx)
    except ConfigError as error:
        fix = TEXTS["orderfile.check.folder_fix"]
        return CheckResult((CheckItem("folder", ok=False, message=error.message, fix=fix),))
    items = [_passed("folder", "folder", folder=ctx.config.folder)]
    if not names:
        text = TEXTS.text("orderfile.check.no_files", pattern=ctx.config.pattern)
        fix = TEXTS["orderfile.check.no_files_fix"]
        return CheckResult((*items, CheckItem("files", ok=False, message=text, fix=fix)))
    items.append(_passed("files", "files", count=len(names), names=_list(names)))
    for name in names[-_OPENED:]:
        items += _book_items(open_book(ctx, name), ctx.config)
    if len(names) > _OPENED:
        items.append(_passed("files", "skipped", count=len(names) - _OPENED, shown=_OPENED))
    return CheckResult(tuple(items))


def _book_items(book: Book, config: OrderFileConfig) -> Iterator[CheckItem]:
    name = f"file:{book.name}"
    fix = TEXTS["orderfile.check.file_fix"]
    for finding in book.faults:
        message = finding.message
        if not message.tr.startswith(book.name):
            message = Text(tr=f"{book.name}: {message.tr}", en=f"{book.name}: {message.en}")
        yield CheckItem(name, ok=False, message=message, fix=fix)
    records = {key: book.record(key, config) for key in book.orders}
    held = [record for record in records.values() if record.value is None]
    for table in book.tables:
        own = [records[key] for key, entry in book.orders.items() if entry.table is table]
        if own:
            yield _table_item(name, table, own)
    if held:
        first = next(finding.message for finding in held[0].findings if finding.blocks)
        text = TEXTS["orderfile.check.held"]
        shown = Text(
            tr=text.tr.format(place=f"{book.name}: ", held=len(held), first=first.tr),
            en=text.en.format(place=f"{book.name}: ", held=len(held), first=first.en),
        )
        yield CheckItem(name, ok=False, message=shown, fix=TEXTS["orderfile.check.held_fix"])


def _table_item(name: str, table: Table, records: Sequence[Record[Order]]) -> CheckItem:
    ready = [record.value for record in records if record.value is not None]
    columns = table.columns
    used = set(columns.places.values())
    unused = [text for place, text in enumerate(columns.headings) if text and place not in used]
    mapped = sorted((place, field) for field, place in columns.places.items())
    excluded = bool(ready) and not ready[0].tax_included
    return _passed(
        name,
        "table",
        place=f"{table.place}: " if table.place else "",
        orders=len(ready),
        lines=sum(len(order.lines) for order in ready),
        columns=", ".join(f"{columns.headings[place]} → {field}" for place, field in mapped),
        vat_tr="hariç" if excluded else "dahil",
        vat_en="exclude" if excluded else "include",
        unused_tr=f" Kullanılmayan başlıklar: {_list(unused, 20)}." if unused else "",
        unused_en=f" Headings not used: {_list(unused, 20)}." if unused else "",
    )


def _passed(name: str, code: str, **shown: object) -> CheckItem:
    return CheckItem(name, ok=True, message=TEXTS.text(f"orderfile.check.{code}", **shown))


def _list(names: Sequence[str], most: int = _NAMED) -> str:
    more = ", …" if len(names) > most else ""
    return ", ".join(names[:most]) + more
