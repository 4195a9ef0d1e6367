"""Orders: what arrives is what the world holds, and mapping is pure."""

from decimal import Decimal
from typing import Any

from kopru.hooks.errors import AuthError, ConnectorError, RateLimited, Rejected, TransientError
from kopru.hooks.types import Raw, Record
from kopru.model import ExternalRef, Order, OrderLine, PartyKind
from kopru.model.money import CENT, ZERO
from kopru.testing.contract.base import Suite, needs
from kopru.testing.contract.failure import LeftOut, expect, expect_same
from kopru.testing.contract.reading import check_record
from kopru.testing.contract.session import Session
from kopru.testing.contract.streams import stream_of
from kopru.testing.contract.subject import Subject
from kopru.testing.faults import Fault, FaultKind, twisted
from kopru.testing.world import WorldLine, WorldOrder

_HOSTILE = (
    b"",
    b"\x00",
    b"\xff\xfe\x00{",
    b"null",
    b"[]",
    b"{}",
    b"17",
    b'"text"',
    b"[null, 5, []]",
    b'{"a":' * 5000,
    b"1e999999",
    b"NaN",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    b"PK\x03\x04 not an archive",
)


class OrderSuite(Suite):
    """Tests of ``fetch_orders``, ``fetch_order`` and ``parse_orders``."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether the plugin reads orders from something."""
        return subject.connects and subject.has("fetch_orders")

    def test_orders_add_up(self) -> None:
        """Fails when an order's lines do not add up to its total, or an amount is not a ``Decimal``.

        Look at discounts, shipping lines, rounding of unit prices, and at floats on the way.
        """
        with self.connected() as session:
            for order in _orders(self, session):
                for amount in _amounts(order):
                    expect(isinstance(amount, Decimal), f"Order {order.number} has {amount!r} as an amount.")
                expect_same(order.sum_gap(), ZERO, f"Gap between total and lines of order {order.number}")

    def test_orders_equal_the_world(self) -> None:
        """Fails when an order's total, time, buyer, or a line's quantity, price or VAT is not what it was.

        Look at the field named; the world's values are right.
        """
        with self.connected() as session:
            found = {order.number: order for order in _orders(self, session)}
            expect_same(
                sorted(found), sorted(order.number for order in session.world.orders), "Order numbers"
            )
            for wanted in session.world.orders:
                _expect_order(found[wanted.number], wanted)

    def test_orders_have_raw_payloads(self) -> None:
        """Fails when an order comes without the remote's own record, or under another id than its own."""
        with self.connected() as session:
            for record in stream_of(self, "fetch_orders").read(session):
                expect(record.raw.content, f"Order {record.external_id} has an empty raw payload.")
                if record.value is not None:
                    expect_same(record.value.ref.id, record.external_id, "Reference of an order")

    @needs("fetch_order")
    def test_fetch_order_gives_the_same_order(self) -> None:
        """Fails when ``fetch_order`` gives another order than the stream did."""
        with self.connected() as session:
            for order in _orders(self, session)[:3]:
                record: Record[Order] = session.call("fetch_order", order.ref)
                check_record(record)
                expect_same(record.value, order, f"Order {order.number} read alone")

    @needs("fetch_order")
    def test_fetch_order_tells_unknown_orders(self) -> None:
        """Fails when an order nobody knows is not told as ``Rejected`` with a code that ends in not_found."""
        with self.connected() as session:
            known = _orders(self, session)[0].ref
            for identity in (_unlike(known.id), "0", "yok/../yok"):
                ref = ExternalRef(kind=known.kind, id=identity)
                error = session.error("fetch_order", ref, when=f"there is no order {identity!r}")
                expect(isinstance(error, Rejected), f"An unknown order raised {type(error).__name__}.")
            error = session.error("fetch_order", ExternalRef(kind=known.kind, id=_unlike(known.id)), when="")
            expect(error.code.endswith("not_found"), f"An unknown order has the code {error.code}.")

    @needs("parse_orders")
    def test_parse_orders_repeats_the_stream(self) -> None:
        """Fails when ``parse_orders`` makes another order of a stored payload than the stream made of it.

        Look at what the stream knows besides the payload, and at time or state used while mapping.
        """
        with self.connected() as session:
            for record in stream_of(self, "fetch_orders").read(session):
                first: tuple[Record[Order], ...] = session.call("parse_orders", record.raw)
                second: tuple[Record[Order], ...] = session.call("parse_orders", record.raw)
                expect_same(len(first), 1, f"Orders in the payload of {record.external_id}")
                expect_same(first[0].value, record.value, f"Replayed order {record.external_id}")
                expect_same(first[0].external_id, record.external_id, "Identity of a replayed order")
                expect_same(second, first, f"A second replay of {record.external_id}")

    @needs("parse_orders")
    def test_parse_orders_survives_hostile_payloads(self) -> None:
        """Fails when a payload that is cut, garbled or of other types makes ``parse_orders`` fail with a bug.

        Look at every field whose type is trusted: one bad record gets findings, an unreadable payload is
        ``Rejected``.
        """
        with self.connected() as session:
            raw = stream_of(self, "fetch_orders").read(session)[0].raw
            spoilt = [twisted(raw.content), raw.content[: len(raw.content) // 2], raw.content[:-1] + b"\x00"]
            for content in (*_HOSTILE, *spoilt):
                try:
                    records = session.call("parse_orders", Raw(content, raw.media_type))
                except ConnectorError as error:
                    expect(isinstance(error, Rejected), f"{content[:40]!r} raised {type(error).__name__}.")
                    continue
                for record in records:
                    check_record(record)


class RemoteOrderSuite(Suite):
    """Tests of single orders against a server that makes trouble."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether single orders are read from a simulator."""
        return subject.simulator is not None and subject.has("fetch_orders", "fetch_order")

    def test_fetch_order_tells_trouble(self) -> None:
        """Fails when 401, 429, 500 or 422 does not make ``fetch_order`` raise the error it stands for."""
        kinds = ((401, AuthError), (403, AuthError), (429, RateLimited), (500, TransientError))
        with self.connected() as session:
            ref, faults = _orders(self, session)[0].ref, session.simulator.faults
            for status, wanted in (*kinds, (422, ConnectorError)):
                faults.add(Fault(FaultKind.STATUS, status=status))
                error = session.error("fetch_order", ref, when=f"the server answered {status}")
                faults.clear()
                expect(isinstance(error, wanted), f"{status} became {type(error).__name__}.")

    def test_fetch_order_survives_hostile_answers(self) -> None:
        """Fails when a garbled answer or other types make ``fetch_order`` fail with a bug."""
        with self.connected() as session:
            ref = _orders(self, session)[0].ref
            for fault in (Fault(FaultKind.MALFORMED), Fault(FaultKind.TWISTED)):
                session.simulator.faults.clear()
                session.simulator.faults.add(fault)
                try:
                    record = session.call("fetch_order", ref)
                except ConnectorError:
                    continue
                check_record(record)


def _orders(suite: Suite, session: Session) -> list[Order]:
    records = stream_of(suite, "fetch_orders").read(session)
    found: dict[str, Order] = {}
    for record in records:
        blocked = [finding for finding in record.findings if finding.blocks]
        expect(not blocked, f"Order {record.external_id} of the world was refused: {blocked[:1]}")
        if record.value is not None:
            found[record.external_id] = record.value
    if not found:
        raise LeftOut("There are no orders to look at.")
    return list(found.values())


def _amounts(order: Order) -> list[Any]:
    amounts: list[Any] = [order.total]
    for line in order.lines:
        amounts += [line.quantity, line.amount, *(discount.amount for discount in line.discounts)]
    return amounts


def _expect_order(order: Order, wanted: WorldOrder) -> None:
    name = f"order {order.number}"
    expect_same(order.total, wanted.total, f"Total of {name}")
    expect_same(order.currency, "TRY", f"Currency of {name}")
    expect_same(order.placed_at, wanted.placed_at, f"Time of {name}")
    if wanted.buyer.company:
        expect_same(order.buyer.kind, PartyKind.COMPANY, f"Kind of buyer of {name}")
        expect_same(order.buyer.name, wanted.buyer.name, f"Buyer of {name}")
        number = order.buyer.tax_id.value if order.buyer.tax_id else ""
        expect_same(number, wanted.buyer.tax_number, f"Tax number of {name}")
    else:
        full_name = f"{wanted.buyer.first_name} {wanted.buyer.last_name}"
        expect_same(order.buyer.display_name, full_name, f"Buyer of {name}")
    expect_same(order.shipping.address.city or wanted.buyer.city, wanted.buyer.city, f"City of {name}")
    for line in wanted.lines:
        _expect_line(_line_of(order, line), line, name)
    rest = len(order.lines) - len(wanted.lines)
    expect_same(rest, 1 if wanted.shipping_fee else 0, f"Further lines of {name}")


def _line_of(order: Order, wanted: WorldLine) -> OrderLine:
    found = [
        line for line in order.lines if line.barcode == wanted.item.barcode or line.sku == wanted.item.code
    ]
    expect_same(len(found), 1, f"Lines of order {order.number} with item {wanted.item.code}")
    return found[0]


def _expect_line(line: OrderLine, wanted: WorldLine, name: str) -> None:
    what = f"of item {wanted.item.code} in {name}"
    expect_same(line.quantity, Decimal(wanted.quantity), f"Quantity {what}")
    expect_same(line.payable, wanted.payable, f"Amount paid {what}")
    expect(abs(line.amount - wanted.amount) < CENT, f"Price before discounts {what} is {line.amount}.")
    if line.vat_rate is not None:
        expect_same(line.vat_rate, wanted.item.vat_rate, f"VAT rate {what}")


def _unlike(identity: str) -> str:
    return "9" * len(identity) if identity.isdigit() else f"{identity}-yok"
