"""What a write has to know about an order before it acts."""

from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError

from kopru.model import ExternalRef, OrderStatus
from kopru.sdk import Rejected
from kopru.toolkit import validation
from kopru_hepsiburada import codes
from kopru_hepsiburada.client import Client
from kopru_hepsiburada.mapping.lines import is_replacement, status_of
from kopru_hepsiburada.mapping.orders import orders_in
from kopru_hepsiburada.mapping.remote import RemoteLine
from kopru_hepsiburada.orders import find, not_found
from kopru_hepsiburada.texts import TEXTS


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands now."""

    id: str
    quantity: Decimal
    status: OrderStatus
    package: str
    barcode: str
    cargo_company: str
    has_invoice: bool | None

    @property
    def packed(self) -> bool:
        """Whether the line is in a package, wherever that is by now."""
        return self.status in codes.PACKED

    @property
    def shipped(self) -> bool:
        """Whether a carrier has the line."""
        return self.status in codes.SHIPPED


@dataclass(frozen=True, slots=True)
class State:
    """The sold lines of an order; replacements are nobody's business here."""

    number: str
    lines: tuple[Line, ...]

    @property
    def live(self) -> tuple[Line, ...]:
        """Return the lines that are not cancelled."""
        return tuple(line for line in self.lines if line.status is not OrderStatus.CANCELLED)

    @property
    def open(self) -> tuple[Line, ...]:
        """Return the lines that are in no package."""
        return tuple(line for line in self.live if not line.packed)

    @property
    def packages(self) -> tuple[str, ...]:
        """Return the packages of the live lines."""
        return tuple(dict.fromkeys(line.package for line in self.live if line.packed and line.package))


def state_of(client: Client, ref: ExternalRef) -> State | None:
    """Return an order's lines, ``None`` when it is not known.

    Raises:
        Rejected: the reference is not that of an order, or the order cannot be read.
    """
    raw = find(client, ref)
    found = [parts for parts in orders_in(raw.content) if parts.number == ref.id] if raw else []
    if not found:
        return None
    try:
        rows = [RemoteLine.model_validate(row) for row in found[0].lines]
    except ValidationError as fault:
        code = "hepsiburada.order.unreadable"
        findings = validation.findings(fault, prefix="hepsiburada.order")
        raise Rejected(code, TEXTS[code], findings=findings) from fault
    return State(ref.id, tuple(_line(row) for row in rows if not is_replacement(row)))


def known_state(client: Client, ref: ExternalRef) -> State:
    """Return an order's lines.

    Raises:
        Rejected: ``hepsiburada.order.not_found``, and as ``state_of``.
    """
    state = state_of(client, ref)
    if state is None:
        raise not_found(ref.id)
    return state


def _line(row: RemoteLine) -> Line:
    return Line(
        id=row.id,
        quantity=row.quantity,
        status=status_of(row, "", []),
        package=row.package_number,
        barcode=row.tracking_info_code or row.barcode,
        cargo_company=row.cargo_company,
        has_invoice=row.has_invoice,
    )
