"""A simulated Logo, contexts that talk to it, and made-up documents."""

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
from kopru.model.money import unit_price
from kopru.sdk import IdempotencyKey, LedgerInvoice, LedgerOrder, Window
from kopru.testing.context import test_ctx as make_test_ctx
from kopru.testing.world import make_world
from kopru_logo import plugin
from kopru_logo.config import LogoConfig
from kopru_logo.simulator import LogoSimulator

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
PARTY_CODE = "120.WEB"


@pytest.fixture
def sim() -> Iterator[LogoSimulator]:
    """A Logo with the world's items and one customer card."""
    with LogoSimulator() as simulator:
        simulator.load(make_world(1))
        simulator.add_party(PARTY_CODE, "INTERNET MÜŞTERİLERİ")
        yield simulator


@pytest.fixture
def connect(sim: LogoSimulator) -> Callable[..., Any]:
    """Return a logged-in context; settings may be changed by keyword."""

    def build(*, dry_run: bool = False, login: bool = True, **settings: Any) -> Any:
        config = {**sim.config(), **settings}
        ctx = make_test_ctx(plugin, config, now=lambda: NOW)
        credentials = plugin.refresh_credentials(ctx) if login else None
        return make_test_ctx(plugin, config, now=lambda: NOW, credentials=credentials, dry_run=dry_run)

    return build


@pytest.fixture
def ctx(connect: Callable[..., Any]) -> Any:
    """A logged-in context with the simulator's own settings."""
    return connect()


@pytest.fixture
def make_config() -> Callable[..., LogoConfig]:
    """Return settings for pure mapping tests."""

    def build(**settings: Any) -> LogoConfig:
        base = {"url": "http://192.0.2.1:32001", "username": "u", "password": "p", "firm": 1}
        return LogoConfig.model_validate({**base, **settings})

    return build


@pytest.fixture
def make_key() -> Callable[[str], IdempotencyKey]:
    """Return the identity of a write."""
    return lambda name: IdempotencyKey(value=name, uuid=uuid5(NAMESPACE_URL, name))


@pytest.fixture
def window() -> Window:
    """The month the made-up documents are dated in."""
    return Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))


PERSON = Party(
    kind=PartyKind.PERSON,
    first_name="Ayşe",
    last_name="Örnekoğlu",
    tax_id=TaxId(scheme=TaxScheme.TCKN, value="90000000152"),
    email="ayse@example.com",
    phone="0555 111 22 33",
    address=Address(
        street="Deneme Cad. No:1", neighbourhood="Örnek Mah.", district="Kadıköy", city="İstanbul"
    ),
)
COMPANY = Party(
    kind=PartyKind.COMPANY,
    name="Kurmaca Kırtasiye Ltd. Şti.",
    tax_id=TaxId(scheme=TaxScheme.VKN, value="9900000057"),
    tax_office="Çankaya",
    address=Address(street="Sınama Sok. No:5", district="Çankaya", city="Ankara"),
)


@pytest.fixture
def person() -> Party:
    """A consumer."""
    return PERSON


@pytest.fixture
def company() -> Party:
    """A company."""
    return COMPANY


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
        kind: LineKind = LineKind.GOODS,
        id: str = "1",
        **further: Any,
    ) -> InvoiceLine:
        percent = Decimal(rate)
        net = _net(Decimal(payable), percent)
        gross = max(_net(Decimal(before or payable), percent), net)
        return InvoiceLine(
            id=id,
            kind=kind,
            item_code=code,
            name="Çizgili Defter A5",
            quantity=Decimal(quantity),
            unit_price=unit_price(gross, Decimal(quantity)),
            gross=gross,
            allowance=gross - net,
            taxes=(Tax(rate=percent, base=net, amount=Decimal(payable) - net),),
            **further,
        )

    return build


def _net(amount: Decimal, rate: Decimal) -> Decimal:
    from kopru.model.money import without_vat

    return without_vat(amount, rate)


@pytest.fixture
def make_invoice(make_line: Callable[..., InvoiceLine]) -> Callable[..., Invoice]:
    """Return an e-Arşiv invoice of an internet sale; every field may be changed."""

    def build(*lines: InvoiceLine, **changes: Any) -> Invoice:
        base: dict[str, Any] = {
            "id": UUID("5f0c2b52-7a6d-4f0e-9a53-3f1f7c9f0d11"),
            "number": "ABC2026000000001",
            "kind": InvoiceKind.SALE,
            "profile": Profile.ARCHIVE,
            "issue_date": date(2026, 3, 10),
            "issue_time": time(12, 12, 12),
            "seller": COMPANY,
            "buyer": PERSON,
            "lines": lines or (make_line("59.90"),),
            "order_ref": DocumentRef(number="10900000001", date=date(2026, 3, 9)),
            "internet_sale": InternetSale(
                website="www.example.com",
                payment_method=PaymentMethod.PLATFORM,
                payment_agent="Örnek Pazaryeri",
                payment_date=date(2026, 3, 9),
            ),
            "tracking_number": "7330000000000001",
        }
        return Invoice.model_validate({**base, **changes})

    return build


@pytest.fixture
def book(make_invoice: Callable[..., Invoice]) -> Callable[..., LedgerInvoice]:
    """Return an invoice with the ledger's codes, ready to be posted."""

    def build(
        *lines: InvoiceLine, party_code: str = PARTY_CODE, original: Any = None, **changes: Any
    ) -> LedgerInvoice:
        return LedgerInvoice(
            make_invoice(*lines, **changes),
            party_code,
            channel="trendyol",
            order_number="10900000001",
            original=original,
        )

    return build


@pytest.fixture
def make_order() -> Callable[..., LedgerOrder]:
    """Return an order with the ledger's codes."""

    def build(*lines: OrderLine, items: dict[str, str] | None = None, **changes: Any) -> LedgerOrder:
        own = lines or (
            OrderLine(
                id="11", name="Defter", quantity=Decimal(2), amount=Decimal("99.80"), vat_rate=Decimal(20)
            ),
        )
        base: dict[str, Any] = {
            "ref": ExternalRef(kind="package", id="3400000001"),
            "number": "10900000001",
            "revision": "1",
            "status": OrderStatus.NEW,
            "placed_at": datetime(2026, 3, 9, 22, 30, tzinfo=UTC),
            "modified_at": datetime(2026, 3, 9, 22, 30, tzinfo=UTC),
            "buyer": PERSON,
            "shipping": Shipping(due_at=datetime(2026, 3, 12, 20, 59, tzinfo=UTC)),
            "lines": own,
            "total": sum((line.payable for line in own), Decimal(0)),
        }
        codes = {line.id: "STK-0001" for line in own} if items is None else items
        return LedgerOrder(Order.model_validate({**base, **changes}), PARTY_CODE, codes, channel="trendyol")

    return build
