"""Shipping labels, which Hepsiburada makes for some carriers once an order is packed."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from kopru.model import Order
from kopru.sdk import Ctx, Label, LabelFormat, Rejected, TransientError
from kopru_hepsiburada import codes
from kopru_hepsiburada.client import Client
from kopru_hepsiburada.config import HepsiburadaConfig, LabelKind
from kopru_hepsiburada.state import known_state
from kopru_hepsiburada.texts import TEXTS

_PDF = b"%PDF"


def fetch_label(ctx: Ctx[HepsiburadaConfig], order: Order) -> Label:
    """Return the labels of an order's packages as one.

    Raises:
        Rejected: nothing is packed yet, or another carrier has the parcel.
        TransientError: the label is not made yet.
    """
    client = Client(ctx)
    state = known_state(client, order.ref)
    if not state.packages:
        raise _refused("hepsiburada.label.not_packed")
    carriers = {line.cargo_company.strip().lower() for line in state.live if line.cargo_company.strip()}
    if not all(carrier.startswith(codes.LABELLED) for carrier in carriers):
        raise _refused("hepsiburada.label.carrier")
    kind = ctx.config.label_kind
    if kind is LabelKind.PDF and len(state.packages) > 1:
        raise _refused("hepsiburada.label.several")
    parts = [part for package in state.packages for part in _parts(client.label(package, kind.value))]
    if not parts:
        raise TransientError("hepsiburada.label.not_ready", TEXTS["hepsiburada.label.not_ready"])
    if kind is LabelKind.PDF:
        return Label(LabelFormat.PDF, _pdf(parts))
    return Label(LabelFormat.ZPL, "\n".join(parts).encode())


def _parts(answer: Any) -> Iterator[str]:
    data = answer.get("data") if isinstance(answer, dict) else None
    for each in data if isinstance(data, list) else [data]:
        if isinstance(each, str) and each.strip():
            yield each


def _pdf(parts: list[str]) -> bytes:
    """Return the file, which comes as base64."""
    try:
        content = base64.b64decode(parts[0], validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if len(parts) > 1 or not content.startswith(_PDF):
        raise _refused("hepsiburada.label.form")
    return content


def _refused(code: str) -> Rejected:
    return Rejected(code, TEXTS[code], field="ref")
