"""The adviser ``history`` from outside the core changes results of the tenant that enabled it, and of no other.

From stored decisions on a supplier's lines to the suggestion that is stored for the next one.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from kopru.flows.env import Lease, Work
from kopru.flows.linerows import LineRow, LineSource
from kopru.flows.mapping import mapped
from kopru.flows.records import ItemRow
from kopru.matching.api import State

SUPPLIER = "tax:1234567890"
NAMES = (("STK-1", "ÇİZGİLİ DEFTER A4 100 YAPRAK"), ("STK-2", "KARELİ DEFTER A4 100 YAPRAK"))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def line(number, text, **fields):
    return LineRow(
        id=uuid4(),
        source=LineSource.FILE,
        source_ref="list",
        source_line=str(number),
        partner=SUPPLIER,
        text=text,
        seller_code="D-100",
        unit="C62",
        quantity=Decimal(10),
        currency="TRY",
        **fields,
    )


class Company:
    """A tenant whose supplier's code D-100 people chose the second item for, six times."""

    def __init__(self, engine):
        self.engine = engine
        self.id = engine.store.add_tenant(f"h-{uuid4().hex[:12]}")
        items = [ItemRow(uuid4(), code, name, "goods", "C62", Decimal(20)) for code, name in NAMES]
        decided = [
            line(
                n,
                f"Kareli defter {n}",
                price=Decimal("39.50"),
                state=State.USER,
                item_id=items[1].id,
                item_code="STK-2",
                decided_at=NOW - timedelta(days=n),
            )
            for n in range(6)
        ]
        with engine.store.tenant(self.id) as uow:
            uow.items.upsert(items)
            uow.lines.see(decided)

    def switch(self, *, on):
        self.engine.store.allow("history")
        with self.engine.store.tenant(self.id) as uow:
            (uow.settings.enable if on else uow.settings.disable)("history")
        self.engine.env.cache._held.clear()

    def map(self, price="40.00"):
        """Map the supplier's next line, store it, and return it as it is stored."""
        work = Work(self.engine.env, self.id, {}, Lease(None), actor="test")
        asked = line(f"next-{uuid4()}", "DEFTER A4 OKUL", price=Decimal(price))
        found = mapped(work, [asked])
        with work.write() as uow:
            uow.lines.see(found)
        with work.read() as uow:
            (stored,) = [each for each in uow.lines.of_source(LineSource.FILE, "list") if each.id == asked.id]
        return stored


@pytest.fixture
def companies(engine):
    return Company(engine), Company(engine)


def scores(row):
    return {each.item_code: each.score for each in row.suggestions}


def shape(row):
    return row.state, row.version, scores(row)


def test_it_changes_the_result_of_the_tenant_that_enabled_it_alone(companies):
    mine, other = companies
    before, others = mine.map(), other.map()
    assert shape(before) == shape(others)
    mine.switch(on=True)
    after = mine.map()
    assert after.best.item_code == "STK-2"
    assert after.best.score > 5 * scores(before)["STK-2"]
    assert "aynı kodu 6 kez bu karta işlendi, fiyat olağana yakın (%+1.3)." in after.best.reasons.text.tr
    assert after.version == f"{before.version}+history-0.1.0"
    assert shape(other.map()) == shape(others)
    mine.switch(on=False)
    assert shape(mine.map()) == shape(before)


def test_a_price_far_off_is_told_and_lowers_the_item(companies):
    company, _ = companies
    company.switch(on=True)
    usual, dear = company.map(), company.map("474.00")
    assert scores(dear)["STK-2"] < scores(usual)["STK-2"]
    assert any("12 katı: koli" in each.reasons.text.tr for each in dear.suggestions)
    assert dear.state is not State.RESOLVED
