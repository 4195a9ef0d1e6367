"""A store on a real database, tenants of its own for each test, and looking into the database from outside."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from kopru.flows.records import (
    ConnectionRow,
    ConnectionState,
    DocumentRow,
    DocumentState,
    ItemRow,
    new_effect,
)
from kopru.hooks.types import Operation, Raw, Record
from kopru.model import (
    ExternalRef,
    Finding,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    OrderStatus,
    Party,
    PartyKind,
    Product,
    Profile,
    Return,
    ReturnLine,
    ReturnStatus,
    StockLevel,
    Tax,
    Text,
)
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MASTER_KEY = MasterKey.generate()
_numbers = count(1)


class Make:
    """Made-up rows and records, valid and as small as can be."""

    now = NOW
    buyer = Party(kind=PartyKind.PERSON, first_name="Ayşe", last_name="Örnekoğlu")

    def connection(self, name: str = "shop", **values: Any) -> ConnectionRow:
        row = {
            "id": uuid.uuid4(),
            "name": name,
            "plugin": "trendyol",
            "state": ConnectionState.ACTIVE,
            "config": {"seller_id": "1"},
            "config_version": 1,
            "start_at": NOW,
            "webhook_secret": "hook",
        }
        return ConnectionRow(**{**row, **values})

    def order(self, external_id: str = "P1", revision: str = "1", minutes: int = 0, **values: Any) -> Order:
        line = OrderLine(
            id="1", name="Defter", quantity=Decimal(2), sku="STK-1", amount=Decimal("120.00"), vat_rate=20
        )
        fields = {
            "ref": ExternalRef(kind="order", id=external_id),
            "number": f"N-{external_id}",
            "revision": revision,
            "status": OrderStatus.PREPARING,
            "placed_at": NOW,
            "modified_at": NOW + timedelta(minutes=minutes),
            "buyer": self.buyer,
            "lines": (line,),
            "total": Decimal("120.00"),
        }
        return Order(**{**fields, **values})

    def record(
        self, external_id: str = "P1", revision: str = "1", minutes: int = 0, **values: Any
    ) -> Record[Order]:
        value = self.order(external_id, revision, minutes, **values)
        return Record(external_id, Raw(value.model_dump_json().encode()), value)

    def unreadable(self, external_id: str = "P1", content: bytes = b"{") -> Record[Any]:
        return Record(external_id, Raw(content), None, (self.finding(),))

    def finding(self, **values: Any) -> Finding:
        fields = {"code": "shop.order.unreadable", "message": Text(tr="Okunamadı.", en="Unreadable.")}
        return Finding(**{**fields, **values})

    def returned(self, external_id: str = "R1", revision: str = "1") -> Record[Return]:
        line = ReturnLine(id="1", order_line_id="1", quantity=1, status=ReturnStatus.REQUESTED)
        value = Return(
            ref=ExternalRef(kind="return", id=external_id),
            revision=revision,
            order_number="N-P1",
            created_at=NOW,
            modified_at=NOW,
            lines=(line,),
        )
        return Record(external_id, Raw(f"{external_id} {revision}".encode()), value)

    def product(self, external_id: str = "X1", sku: str = "STK-1", barcode: str = "869") -> Record[Product]:
        value = Product(
            ref=ExternalRef(kind="product", id=external_id),
            revision="1",
            code=sku,
            name="Defter",
            barcodes=(barcode,),
        )
        return Record(external_id, Raw(external_id.encode()), value)

    def item(self, code: str = "STK-1", **values: Any) -> ItemRow:
        row = {"name": f"Çizgili Defter {code}", "kind": "goods", "unit": "C62", "vat_rate": Decimal(20)}
        return ItemRow(uuid.uuid4(), code, **{**row, **values})

    def level(self, code: str, on_hand: str, minutes: int = 0, warehouse: str = "0") -> StockLevel:
        as_of = NOW + timedelta(minutes=minutes)
        return StockLevel(item_code=code, warehouse=warehouse, on_hand=Decimal(on_hand), as_of=as_of)

    def invoice(self, document_id: UUID) -> Invoice:
        tax = Tax(rate=Decimal(20), base=Decimal("100.00"), amount=Decimal("20.00"))
        line = InvoiceLine(
            id="1",
            item_code="STK-1",
            name="Defter",
            quantity=Decimal(2),
            unit_price=Decimal("50.00"),
            gross=Decimal("100.00"),
            taxes=(tax,),
        )
        return Invoice(
            id=document_id,
            number="AAA2026000000000",
            profile=Profile.ARCHIVE,
            issue_date=NOW.date(),
            issue_time=time(9, 0),
            seller=Party(kind=PartyKind.COMPANY, name="Örnek Ticaret A.Ş."),
            buyer=self.buyer,
            lines=(line,),
        )

    def document(self, order_id: UUID, key: str | None = None, **values: Any) -> DocumentRow:
        document_id = uuid.uuid4()
        row = {
            "key": key or str(document_id),
            "order_id": order_id,
            "type": "invoice",
            "revision": 0,
            "order_version": 1,
            "profile": Profile.ARCHIVE,
            "state": DocumentState.VALIDATED,
            "number": None,
            "issue_date": NOW.date(),
            "total": Decimal("120.00"),
            "currency": "TRY",
            "invoice": self.invoice(document_id),
            "channel_id": None,
            "ledger_id": None,
        }
        return DocumentRow(id=document_id, **{**row, **values})


class Desk:
    """One tenant with a shop, ready for orders and documents."""

    def __init__(self, store: Store, tenant_id: UUID, make: Make) -> None:
        self.store, self.id, self.make = store, tenant_id, make
        self.shop = make.connection()
        with store.tenant(tenant_id) as uow:
            uow.connections.save(self.shop)

    def open(self) -> AbstractContextManager[Any]:
        return self.store.tenant(self.id)

    def take(self, *records: Record[Order]) -> Any:
        """Store fetched orders as a flow does."""
        with self.open() as uow:
            raws = [(record.external_id, record.raw) for record in records]
            payloads = uow.payloads.put(self.shop.id, "order", raws)
            return uow.orders.take(self.shop.id, records, payloads, uow.now)

    def order(self, external_id: str = "P1") -> UUID:
        """Store an order and return its id."""
        found: UUID = self.take(self.make.record(external_id))[0].id
        return found

    def document(self, order_id: UUID | None = None, **values: Any) -> UUID:
        """Store a document and return its id."""
        order_id = order_id or self.order()
        row = self.make.document(order_id, **values)
        with self.open() as uow:
            uow.documents.add(row)
        return row.id

    def effect(self, key: str | None = None) -> Any:
        """Plan an effect and return its row."""
        with self.open() as uow:
            planned = new_effect(key or f"effect-{next(_numbers)}", Operation.POST_INVOICE, self.shop.id)
            return uow.effects.plan(planned)


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()


@pytest.fixture(scope="session")
def master_key() -> MasterKey:
    """The key that wraps the tenant keys of ``store``."""
    return MASTER_KEY


@pytest.fixture(scope="session")
def keys(master_key: MasterKey) -> KeyRing:
    return KeyRing(master_key)


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def store(engine: sa.Engine, keys: KeyRing) -> Store:
    return Store(engine, keys)


@pytest.fixture(scope="session")
def new_desk(store: Store, make: Make) -> Callable[[], Desk]:
    """Make a tenant that no other test uses."""

    def new() -> Desk:
        slug = hashlib.sha256(f"{uuid.uuid4()}".encode()).hexdigest()[:12]
        return Desk(store, store.add_tenant(slug), make)

    return new


@pytest.fixture
def desk(new_desk: Callable[[], Desk]) -> Desk:
    return new_desk()


@pytest.fixture
def superuser(engine: sa.Engine) -> Callable[[], AbstractContextManager[sa.Connection]]:
    """Open a transaction as the owner of the cluster: no role, no row-level security."""

    @contextmanager
    def open_() -> Iterator[sa.Connection]:
        with engine.begin() as db:
            yield db

    return open_


@pytest.fixture
def empty_database_url(database_url: str) -> Iterator[str]:
    """A database of this test alone with nothing in it."""
    url = sa.make_url(database_url)
    name = f"{url.database}_empty_{next(_numbers)}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.execute(sa.text(f"create database {name} template template0"))
        yield url.set(database=name).render_as_string(hide_password=False)
        db.execute(sa.text(f"drop database {name} with (force)"))
    admin.dispose()
