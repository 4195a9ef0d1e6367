"""Writing back to an order: packed, invoice link, shipped, cancelled; and looking up a write.

Nothing here takes a key, and most repeats are refused. So every write reads the order first and once more
after a refusal: "already so" is success.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from kopru.model import ExternalRef, OrderStatus
from kopru.sdk import (
    Absent,
    CannotTell,
    ConfigError,
    Conflict,
    Ctx,
    Echo,
    Found,
    IdempotencyKey,
    Located,
    Operation,
    OrderAction,
    OrderUpdate,
    Receipt,
    ReceiptState,
    Rejected,
    TransientError,
    Unsupported,
)
from kopru.toolkit import dates
from kopru_hepsiburada import codes
from kopru_hepsiburada.client import Client, Json
from kopru_hepsiburada.config import HepsiburadaConfig, Packaging, StoredInvoice
from kopru_hepsiburada.state import Line, State, known_state, state_of
from kopru_hepsiburada.texts import TEXTS

_LINK = re.compile(r"^https?://\S+$", re.IGNORECASE)
_WORDS = re.compile(r"[a-z_]+")
_NUMBER = re.compile(r"^([A-Z0-9]{3})([0-9]{13})$")
_MOST_PACKAGES = 50

Reached = Callable[[State], bool]


def update_order_status(ctx: Ctx[HepsiburadaConfig], update: OrderUpdate) -> Receipt:
    """Carry out one write-back; see the hook's specification."""
    if update.order.kind != codes.ORDER:
        text = TEXTS.text("hepsiburada.order.wrong_kind", kind=update.order.kind)
        raise Rejected("hepsiburada.order.wrong_kind", text, field="order")
    return _ACTIONS[update.action](Client(ctx), update)


def locate(
    ctx: Ctx[HepsiburadaConfig], operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
) -> Located:
    """Tell from the order whether a status write arrived; the key names the action, which leaves a trace."""
    if operation is not Operation.UPDATE_ORDER_STATUS or hint is None or hint.kind != codes.ORDER:
        return CannotTell(TEXTS["hepsiburada.locate.no_lookup"])
    state = state_of(Client(ctx), hint)
    if state is None:
        return CannotTell(TEXTS["hepsiburada.locate.no_order"])
    named = {codes.ACTIONS[word] for word in _WORDS.findall(key.value) if word in codes.ACTIONS}
    reached = _TRACES[named.pop()](state) if len(named) == 1 else None
    if reached is None:
        return CannotTell(TEXTS["hepsiburada.locate.no_trace"])
    return Found(_done(hint)) if reached else Absent()


def _prepare(client: Client, update: OrderUpdate) -> Receipt:
    if client.config.packaging is Packaging.AUTO:
        text = TEXTS["hepsiburada.status.packaging_auto"]
        raise Unsupported("hepsiburada.status.packaging_auto", text)
    wanted = {line for line, _ in update.lines}
    state = known_state(client, update.order)
    _require(state, wanted)
    _packed(client, update.order, state, wanted)
    return _done(update.order)


def _invoiced(client: Client, update: OrderUpdate) -> Receipt:
    raise Unsupported("hepsiburada.status.number_only", TEXTS["hepsiburada.status.number_only"])


def _send_link(client: Client, update: OrderUpdate) -> Receipt:
    """Give the address of the invoice to every package of the order."""
    link = update.invoice_url.strip()
    if not _LINK.match(link):
        text = TEXTS.text("hepsiburada.status.incomplete", what="invoice_url")
        raise Rejected("hepsiburada.status.incomplete", text, field="invoice_url")
    state = _all_packed(client, update.order)
    body = _invoice_body(update, link, client)
    for package in state.packages:
        if _has_invoice(state, package):
            _accept_stored(client, update.order, package)
            continue
        try:
            client.send_invoice(package, body)
        except Conflict:
            _accept_stored(client, update.order, package)
    return _done(update.order, update.invoice_number)


def _ship(client: Client, update: OrderUpdate) -> Receipt:
    """Tell that the merchant's own carrier has the parcels; contracted carriers report by themselves."""
    tracking = update.tracking_number.strip()
    state = known_state(client, update.order)
    if _all_shipped(state) or (tracking and {line.barcode for line in state.live} == {tracking}):
        return _done(update.order)
    if not client.config.own_cargo:
        text = TEXTS["hepsiburada.status.contracted_cargo"]
        raise Rejected("hepsiburada.status.contracted_cargo", text, field="tracking_number")
    if not tracking:
        text = TEXTS.text("hepsiburada.status.incomplete", what="tracking_number")
        raise Rejected("hepsiburada.status.incomplete", text, field="tracking_number")
    state = _all_packed(client, update.order)
    body = _shipment(client, tracking)
    waiting = dict.fromkeys(line.package for line in state.live if line.package and not line.shipped)
    for package in waiting:
        _ship_package(client, update.order, package, body)
    return _done(update.order)


def _cancel(client: Client, update: OrderUpdate) -> Receipt:
    """Cancel open lines, whole ones. It costs a penalty, so nothing happens unless every line can go."""
    reason = _reason(client.config, update.reason)
    state = known_state(client, update.order)
    wanted = _whole_lines(state, update)
    packed = [line for line in wanted if line.packed]
    if any(line.shipped for line in packed):
        raise Rejected("hepsiburada.status.too_late", TEXTS["hepsiburada.status.too_late"])
    if packed and not client.config.unpack_to_cancel:
        raise Rejected("hepsiburada.status.unpack_first", TEXTS["hepsiburada.status.unpack_first"])
    for package in dict.fromkeys(line.package for line in packed):
        _unpack(client, update.order, package)
    for line in wanted:
        _cancel_line(client, update.order, line, reason)
    return _done(update.order)


def _all_packed(client: Client, ref: ExternalRef) -> State:
    """Return an order whose live lines are all in packages, packing them if that is ours to do.

    Raises:
        TransientError: somebody else has yet to pack it.
    """
    state = known_state(client, ref)
    if not state.live:
        raise Rejected("hepsiburada.status.cancelled", TEXTS["hepsiburada.status.cancelled"])
    if client.config.packaging is Packaging.MANUAL:
        return _packed(client, ref, state, set())
    if state.open or not state.packages:
        raise TransientError("hepsiburada.package.not_yet", TEXTS["hepsiburada.package.not_yet"])
    return state


def _packed(client: Client, ref: ExternalRef, state: State, wanted: set[str]) -> State:
    """Put the open lines meant, by default all, into as few packages as they may share."""
    for _ in range(_MOST_PACKAGES):
        waiting = [line for line in state.open if not wanted or line.id in wanted]
        if not waiting:
            return state
        first, *others = waiting
        company = client.packageable_with(first.id) if others else frozenset()
        together = [first, *(line for line in others if line.id in company)]
        _pack(client, ref, together)
        state = known_state(client, ref)
    raise Rejected("hepsiburada.status.packing", TEXTS["hepsiburada.status.packing"])


def _pack(client: Client, ref: ExternalRef, lines: Sequence[Line]) -> None:
    ids = {line.id for line in lines}

    def packed(state: State) -> bool:
        return not ids & {line.id for line in state.open}

    _reach(client, ref, packed, lambda: client.make_package(_package_body(client.config, lines)))


def _ship_package(client: Client, ref: ExternalRef, package: str, body: Json) -> None:
    def shipped(state: State) -> bool:
        return all(line.shipped for line in state.live if line.package == package)

    _reach(client, ref, shipped, lambda: client.ship(package, body))


def _unpack(client: Client, ref: ExternalRef, package: str) -> None:
    _reach(client, ref, lambda state: package not in state.packages, lambda: client.unpack(package))


def _cancel_line(client: Client, ref: ExternalRef, line: Line, reason: str) -> None:
    def cancelled(state: State) -> bool:
        return line.id not in {each.id for each in state.live}

    _reach(client, ref, cancelled, lambda: client.cancel(line.id, reason))


def _package_body(config: HepsiburadaConfig, lines: Sequence[Line]) -> Json:
    rows: list[Json] = [
        {"id": line.id, "quantity": _count(line.quantity), "serialNumbers": []} for line in lines
    ]
    body: Json = {
        "parcelQuantity": config.parcel_count,
        "deci": config.parcel_deci,
        "lineItemRequests": rows,
    }
    carrier = config.cargo_company or lines[0].cargo_company
    body |= {"cargoCompany": carrier} if carrier else {}
    label = config.warehouse_label
    return body | ({"warehouse": {"shippingAddressLabel": label}} if label else {})


def _invoice_body(update: OrderUpdate, link: str, client: Client) -> Json:
    number = _NUMBER.match(update.invoice_number.strip())
    body: Json = {
        "invoiceLink": link,
        "arrangementDate": _local(update.invoice_at or client.ctx.now()),
    }
    body |= {"serialNumber": number[1], "rowNumber": number[2]} if number else {}
    if client.config.invoice_per_order:
        row: Json = {"orderNumber": update.order.id, "invoiceLink": link, "contentType": "application/pdf"}
        body["invoices"] = [row]
    return body


def _shipment(client: Client, tracking: str) -> Json:
    link = bool(_LINK.match(tracking))
    number = tracking.rstrip("/").rpartition("/")[2] if link else tracking
    return {
        "shippedDate": _local(client.ctx.now()),
        "trackingNumber": number,
        "trackingUrl": tracking if link else "",
        "deci": client.config.parcel_deci,
    }


def _accept_stored(client: Client, ref: ExternalRef, package: str) -> None:
    """Take an invoice that stands there for ours, or let a person look, as the settings say."""
    if client.config.stored_invoice is StoredInvoice.ASK:
        text = TEXTS.text("hepsiburada.invoice.stored", package=package)
        raise Conflict("hepsiburada.invoice.stored", text, existing=ref)
    client.ctx.log.info("hepsiburada.invoice.stored", package=package)


def _reach(client: Client, ref: ExternalRef, reached: Reached, write: Callable[[], None]) -> None:
    """Write; when that is refused although the order has got there meanwhile, be content."""
    try:
        write()
    except (Rejected, Conflict):
        state = state_of(client, ref)
        if state is None or not reached(state):
            raise


def _whole_lines(state: State, update: OrderUpdate) -> list[Line]:
    """Return the live lines meant, by default all; part of a line cannot be cancelled."""
    _require(state, {line for line, _ in update.lines})
    quantities = dict(update.lines)
    live = {line.id: line for line in state.live}
    for identity, quantity in quantities.items():
        if identity in live and quantity != live[identity].quantity:
            text = TEXTS.text("hepsiburada.status.part", line=identity)
            raise Rejected("hepsiburada.status.part", text, field="lines")
    return [line for line in live.values() if not quantities or line.id in quantities]


def _require(state: State, wanted: set[str]) -> None:
    unknown = wanted - {line.id for line in state.lines}
    if unknown:
        text = TEXTS.text("hepsiburada.status.lines", line=min(unknown))
        raise Rejected("hepsiburada.status.lines", text, field="lines")


def _reason(config: HepsiburadaConfig, given: str) -> str:
    reason = given.strip() or config.cancel_reason
    if not reason:
        code = "hepsiburada.cancel.reason_missing"
        raise ConfigError(code, TEXTS[code], field="cancel_reason")
    if not (reason.isascii() and reason.isdigit()) or len(reason) > len("123456789"):
        text = TEXTS.text("hepsiburada.cancel.reason", reason=reason[:100])
        raise Rejected("hepsiburada.cancel.reason", text, field="reason")
    return reason


def _all_shipped(state: State) -> bool:
    return bool(state.live) and all(line.shipped for line in state.live)


def _has_invoice(state: State, package: str) -> bool:
    return any(line.has_invoice for line in state.live if line.package == package)


def _is_prepared(state: State) -> bool | None:
    if state.open:
        return False if not state.packages else None
    return bool(state.packages) or None


def _is_linked(state: State) -> bool | None:
    found = {line.has_invoice for line in state.live if line.packed}
    if not found:
        return False
    return None if None in found or len(found) > 1 else found.pop()


def _is_shipped(state: State) -> bool | None:
    shipped = {line.shipped for line in state.live}
    return None if len(shipped) != 1 else shipped.pop()


def _is_cancelled(state: State) -> bool | None:
    dead = {line.status is OrderStatus.CANCELLED for line in state.lines}
    return None if len(dead) != 1 else dead.pop()


def _count(quantity: Decimal) -> int | Decimal:
    return int(quantity) if quantity == quantity.to_integral_value() else quantity


def _local(moment: datetime) -> str:
    return moment.astimezone(dates.ISTANBUL).strftime("%Y-%m-%dT%H:%M:%S")


def _done(ref: ExternalRef, number: str = "") -> Receipt:
    return Receipt(ReceiptState.DONE, ref=ref, number=number or None, echo=Echo(number=number or None))


_ACTIONS: dict[OrderAction, Callable[[Client, OrderUpdate], Receipt]] = {
    OrderAction.PREPARING: _prepare,
    OrderAction.INVOICED: _invoiced,
    OrderAction.INVOICE_LINK: _send_link,
    OrderAction.SHIPPED: _ship,
    OrderAction.CANCELLED: _cancel,
}

_TRACES: dict[OrderAction, Callable[[State], bool | None]] = {
    OrderAction.PREPARING: _is_prepared,
    OrderAction.INVOICED: lambda state: None,
    OrderAction.INVOICE_LINK: _is_linked,
    OrderAction.SHIPPED: _is_shipped,
    OrderAction.CANCELLED: _is_cancelled,
}
"""What each action leaves behind: it is there, it is not, or nobody can tell (``None``)."""
