"""Orders, refunds and the second listing, as the hooks ask for them."""

from dataclasses import replace

from pydantic import ValidationError

from kopru.model import ExternalRef, Order, Return
from kopru.model.money import cents
from kopru.sdk import Ctx, Page, Raw, Record, RefKind, Rejected, RemoteRef, Unsupported, Window
from kopru.toolkit.records import Item
from kopru_ikas import codes, queries
from kopru_ikas.client import Client
from kopru_ikas.config import IkasConfig
from kopru_ikas.mapping.orders import is_wanted, order_record, read_payload
from kopru_ikas.mapping.remote import RemoteRow
from kopru_ikas.mapping.returns import is_return, return_record
from kopru_ikas.reading import Reader
from kopru_ikas.texts import TEXTS

_LONGEST_ID = 100


def fetch_orders(ctx: Ctx[IkasConfig], cursor: str | None, window: Window, limit: int) -> Page[Order]:
    """Return one page of orders changed inside the window."""
    return Reader(ctx, window, queries.ORDER).page(
        cursor,
        limit,
        lambda data: is_wanted(data, ctx.config),
        lambda item, n: order_record(item.data, item.raw, n, ctx.config),
    )


def fetch_returns(ctx: Ctx[IkasConfig], cursor: str | None, window: Window, limit: int) -> Page[Return]:
    """Return what comes back of the orders changed inside the window."""
    return Reader(ctx, window, queries.ORDER).page(
        cursor,
        limit,
        lambda data: is_return(data) and is_wanted(data, ctx.config),
        lambda item, n: return_record(item.data, item.raw, n),
    )


def fetch_refs(
    ctx: Ctx[IkasConfig], kind: RefKind, cursor: str | None, window: Window, limit: int
) -> Page[RemoteRef]:
    """List the orders changed inside the window, by a short query of its own.

    Raises:
        Unsupported: another kind than orders.
    """
    if kind is not RefKind.ORDER:
        raise Unsupported("ikas.unsupported", TEXTS["ikas.unsupported"])
    page = Reader(ctx, window, queries.ORDER_ROW).page(
        cursor, limit, lambda data: is_wanted(data, ctx.config), lambda item, _: _ref_record(item)
    )
    return replace(page, records=tuple(record for record in page.records if record.value))


def fetch_order(ctx: Ctx[IkasConfig], ref: ExternalRef) -> Record[Order]:
    """Return one order as ikas holds it now.

    Raises:
        Rejected: ``ikas.order.not_found``.
    """
    item = find(Client(ctx), ref, queries.ORDER)
    if item is None:
        raise not_found(ref)
    return order_record(item.data, item.raw, 0, ctx.config)


def parse_orders(config: IkasConfig, raw: Raw) -> tuple[Record[Order], ...]:
    """Map a stored payload: one order, a list of them, or an answer page."""
    try:
        items = read_payload(raw.content)
    except Rejected as error:
        text = TEXTS["ikas.payload.unreadable"]
        raise Rejected("ikas.payload.unreadable", text, detail=error.detail) from error
    return tuple(order_record(item.data, item.raw, n, config) for n, item in enumerate(items))


def find(client: Client, ref: ExternalRef, selection: str) -> Item | None:
    """Return an order by its id, or ``None``. An id that cannot be one costs no call.

    Raises:
        Rejected: the reference is not that of an order.
    """
    if ref.kind != codes.ORDER:
        text = TEXTS.text("ikas.order.wrong_kind", kind=ref.kind)
        raise Rejected("ikas.order.wrong_kind", text, field="order")
    plausible = len(ref.id) <= _LONGEST_ID and ref.id.isascii() and ref.id.replace("-", "").isalnum()
    if not plausible:
        return None
    found = client.orders(selection, page=1, limit=1, ids=(ref.id,)).items
    return next(
        (item for item in found if isinstance(item.data, dict) and item.data.get("id") == ref.id), None
    )


def not_found(ref: ExternalRef) -> Rejected:
    """Return the error of an order that ikas does not know."""
    return Rejected("ikas.order.not_found", TEXTS.text("ikas.order.not_found", order=ref.id[:100]))


def _ref_record(item: Item) -> Record[RemoteRef]:
    try:
        row = RemoteRow.model_validate(item.data)
    except ValidationError:
        return Record("", item.raw)
    total = row.total_final_price
    if row.net_total_final_price not in (None, total):
        # Which of the two counts follows from the lines, which this listing does not read.
        total = None
    ref = RemoteRef(
        kind=RefKind.ORDER,
        external_id=row.id,
        number=row.order_number,
        total=None if total is None else cents(total),
        currency=row.currency_code,
        at=row.updated_at,
        cancelled=row.deleted or row.status == codes.CANCELLED,
        record_kind=codes.ORDER,
    )
    return Record(row.id, item.raw, ref)
