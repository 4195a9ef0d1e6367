"""Writing back to an order: prepared, invoiced, shipped, cancelled; and looking up such a write.

Every change reads the order first and once more after a refusal, so that "already so" is success.
"""

import re
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal

from pydantic import ValidationError

from kopru.model import ExternalRef
from kopru.model.money import cents
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
)
from kopru.toolkit import dates, validation
from kopru.toolkit.fold import fold
from kopru.toolkit.mapping import plain
from kopru_ikas import codes, queries
from kopru_ikas.client import Client, Json
from kopru_ikas.config import ApiVersion, CancelPrice, IkasConfig
from kopru_ikas.mapping.remote import RemoteLine, RemotePackage, RemoteState
from kopru_ikas.orders import find, not_found
from kopru_ikas.texts import TEXTS

_LINK = re.compile(r"^https?://\S+$", re.IGNORECASE)
_WORDS = re.compile(r"[a-z_]+")

Reached = Callable[[RemoteState], bool]


def update_order_status(ctx: Ctx[IkasConfig], update: OrderUpdate) -> Receipt:
    """Carry out one write-back; see the hook's specification."""
    return _ACTIONS[update.action](Client(ctx), update)


def locate(
    ctx: Ctx[IkasConfig], operation: Operation, key: IdempotencyKey, hint: ExternalRef | None
) -> Located:
    """Tell from the order whether a status write arrived.

    The key must name the action, because each leaves its own trace. Without that only an untouched order can
    be told: nothing arrived there.
    """
    if operation is not Operation.UPDATE_ORDER_STATUS or hint is None or hint.kind != codes.ORDER:
        return CannotTell(TEXTS["ikas.locate.no_lookup"])
    state = _state(Client(ctx), hint)
    if state is None:
        return CannotTell(TEXTS["ikas.locate.no_order"])
    named = {codes.ACTIONS[word] for word in _WORDS.findall(key.value) if word in codes.ACTIONS}
    if len(named) != 1:
        untouched = not any(trace(state) for trace in _TRACES.values())
        return Absent() if untouched else CannotTell(TEXTS["ikas.locate.which_action"])
    if not _TRACES[named.pop()](state):
        return Absent()
    number = state.invoices[-1].invoice_number if state.invoices else ""
    return Found(_done(hint, number))


def _prepare(client: Client, update: OrderUpdate) -> Receipt:
    return _move(client, update, "READY_FOR_SHIPMENT", codes.READY_PACKAGE, {})


def _ship(client: Client, update: OrderUpdate) -> Receipt:
    """Tell that parcels have left, with their tracking; a web address counts as the tracking link."""
    return _move(client, update, "FULFILLED", codes.SHIPPED_PACKAGE, _tracking(client, update))


def _move(
    client: Client, update: OrderUpdate, status: str, there: Collection[str], tracking: Json
) -> Receipt:
    """Bring lines into parcels of a state: loose lines make a new parcel, parcels behind are moved on.

    Lines that were put into a parcel meanwhile are refused; then the order is looked at once more.
    """
    for last in (False, True):
        state = _known(client, update.order)
        lines = _meant(state, update)
        if not lines:
            text = TEXTS.text("ikas.order.closed", reason=state.status)
            raise Rejected("ikas.order.closed", text)
        parcels = _parcels(state, [line.id for line, _ in lines])
        packed = {line for parcel in parcels for line in parcel.order_line_item_ids}
        loose = [(line, quantity) for line, quantity in lines if line.id not in packed]
        behind = [each for each in parcels if each.order_package_fulfill_status not in there]
        try:
            if loose:
                client.write(
                    queries.FULFILL, "fulfillOrder", _fulfilment(client, update, loose, status, tracking)
                )
            if behind:
                _set_status(client, update, behind, status, tracking)
        except Conflict:
            if last:
                raise
            continue
        _keep_tracking(client, update, parcels, behind, tracking)
        break
    return _done(update.order)


def _keep_tracking(
    client: Client,
    update: OrderUpdate,
    parcels: Sequence[RemotePackage],
    moved: Sequence[RemotePackage],
    tracking: Json,
) -> None:
    """See to the tracking of parcels that had left already: add what is missing, never replace a number."""
    wanted = {tracking.get("trackingNumber"), tracking.get("trackingLink")} - {None}
    if not wanted:
        return
    bare = []
    for parcel in parcels:
        held = parcel.tracking_info
        names = {held.tracking_number, held.barcode, held.tracking_link} - {""}
        if parcel in moved or names & wanted:
            continue
        if names:
            text = TEXTS.text("ikas.status.other_tracking", number=held.tracking_number or held.barcode)
            raise Conflict("ikas.status.other_tracking", text, existing=update.order)
        bare.append(parcel)
    for parcel in bare:
        _set_status(client, update, [parcel], parcel.order_package_fulfill_status, tracking)


def _fulfilment(
    client: Client,
    update: OrderUpdate,
    lines: Sequence[tuple[RemoteLine, Decimal]],
    status: str,
    tracking: Json,
) -> Json:
    given: Json = {
        "orderId": update.order.id,
        "lines": [{"orderLineItemId": line.id, "quantity": plain(quantity)} for line, quantity in lines],
        "markAsReadyForShipment": status == "READY_FOR_SHIPMENT",
        "sendNotificationToCustomer": client.config.notify_customer,
    }
    return {**given, "trackingInfoDetail": tracking} if tracking else given


def _set_status(
    client: Client, update: OrderUpdate, parcels: Sequence[RemotePackage], status: str, tracking: Json
) -> None:
    extra = {"trackingInfo": tracking} if tracking else {}
    packages = [{"packageId": each.id, "status": status, **extra} for each in parcels]
    given = {"orderId": update.order.id, "packages": packages}
    client.write(queries.PACKAGE_STATUS, "updateOrderPackageStatus", given)


def _tracking(client: Client, update: OrderUpdate) -> Json:
    number, carrier = update.tracking_number.strip(), update.carrier.strip()
    if not number:
        raise _incomplete("tracking_number")
    tracking: Json = {"isSendNotification": client.config.notify_customer}
    tracking["trackingLink" if _LINK.match(number) else "trackingNumber"] = number
    if carrier:
        tracking["cargoCompany"] = carrier
        known = {
            fold(str(row.get("name"))): row.get("id")
            for row in client.rows(queries.CARRIERS, "listCargoCompany")
        }
        if identity := known.get(fold(carrier)):
            tracking["cargoCompanyId"] = identity
    return tracking


def _invoice(client: Client, update: OrderUpdate) -> Receipt:
    """Attach the invoice. A number that stands there already is done, another one is for a person."""
    number = update.invoice_number.strip()
    if not number:
        raise _incomplete("invoice_number")
    state = _known(client, update.order)
    held = [each.invoice_number for each in state.invoices]
    if number in held:
        return _done(update.order, number)
    if held:
        text = TEXTS.text("ikas.status.other_invoice", number=held[-1])
        raise Conflict("ikas.status.other_invoice", text, existing=update.order)
    given: Json = {
        "orderId": update.order.id,
        "invoiceNumber": number,
        "type": "COMPANY" if state.billing_address.tax_number.strip() else "INDIVIDUAL",
        "sendNotificationToCustomer": client.config.notify_customer,
        **_app(client),
    }
    if update.invoice_at is not None:
        given["createdAt"] = dates.epoch_ms(update.invoice_at)
    if update.invoice_url.strip():
        given["invoiceData"] = {"url": update.invoice_url.strip()}
    client.write(queries.ADD_INVOICE, "addOrderInvoice", given)
    return _done(update.order, number)


def _link(client: Client, update: OrderUpdate) -> Receipt:
    """Attach the invoice with its address; ikas has no place for an address alone."""
    if not update.invoice_url.strip():
        raise _incomplete("invoice_url")
    return _invoice(client, update)


def _app(client: Client) -> Json:
    """Return whose invoice it is: version 1 wants that told."""
    if client.config.invoice_app_id:
        return {"appId": client.config.invoice_app_id}
    if client.config.api_version is ApiVersion.V2:
        return {}
    app = client.one(queries.AUTHORIZED_APP, "getAuthorizedApp") or {}
    if not isinstance(app.get("id"), str):
        raise ConfigError("ikas.status.app", TEXTS["ikas.status.app"], field="invoice_app_id")
    return {"appId": app["id"]}


def _cancel(client: Client, update: OrderUpdate) -> Receipt:
    """Cancel lines. Those that are cancelled already are left alone."""
    state = _known(client, update.order)
    lines = [(line, quantity) for line, quantity in _meant(state, update) if line.status not in codes.GONE]
    if not lines:
        return _done(update.order)
    per_line = client.config.cancel_price is CancelPrice.LINE
    given = {
        "orderId": update.order.id,
        "orderLineItems": [
            {
                "orderLineItemId": line.id,
                "quantity": plain(quantity),
                "price": cents(line.paid * quantity) if per_line else line.paid,
                "restockItems": client.config.restock_cancelled,
            }
            for line, quantity in lines
        ],
    }
    try:
        client.write(queries.CANCEL, "cancelOrderLine", given)
    except (Rejected, Conflict):
        now = _known(client, update.order)
        if any(line.status not in codes.GONE for line, _ in _meant(now, update)):
            raise
    return _done(update.order)


def _meant(state: RemoteState, update: OrderUpdate) -> list[tuple[RemoteLine, Decimal]]:
    """Return the lines meant with their quantities: all that are not gone when none are named."""
    held = {line.id: line for line in state.order_line_items if not line.deleted}
    if not update.lines:
        keep = update.action is OrderAction.CANCELLED
        return [(line, line.quantity) for line in held.values() if keep or line.status not in codes.GONE]
    for identity, quantity in update.lines:
        line = held.get(identity)
        if line is None or not 0 < quantity <= line.quantity:
            text = TEXTS.text("ikas.status.lines", line=identity[:100])
            raise Rejected("ikas.status.lines", text, field="lines")
    return [(held[identity], quantity) for identity, quantity in update.lines]


def _parcels(state: RemoteState, lines: Collection[str]) -> list[RemotePackage]:
    return [
        parcel
        for parcel in state.order_packages
        if parcel.order_package_fulfill_status != codes.CANCELLED
        and set(parcel.order_line_item_ids) & set(lines)
    ]


def _known(client: Client, ref: ExternalRef) -> RemoteState:
    state = _state(client, ref)
    if state is None:
        raise not_found(ref)
    return state


def _state(client: Client, ref: ExternalRef) -> RemoteState | None:
    item = find(client, ref, queries.ORDER_STATE)
    if item is None:
        return None
    try:
        return RemoteState.model_validate(item.data)
    except ValidationError as error:
        found = validation.findings(error, prefix="ikas.order")
        raise Rejected("ikas.order.unreadable", TEXTS["ikas.order.unreadable"], findings=found) from error


def _are_all(there: Collection[str]) -> Reached:
    def reached(state: RemoteState) -> bool:
        lines = [
            line.id for line in state.order_line_items if not line.deleted and line.status not in codes.GONE
        ]
        parcels = _parcels(state, lines)
        packed = {line for parcel in parcels for line in parcel.order_line_item_ids}
        done = all(parcel.order_package_fulfill_status in there for parcel in parcels)
        return bool(lines) and packed.issuperset(lines) and done

    return reached


def _is_cancelled(state: RemoteState) -> bool:
    lines = [line for line in state.order_line_items if not line.deleted]
    return state.status == codes.CANCELLED or all(line.status == codes.CANCELLED for line in lines)


def _incomplete(field: str) -> Rejected:
    text = TEXTS.text("ikas.status.incomplete", what=field)
    return Rejected("ikas.status.incomplete", text, field=field)


def _done(ref: ExternalRef, number: str = "") -> Receipt:
    return Receipt(ReceiptState.DONE, ref=ref, number=number or None, echo=Echo(number=number or None))


_ACTIONS = {
    OrderAction.PREPARING: _prepare,
    OrderAction.INVOICED: _invoice,
    OrderAction.INVOICE_LINK: _link,
    OrderAction.SHIPPED: _ship,
    OrderAction.CANCELLED: _cancel,
}

_TRACES: dict[OrderAction, Reached] = {
    OrderAction.PREPARING: _are_all(codes.READY_PACKAGE),
    OrderAction.INVOICED: lambda state: bool(state.invoices),
    OrderAction.INVOICE_LINK: lambda state: bool(state.invoices),
    OrderAction.SHIPPED: _are_all(codes.SHIPPED_PACKAGE),
    OrderAction.CANCELLED: _is_cancelled,
}
