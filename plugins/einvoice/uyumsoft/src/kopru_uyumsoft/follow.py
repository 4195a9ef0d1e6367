"""Asking Uyumsoft where documents stand: many at a time, each understood on its own."""

from collections.abc import Iterator, Sequence

from kopru.sdk import PendingReceipt, ReceiptUpdate, Rejected
from kopru_uyumsoft import lists, mapping, states
from kopru_uyumsoft.client import Client
from kopru_uyumsoft.codes import APPROVED, ERROR, Side
from kopru_uyumsoft.errors import REFUSALS
from kopru_uyumsoft.mapping import Row

Asked = Sequence[tuple[PendingReceipt, Side]]


def updates(client: Client, asked: Asked) -> tuple[ReceiptUpdate, ...]:
    """Return one update per entry, in order."""
    size = client.ctx.config.status_batch
    return tuple(
        update
        for start in range(0, len(asked), size)
        for update in _updates(client, asked[start : start + size])
    )


def row_of(client: Client, ettn: str) -> Row | None:
    """Return the state of a sent document, ``None`` when Uyumsoft does not know it.

    Whether an unknown document is left out of an answer or refused is not documented. After a refusal its
    list, which can be empty without one, has the last word.
    """
    try:
        return mapping.by_ettn(client.statuses([ettn])).get(ettn)
    except Rejected as error:
        if error.code not in REFUSALS:
            raise
        return lists.rows_of(client, Side.E_INVOICE, (ettn,)).get(ettn)


def is_held(client: Client, ettn: str) -> bool:
    """Whether Uyumsoft holds a sent document of that ETTN."""
    return row_of(client, ettn) is not None


def _updates(client: Client, asked: Asked) -> Iterator[ReceiptUpdate]:
    rows = _statuses(client, tuple(dict.fromkeys(entry.ref.id.lower() for entry, _ in asked)))
    gib = _gib_codes(client, rows)
    commercial = _commercial(client, asked, rows)
    for entry, side in asked:
        ettn = entry.ref.id.lower()
        if ettn in rows:
            yield states.update(entry, side, rows[ettn], gib.get(ettn, 0), ettn in commercial)
        else:
            yield states.unknown(entry.ref, "uyumsoft.status.not_found", ettn)


def _statuses(client: Client, ettns: tuple[str, ...]) -> dict[str, Row]:
    try:
        return mapping.by_ettn(client.statuses(ettns))
    except Rejected as error:
        if error.code not in REFUSALS:
            raise
    # One document may have spoiled the answer for all.
    found = {ettn: row_of(client, ettn) for ettn in ettns}
    return {ettn: row for ettn, row in found.items() if row is not None}


def _gib_codes(client: Client, rows: dict[str, Row]) -> dict[str, int]:
    failed = [ettn for ettn, row in rows.items() if mapping.status_of(row) == ERROR]
    if not failed:
        return {}
    try:
        found = mapping.by_ettn(client.logs(failed))
    except Rejected as error:
        if error.code not in REFUSALS:
            raise
        # The failure itself is known; without its code a person has to look.
        return {}
    return {ettn: states.gib_code(row) for ettn, row in found.items()}


def _commercial(client: Client, asked: Asked, rows: dict[str, Row]) -> frozenset[str]:
    """Return the approved documents that the buyer approved; the state of others says the same."""
    approved = tuple(
        ettn
        for entry, side in asked
        if side is Side.E_INVOICE
        and (ettn := entry.ref.id.lower()) in rows
        and mapping.status_of(rows[ettn]) == APPROVED
    )
    try:
        found = lists.rows_of(client, Side.E_INVOICE, approved)
    except Rejected as error:
        if error.code not in REFUSALS:
            raise
        return frozenset()
    return frozenset(ettn for ettn, row in found.items() if mapping.is_commercial(row))
