"""Reading a stream to its end, with the rules every page must keep."""

from collections.abc import Callable
from typing import Any

from kopru.hooks.types import Page, Raw, Record
from kopru.testing.contract.failure import Failure, expect

_MOST_PAGES = 400

PageOf = Callable[[str | None], Page[Any]]


def read_all(fetch: PageOf, *, after: Callable[[int], object] = lambda pages: None) -> list[Record[Any]]:
    """Return every record of a stream.

    Args:
        fetch: returns the page at a cursor.
        after: called with the number of pages read so far, before the next one is asked for.

    Raises:
        Failure: a cursor comes twice, or the stream does not end.
    """
    records: list[Record[Any]] = []
    seen: set[str] = set()
    cursor: str | None = None
    for pages in range(1, _MOST_PAGES):
        page = fetch(cursor)
        check_page(page)
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records
        expect(cursor not in seen, f"The cursor {cursor!r} was given twice.")
        seen.add(cursor)
        after(pages)
    raise Failure(f"The stream has not ended after {_MOST_PAGES} pages.")


def check_page(page: Page[Any]) -> None:
    """Check what is true for every page."""
    expect(isinstance(page.records, tuple), "records is no tuple.")
    expect(page.next_cursor is None or page.next_cursor, "next_cursor is empty; the last page has None.")
    mark = page.watermark
    expect(mark is None or mark.tzinfo is not None, "The watermark is not aware.")
    for record in page.records:
        check_record(record)


def check_record(record: Record[Any]) -> None:
    """Check what is true for every record."""
    expect(isinstance(record, Record), f"A page holds {type(record).__name__} instead of Record.")
    expect(isinstance(record.raw, Raw), f"{record.external_id} has no raw payload.")
    blocked = any(finding.blocks for finding in record.findings)
    if record.value is None:
        expect(blocked, f"{record.external_id} has neither a value nor a finding that says why.")
        expect(all(each.message.tr and each.message.en for each in record.findings), "A finding is silent.")
    else:
        expect(record.external_id, "A record has no external id.")


def ids(records: list[Record[Any]]) -> list[str]:
    """Return the identities of records."""
    return [record.external_id for record in records]
