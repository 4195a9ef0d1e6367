"""Writing back to a package: preparing, invoiced, invoice link, shipped, cancelled; and looking up a write.

Trendyol answers a repeated status change with an error instead of letting it pass, so every change reads the
package first and once more after a refusal: "already so" is success.
"""

import re
from collections.abc import Callable
from datetime import timedelta

from pydantic import ValidationError

from kopru.model import ExternalRef
from kopru.sdk import (
    Absent,
    CannotTell,
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
)
from kopru.toolkit import dates, text, validation
from kopru_trendyol import codes
from kopru_trendyol.client import Client
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.mapping.remote import RemoteState
from kopru_trendyol.orders import find_package, require_package
from kopru_trendyol.texts import TEXTS

_LINK = re.compile(r"^https?://\S+$", re.IGNORECASE)
_WORDS = re.compile(r"[a-z_]+")
_MOBILE_AREA = "5"

Reached = Callable[[RemoteState], bool]


def update_order_status(ctx: Ctx[TrendyolConfig], update: OrderUpdate) -> Receipt:
    """Carry out one write-back; see the hook's specification."""
    require_package(update.order)
    return _ACTIONS[update.action](Client(ctx), update)


def locate(
    ctx: Ctx[TrendyolConfig], operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
) -> Located:
    """Tell from the package whether a status write arrived.

    The key must name the action, because each leaves its own trace. Without that only an untouched package
    can be told: nothing arrived there.
    """
    if operation is not Operation.UPDATE_ORDER_STATUS or hint is None or hint.kind != codes.PACKAGE:
        return CannotTell(TEXTS["trendyol.locate.no_lookup"])
    state = _state(Client(ctx), hint)
    if state is None:
        return CannotTell(TEXTS["trendyol.locate.no_package"])
    unsure = CannotTell(TEXTS.text("trendyol.locate.which_action", status=state.status or "?"))
    named = {codes.ACTIONS[word] for word in _WORDS.findall(key.value) if word in codes.ACTIONS}
    if len(named) != 1:
        return Absent() if _is_untouched(state) else unsure
    (action,) = named
    if _TRACES[action](state):
        return Found(_done(hint, state.invoice_number))
    # A closed package has lost its earlier states, and a cargo number alone leaves no sure trace.
    return unsure if state.status in codes.CLOSED or action is OrderAction.SHIPPED else Absent()


def _prepare(client: Client, update: OrderUpdate) -> Receipt:
    state = _open_state(client, update.order, _is_prepared)
    if not _is_prepared(state):
        _reach(client, update.order, _is_prepared, lambda: _pick(client, state, update))
    return _done(update.order)


def _invoice(client: Client, update: OrderUpdate) -> Receipt:
    number = _required(update.invoice_number, "invoice_number")

    def is_invoiced(state: RemoteState) -> bool:
        return state.invoice_number == number and (state.status == "Invoiced" or _is_shipped(state))

    state = _open_state(client, update.order, is_invoiced)
    if is_invoiced(state):
        return _done(update.order, number)
    if state.invoice_number and state.invoice_number != number:
        other = TEXTS.text("trendyol.status.other_invoice", number=state.invoice_number)
        raise Conflict("trendyol.status.other_invoice", other, existing=update.order)
    if _is_shipped(state):
        raise _too_late(state)
    if not _is_prepared(state):
        _reach(client, update.order, _is_prepared, lambda: _pick(client, state, update))
    body = {"lines": _lines(state, update), "params": {"invoiceNumber": number}, "status": "Invoiced"}
    _reach(client, update.order, is_invoiced, lambda: client.set_status(update.order.id, body))
    return _done(update.order, number)


def _send_link(client: Client, update: OrderUpdate) -> Receipt:
    """Send the link; on 409 the stored link decides: the same is success, another is for a person."""
    link = _required(update.invoice_url, "invoice_url")
    body: dict[str, str | int] = {"invoiceLink": link, "shipmentPackageId": int(update.order.id)}
    if update.invoice_number:
        body["invoiceNumber"] = update.invoice_number
    if update.invoice_at is not None:
        offset = timedelta(hours=client.ctx.config.invoice_time_offset_hours)
        body["invoiceDateTime"] = dates.epoch_ms(update.invoice_at + offset)
    try:
        client.send_link(body)
    except Conflict as refusal:
        state = _state(client, update.order)
        stored = state.invoice_url if state else ""
        if not stored:
            raise TransientError("trendyol.link.unseen", TEXTS["trendyol.link.unseen"]) from refusal
        if stored != link:
            other = TEXTS.text("trendyol.link.other", link=stored[:200])
            raise Conflict("trendyol.link.other", other, existing=update.order) from refusal
    return _done(update.order, update.invoice_number)


def _ship(client: Client, update: OrderUpdate) -> Receipt:
    """Tell how a parcel travels.

    Trendyol's own carriers report by themselves, so the package's own cargo number needs no telling. A web
    address or a mobile number stands for the seller's own delivery, anything else for a cargo number.
    """
    tracking = update.tracking_number.strip()
    state = _open_state(client, update.order, _is_shipped)
    if _is_shipped(state) or (tracking and tracking == state.tracking_number):
        return _done(update.order)
    _required(tracking, "tracking_number")
    package = update.order.id
    phone = text.split_phone(tracking)
    if _LINK.match(tracking):
        body: dict[str, object] = {"isPhoneNumber": False, "trackingInfo": tracking, "params": {}}
        _reach(client, update.order, _is_shipped, lambda: client.deliver_ourselves(package, body))
    elif phone and phone.area.startswith(_MOBILE_AREA):
        config = client.ctx.config
        parcel = {"boxQuantity": config.box_count, "deci": config.parcel_deci}
        body = {"isPhoneNumber": True, "trackingInfo": phone.area + phone.number, "params": {}, **parcel}
        _reach(client, update.order, _is_shipped, lambda: client.deliver_ourselves(package, body))
    else:
        _reach(
            client,
            update.order,
            lambda now: now.tracking_number == tracking,
            lambda: client.set_tracking(package, tracking),
        )
    return _done(update.order)


def _cancel(client: Client, update: OrderUpdate) -> Receipt:
    """Declare lines not suppliable. A part of a package closes it and opens another for the rest."""
    reason = _reason(update.reason, client.ctx.config)
    state = _known_state(client, update.order)
    if state.status in codes.CANCELLED or _was_cancelled_in_part(client, state, update):
        return _done(update.order)
    if state.status in codes.CLOSED:
        raise _closed(state)
    if _is_shipped(state):
        raise _too_late(state)
    body = {"lines": _lines(state, update), "reasonId": reason}
    _reach(
        client,
        update.order,
        lambda now: now.status in codes.CANCELLED or _was_cancelled_in_part(client, now, update),
        lambda: client.cancel(update.order.id, body),
    )
    return _done(update.order)


def _was_cancelled_in_part(client: Client, state: RemoteState, update: OrderUpdate) -> bool:
    """Whether a closed package was replaced because a part of it had been cancelled."""
    if not update.lines or state.status != "UnPacked" or not state.order_number:
        return False
    siblings = client.orders({"orderNumber": state.order_number, "page": 0, "size": 200}).items
    found = (_parsed(item.data) for item in siblings)
    return any(each.created_by == "cancel" and state.id in each.parents for each in found)


def _reach(client: Client, ref: ExternalRef, reached: Reached, write: Callable[[], None]) -> None:
    """Write; when that is refused although the package has got there meanwhile, be content."""
    try:
        write()
    except (Rejected, Conflict):
        state = _state(client, ref)
        if state is None or not reached(state):
            raise


def _pick(client: Client, state: RemoteState, update: OrderUpdate) -> None:
    body = {"lines": _lines(state, update), "params": {}, "status": "Picking"}
    client.set_status(update.order.id, body)


def _lines(state: RemoteState, update: OrderUpdate) -> list[dict[str, int]]:
    """Return the lines meant, all of the package when none are named."""
    held = {line.id: line.quantity for line in state.lines}
    if not update.lines:
        return [{"lineId": int(line), "quantity": quantity} for line, quantity in held.items()]
    for line, quantity in update.lines:
        if quantity != quantity.to_integral_value() or not 1 <= quantity <= held.get(line, 0):
            message = TEXTS.text("trendyol.status.lines", line=line)
            raise Rejected("trendyol.status.lines", message, field="lines")
    return [{"lineId": int(line), "quantity": int(quantity)} for line, quantity in update.lines]


def _open_state(client: Client, ref: ExternalRef, reached: Reached) -> RemoteState:
    """Return a package that may be written to, or that is already where it should be."""
    state = _known_state(client, ref)
    if reached(state):
        return state
    if state.status in codes.CLOSED:
        raise _closed(state)
    if state.status == "Awaiting":
        raise Rejected("trendyol.status.awaiting", TEXTS["trendyol.status.awaiting"])
    return state


def _known_state(client: Client, ref: ExternalRef) -> RemoteState:
    state = _state(client, ref)
    if state is None:
        missing = TEXTS.text("trendyol.order.not_found", package=ref.id)
        raise Rejected("trendyol.order.not_found", missing)
    return state


def _state(client: Client, ref: ExternalRef) -> RemoteState | None:
    item = find_package(client, ref)
    return None if item is None else _parsed(item.data)


def _parsed(data: object) -> RemoteState:
    try:
        return RemoteState.model_validate(data)
    except ValidationError as error:
        found = validation.findings(error, prefix="trendyol.order")
        message = TEXTS["trendyol.order.unreadable"]
        raise Rejected("trendyol.order.unreadable", message, findings=found) from error


def _is_untouched(state: RemoteState) -> bool:
    return state.status in ("Awaiting", "Created") and not (state.invoice_url or state.invoice_number)


def _is_prepared(state: RemoteState) -> bool:
    return state.status in ("Picking", "Invoiced") or _is_shipped(state)


def _is_shipped(state: RemoteState) -> bool:
    return state.status in codes.WITH_CARRIER


def _reason(given: str, config: TrendyolConfig) -> int:
    if not given.strip():
        return config.cancel_reason
    reason = int(given) if given.strip().isdecimal() and len(given) < 10 else None
    if reason not in codes.CANCEL_REASONS:
        message = TEXTS.text("trendyol.status.reason", reason=given[:100])
        raise Rejected("trendyol.status.reason", message, field="reason")
    return reason


def _required(value: str, field: str) -> str:
    if not value.strip():
        message = TEXTS.text("trendyol.status.incomplete", what=field)
        raise Rejected("trendyol.status.incomplete", message, field=field)
    return value.strip()


def _closed(state: RemoteState) -> Rejected:
    return Rejected("trendyol.status.closed", TEXTS.text("trendyol.status.closed", status=state.status))


def _too_late(state: RemoteState) -> Rejected:
    return Rejected("trendyol.status.too_late", TEXTS.text("trendyol.status.too_late", status=state.status))


def _done(ref: ExternalRef, number: str = "") -> Receipt:
    return Receipt(ReceiptState.DONE, ref=ref, number=number or None, echo=Echo(number=number or None))


_ACTIONS = {
    OrderAction.PREPARING: _prepare,
    OrderAction.INVOICED: _invoice,
    OrderAction.INVOICE_LINK: _send_link,
    OrderAction.SHIPPED: _ship,
    OrderAction.CANCELLED: _cancel,
}

_TRACES: dict[OrderAction, Reached] = {
    OrderAction.PREPARING: _is_prepared,
    OrderAction.INVOICED: lambda state: bool(state.invoice_number),
    OrderAction.INVOICE_LINK: lambda state: bool(state.invoice_url),
    OrderAction.SHIPPED: _is_shipped,
    OrderAction.CANCELLED: lambda state: state.status in codes.CANCELLED,
}
