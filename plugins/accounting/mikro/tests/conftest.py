"""A simulated Mikro, contexts that talk to it, and made-up documents."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from kopru.model import (
    Address,
    DocumentRef,
    ExternalRef,
    InternetSale,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    LineKind,
    Order,
    OrderLine,
    OrderStatus,
    Party,
    PartyKind,
    PaymentMethod,
    Profile,
    Shipping,
    Tax,
    TaxId,
    TaxScheme,
)
from kopru.model.money import unit_price, without_vat
from kopru.sdk import IdempotencyKey, LedgerInvoice, LedgerOrder, Window
from kopru.testing.context import test_ctx as make_test_ctx
from kopru.testing.world import make_world
from kopru_mikro import plugin
from kopru_mikro.client import Client
from kopru_mikro.config import MikroConfig
from kopru_mikro.simulation.ledger import Behaviour
from kopru_mikro.simulator import MikroSimulator

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
PARTY_CODE = "120.WEB"


@pytest.fixture
def start() -> Iterator[Callable[..., MikroSimulator]]:
    """Start a Mikro with the world's items and one customer card, behaving as asked for."""
    running: list[MikroSimulator] = []

    def run(**options: Any) -> MikroSimulator:
        behaviour = {name: options.pop(name) for name in list(options) if name not in ("version", "quotas")}
        simulator = MikroSimulator(behaviour=Behaviour(**behaviour), **options)
        simulator.clock = lambda: NOW
        simulator.start()
        running.append(simulator)
        simulator.load(make_world(1))
        simulator.add_party(PARTY_CODE, "INTERNET MÜŞTERİLERİ")
        return simulator

    yield run
    for simulator in running:
        simulator.stop()
        assert not simulator.bugs


@pytest.fixture
def sim(start: Callable[..., MikroSimulator]) -> MikroSimulator:
    """A Mikro that behaves as documented."""
    return start()


@pytest.fixture
def connect() -> Callable[..., Any]:
    """Return a context that talks to a simulator; settings may be changed by keyword."""

    def build(
        simulator: MikroSimulator, *, now: datetime = NOW, dry_run: bool = False, **settings: Any
    ) -> Any:
        config = {**simulator.config(), **settings}
        return make_test_ctx(plugin, config, now=lambda: now, dry_run=dry_run)

    return build


@pytest.fixture
def ctx(connect: Callable[..., Any], sim: MikroSimulator) -> Any:
    """A context with the simulator's own settings."""
    return connect(sim)


@pytest.fixture
def client(ctx: Any) -> Client:
    """A client of the simulator."""
    return Client(ctx)


@pytest.fixture
def make_config() -> Callable[..., MikroConfig]:
    """Return settings for pure mapping tests."""

    def build(**settings: Any) -> MikroConfig:
        base = {
            "url": "http://192.0.2.1",
            "firm_code": "ORNEK",
            "username": "u",
            "password": "p",
            "api_key": "k",
        }
        return MikroConfig.model_validate({**base, **settings})

    return build


@pytest.fixture
def make_key() -> Callable[[str], IdempotencyKey]:
    """Return the identity of a write."""
    return lambda name: IdempotencyKey(value=name, uuid=uuid5(NAMESPACE_URL, name))


@pytest.fixture
def window() -> Window:
    """The month the made-up documents are dated in."""
    return Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))


@pytest.fixture
def person() -> Party:
    """A consumer."""
    return Party(
        kind=PartyKind.PERSON,
        first_name="Ayşe",
        last_name="Örnekoğlu",
        tax_id=TaxId(scheme=TaxScheme.TCKN, value="90000000152"),
        email="ayse@example.com",
        phone="0555 111 22 33",
        address=Address(
            street="Deneme Cad. No:1",
            neighbourhood="Örnek Mah.",
            district="Kadıköy",
            city="İstanbul",
            postal_code="34710",
        ),
    )


@pytest.fixture
def company() -> Party:
    """A company."""
    return Party(
        kind=PartyKind.COMPANY,
        name="Kurmaca Kırtasiye Ltd. Şti.",
        tax_id=TaxId(scheme=TaxScheme.VKN, value="9900000057"),
        tax_office="Çankaya",
        address=Address(street="Sınama Sok. No:5", district="Çankaya", city="Ankara"),
    )


@pytest.fixture
def make_line() -> Callable[..., InvoiceLine]:
    """Return an invoice line from VAT-included money, split the way the engine does."""

    def build(
        payable: str,
        *,
        before: str | None = None,
        rate: str = "20",
        quantity: str = "1",
        code: str = "STK-0001",
        id: str = "1",
        exemption: str = "",
        **further: Any,
    ) -> InvoiceLine:
        percent = Decimal(rate)
        net = without_vat(Decimal(payable), percent)
        gross = max(without_vat(Decimal(before or payable), percent), net)
        tax = Tax(rate=percent, base=net, amount=Decimal(payable) - net, exemption_code=exemption)
        return InvoiceLine(
            id=id,
            item_code=code,
            name="Çizgili Defter A5",
            quantity=Decimal(quantity),
            unit_price=unit_price(gross, Decimal(quantity)),
            gross=gross,
            allowance=gross - net,
            **{"taxes": (tax,), **further},
        )

    return build


@pytest.fixture
def make_invoice(
    make_line: Callable[..., InvoiceLine], person: Party, company: Party
) -> Callable[..., Invoice]:
    """Return an e-Arşiv invoice of an internet sale; every field may be changed."""

    def build(*lines: InvoiceLine, **changes: Any) -> Invoice:
        base: dict[str, Any] = {
            "id": UUID("5f0c2b52-7a6d-4f0e-9a53-3f1f7c9f0d11"),
            "number": "ABC2026000000001",
            "kind": InvoiceKind.SALE,
            "profile": Profile.ARCHIVE,
            "issue_date": date(2026, 3, 10),
            "issue_time": time(12, 12, 12),
            "seller": company,
            "buyer": person,
            "lines": lines or (make_line("59.90"),),
            "order_ref": DocumentRef(number="10900000001", date=date(2026, 3, 9)),
            "internet_sale": InternetSale(
                website="www.example.com",
                payment_method=PaymentMethod.CARD,
                payment_agent="Örnek Ödeme",
                payment_date=date(2026, 3, 9),
            ),
        }
        return Invoice.model_validate({**base, **changes})

    return build


@pytest.fixture
def book(make_invoice: Callable[..., Invoice]) -> Callable[..., LedgerInvoice]:
    """Return an invoice with the ledger's codes, ready to be posted."""

    def build(
        *lines: InvoiceLine, party_code: str = PARTY_CODE, channel: str = "trendyol", **more: Any
    ) -> Any:
        facts = {name: more.pop(name) for name in ("direction",) if name in more}
        invoice = make_invoice(*lines, **more)
        return LedgerInvoice(invoice, party_code, channel=channel, order_number="10900000001", **facts)

    return build


@pytest.fixture
def make_order_line() -> Callable[..., OrderLine]:
    """Return an order line with VAT in its price."""

    def build(amount: str, *, rate: str | None = "20", **more: Any) -> OrderLine:
        base: dict[str, Any] = {"id": "11", "name": "Defter", "quantity": Decimal(1), "kind": LineKind.GOODS}
        percent = None if rate is None else Decimal(rate)
        return OrderLine.model_validate({**base, "amount": Decimal(amount), "vat_rate": percent, **more})

    return build


@pytest.fixture
def make_order(make_order_line: Callable[..., OrderLine], person: Party) -> Callable[..., LedgerOrder]:
    """Return an order with the ledger's codes."""

    def build(*lines: OrderLine, items: dict[str, str] | None = None, **changes: Any) -> LedgerOrder:
        own = lines or (make_order_line("99.80", quantity=Decimal(2)),)
        base: dict[str, Any] = {
            "ref": ExternalRef(kind="package", id="3400000001"),
            "number": "10900000001",
            "revision": "1",
            "status": OrderStatus.NEW,
            "placed_at": datetime(2026, 3, 9, 22, 30, tzinfo=UTC),
            "modified_at": datetime(2026, 3, 9, 22, 30, tzinfo=UTC),
            "buyer": person,
            "shipping": Shipping(due_at=datetime(2026, 3, 12, 20, 59, tzinfo=UTC)),
            "lines": own,
            "total": sum((line.payable for line in own), Decimal(0)),
        }
        codes = {line.id: "STK-0001" for line in own} if items is None else items
        order = Order.model_validate({**base, **changes})
        return LedgerOrder(order, PARTY_CODE, codes, channel="trendyol")

    return build
