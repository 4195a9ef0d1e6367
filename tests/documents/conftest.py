"""What the tests of document rules share: a tenant, and orders made up field by field."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kopru.documents import EXAMPLE_TENANT, TenantSettings, load_tenant
from kopru.model import (
    Address,
    ExternalRef,
    Order,
    OrderLine,
    OrderStatus,
    Party,
    PartyKind,
    Payment,
    PaymentMethod,
    Shipping,
    TaxId,
    TaxScheme,
)

HOME = Address(street="Deneme Sokak 5", district="Çankaya", city="Ankara")
CONSUMER = Party(
    kind=PartyKind.PERSON, first_name="Ayşe", last_name="Örnekoğlu", email="ayse@example.com", address=HOME
)
COMPANY = Party(
    kind=PartyKind.COMPANY,
    name="Deneme Gıda A.Ş.",
    tax_id=TaxId(scheme=TaxScheme.VKN, value="9876543217"),
    tax_office="Çankaya",
    address=HOME,
)


@pytest.fixture(scope="session")
def tenant() -> TenantSettings:
    return load_tenant(EXAMPLE_TENANT)


@pytest.fixture(scope="session")
def consumer() -> Party:
    return CONSUMER


@pytest.fixture(scope="session")
def company() -> Party:
    return COMPANY


@pytest.fixture(scope="session")
def make_line() -> Callable[..., OrderLine]:
    def make(id: str = "1", amount: str | Decimal = "120.00", **changes: Any) -> OrderLine:
        values: dict[str, Any] = {
            "id": id,
            "name": "Pamuklu gömlek",
            "quantity": Decimal(1),
            "amount": Decimal(amount),
            "sku": "GMLK-M",
            "vat_rate": Decimal(20),
        }
        return OrderLine(**(values | changes))

    return make


@pytest.fixture(scope="session")
def make_order(make_line: Callable[..., OrderLine]) -> Callable[..., Order]:
    def make(*lines: OrderLine, **changes: Any) -> Order:
        lines = lines or (make_line(),)
        values: dict[str, Any] = {
            "ref": ExternalRef(kind="package", id="P-1001"),
            "number": "S-5001",
            "revision": "1",
            "status": OrderStatus.PREPARING,
            "raw_status": "Picking",
            "placed_at": datetime(2026, 3, 1, 20, 30, tzinfo=UTC),
            "modified_at": datetime(2026, 3, 1, 21, 0, tzinfo=UTC),
            "buyer": CONSUMER,
            "shipping": Shipping(address=HOME, carrier="Örnek Kargo", tracking_number="0012345"),
            "payment": Payment(method=PaymentMethod.PLATFORM),
            "lines": lines,
            "total": sum((line.payable for line in lines if not line.cancelled), Decimal(0)),
        }
        return Order(**(values | changes))

    return make
