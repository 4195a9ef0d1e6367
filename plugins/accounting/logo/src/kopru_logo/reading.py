"""What is particular to fields of Logo's answers; ``kopru.toolkit.rows`` reads the others."""

from datetime import date

from kopru.toolkit import dates
from kopru.toolkit.rows import Row, integer, text


def reference(row: Row, name: str) -> int:
    """Return a record's own reference, which is never missing or zero.

    Raises:
        ValueError: it is.
    """
    value = integer(row, name)
    if value <= 0:
        raise ValueError(f"{name} is missing")
    return value


def day(row: Row, name: str) -> date | None:
    """Return a date field; Logo writes ISO dates with or without a clock.

    Raises:
        Rejected: ``date.unreadable``.
    """
    value = text(row, name)
    return dates.parse_date(value) if value else None


def children(row: Row, name: str) -> tuple[Row, ...]:
    """Return a nested collection; Logo always wraps it in ``{"items": […]}``."""
    collection = row.get(name)
    items = collection.get("items") if isinstance(collection, dict) else None
    return tuple(each for each in items if isinstance(each, dict)) if isinstance(items, list) else ()
