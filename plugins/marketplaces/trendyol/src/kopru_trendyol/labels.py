"""The common shipping label, ZPL only."""

from typing import Any

from kopru.model import Order
from kopru.sdk import Ctx, Label, LabelFormat, OutcomeUnknown, Rejected, TransientError
from kopru_trendyol import codes
from kopru_trendyol.client import Client
from kopru_trendyol.config import TrendyolConfig
from kopru_trendyol.mapping.common import NAMESPACE
from kopru_trendyol.texts import TEXTS

SELLER_PAYS = 1


def fetch_label(ctx: Ctx[TrendyolConfig], order: Order) -> Label:
    """Return the common label of a package, having it made first if need be.

    Trendyol makes it for Trendyol Express and Aras only, when Trendyol pays the carrier, once the package is
    being prepared.
    """
    tracking = order.shipping.tracking_number
    _check(order, tracking)
    client = Client(ctx)
    label = _content(client.label(tracking))
    if label is None:
        _make(client, tracking)
        label = _content(client.label(tracking))
    if label is None:
        raise _not_ready()
    return Label(LabelFormat.ZPL, label)


def _check(order: Order, tracking: str) -> None:
    code = ""
    own = order.extras.get(NAMESPACE)
    if not tracking:
        code = "trendyol.label.tracking_missing"
    elif isinstance(own, dict) and own.get("whoPays") == SELLER_PAYS:
        code = "trendyol.label.own_contract"
    elif not tracking.startswith(codes.LABEL_PREFIXES):
        code = "trendyol.label.carrier"
    if code:
        raise Rejected(code, TEXTS[code], field="shipping.tracking_number")


def _make(client: Client, tracking: str) -> None:
    config = client.ctx.config
    body = {"format": "ZPL", "boxQuantity": config.box_count, "volumetricHeight": config.parcel_deci}
    try:
        client.make_label(tracking, body)
    except OutcomeUnknown as error:
        # Asking again begins with a look, so nothing is made twice.
        raise _not_ready() from error


def _content(answer: Any) -> bytes | None:
    entries = answer.get("data") if isinstance(answer, dict) else None
    labels = [
        entry["label"]
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("label"), str) and entry["label"]
    ]
    return "\n".join(labels).encode() if labels else None


def _not_ready() -> TransientError:
    return TransientError("trendyol.label.not_ready", TEXTS["trendyol.label.not_ready"])
