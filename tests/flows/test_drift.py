"""Two-sided comparison of documents and stock: what we say is elsewhere, and what is there."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.documents import istanbul_date, stored_key
from kopru.flows import drift, stockdrift
from kopru.flows.proofs import Area, Drift, OurWrite, Pushed
from kopru.flows.records import DocumentState, EffectState, Lane, NewJob, OrderState, Reason
from kopru.hooks.errors import ConfigError
from kopru.hooks.types import Operation, RefKind, RemoteRef
from kopru.model import Text

HOUR = 3600.0


@pytest.fixture
def done(trade):
    """Two orders with their invoices, sent and booked."""
    trade.orders = [trade.place(), trade.place((trade.item("10"), 2))]
    trade.pull()
    trade.run(HOUR)
    assert {trade.order(order).state for order in trade.orders} == {OrderState.DONE}
    return trade


def compare(trade, name, day=None):
    day = day or trade.document(trade.orders[0]).issue_date
    return drift.compare(trade.work(), trade.connection(name).id, day)


def found(trade, area=Area.DOCUMENTS):
    with trade.work().read() as uow:
        return {each.subject: each.reason.code for each in uow.drifts.open(area)}


def invoices(trade):
    return list(trade.ledger.ledger.invoices)


@pytest.mark.parametrize("name", ["nilvera", "logo"])
def test_both_sides_hold_the_same(done, name):
    check = compare(done, name)
    assert (check.ours, check.remote, check.differences) == (2, 2, 0)
    assert found(done) == {}


def test_an_invoice_deleted_in_the_ledger_is_told_with_its_number(done):
    entry = invoices(done)[0]
    done.ledger.ledger.delete_invoice(entry.body["INTERNAL_REFERENCE"])
    check = compare(done, "logo")
    assert (check.ours, check.remote, check.differences) == (2, 1, 1)
    (told,) = told_of(done, "logo")
    gone = next(each for each in done.all_documents() if each.id == told.document_id)
    assert told.reason.code == "drift.document.absent"
    assert gone.number in told.reason.text.en and told.command == f"kopru documents show {gone.number}"
    assert "drift.found" in done.actions(gone)


def told_of(trade, name, area=Area.DOCUMENTS):
    with trade.work().read() as uow:
        return uow.drifts.open(area, trade.connection(name).id)


def test_a_difference_is_told_once_and_closed_when_it_is_gone(done):
    entry = invoices(done)[0]
    body = dict(entry.body)
    done.ledger.ledger.delete_invoice(entry.body["INTERNAL_REFERENCE"])
    compare(done, "logo")
    compare(done, "logo")
    (told,) = told_of(done, "logo")
    assert done.actions(told.document_id).count("drift.found") == 1
    done.ledger.ledger.invoices.add(body)
    compare(done, "logo")
    assert found(done) == {}


def test_what_the_listing_lacks_and_a_look_up_finds_is_no_difference(done, monkeypatch):
    monkeypatch.setattr(drift, "_listed", lambda *arguments: ())
    assert compare(done, "nilvera").differences == 0
    assert compare(done, "logo").differences == 0


def test_a_cancellation_at_the_channel_is_heard_by_the_ordinary_way(done):
    document = done.document(done.orders[0])
    done.channel.account.cancel(str(document.id))
    check = compare(done, "nilvera")
    assert check.differences == 1
    assert found(done) == {str(document.id): "drift.document.cancelled"}
    booked = {held.number for held in done.held(Operation.POST_INVOICE) if held.live}
    done.run(HOUR)
    assert done.document(done.orders[0]).state is DocumentState.VOID
    assert done.order(done.orders[0]).state is OrderState.PARKED
    left = {held.number for held in done.held(Operation.POST_INVOICE) if held.live}
    assert booked - left == {document.number}, "what GİB does not count, the ledger must not count either"
    compare(done, "nilvera")
    assert found(done) == {}


def test_a_cancellation_taken_back_at_the_channel_is_told(done):
    order = done.orders[0]
    document = done.document(order)
    done.shop.cancel_order(order.id)
    done.pull()
    done.run(HOUR)
    assert done.document(order).state is DocumentState.VOID
    compare(done, "nilvera")
    assert found(done) == {}
    done.channel.account.revert_cancel(str(document.id))
    compare(done, "nilvera")
    assert found(done) == {str(document.id): "drift.document.not_cancelled"}


def test_another_total_and_a_second_record_in_the_ledger_are_told(done):
    entry = invoices(done)[0]
    twin = {**entry.body, "GUID": str(uuid4()).upper()}
    other = invoices(done)[1]
    other.body["TOTAL_NET"] = Decimal("1.00")
    done.ledger.ledger.invoices.add(twin)
    compare(done, "logo")
    assert sorted(found(done).values()) == ["drift.document.duplicate", "drift.document.total"]


def test_a_document_of_our_series_that_we_do_not_hold_is_told(done):
    number = done.document(done.orders[0]).number
    body = dict(invoices(done)[0].body)
    unknown = number[:-3] + "907"
    done.ledger.ledger.invoices.add(
        {**body, "NUMBER": unknown, "GUID": str(uuid4()).upper(), "DOC_TRACK_NR": ""}
    )
    done.ledger.ledger.invoices.add(
        {**body, "NUMBER": "ELLE-1", "GUID": str(uuid4()).upper(), "DOC_TRACK_NR": ""}
    )
    check = compare(done, "logo")
    assert list(found(done).values()) == ["drift.document.unknown"]
    assert (check.ours, check.remote) == (2, 3)
    (told,) = told_of(done, "logo")
    assert unknown in told.reason.text.tr


def test_the_nightly_run_compares_the_last_days_on_both_sides(done):
    for name in ("nilvera", "logo", "trendyol"):
        done.pull("documents.verify", name)
    with done.work().read() as uow:
        checks = uow.drifts.checks(Area.DOCUMENTS)
    assert {(check.connection_id, check.day) for check in checks} == {
        (done.connection(name).id, istanbul_date(datetime.now(UTC)) - timedelta(days=n))
        for name in ("nilvera", "logo")
        for n in range(drift.DAYS)
    }
    assert done.jobs("parked") == [] or {job.kind for job in done.jobs("parked")} == {"documents.verify_day"}


def test_a_shop_has_no_documents_to_compare(done):
    with pytest.raises(ConfigError) as refused:
        compare(done, "trendyol")
    assert refused.value.code == "drift.no_listing"


# Matching


def ours(number="KPA2026000000001", **fields):
    document = uuid4()
    values = {
        "effect_id": uuid4(),
        "key": f"key/{document}",
        "operation": Operation.POST_INVOICE,
        "state": EffectState.CONFIRMED,
        "ref_kind": "sales_invoice",
        "ref_id": f"SI-01-{number[-3:]}",
        "settled_at": datetime.now(UTC),
        "document_id": document,
        "order_id": uuid4(),
        "document_state": DocumentState.ISSUED,
        "number": number,
        "total": Decimal("10.00"),
        "currency": "TRY",
        "issue_date": date(2026, 3, 2),
        "cancelled": False,
    }
    return OurWrite(**values | fields)


def listed(write, **fields):
    values = {
        "kind": RefKind.LEDGER_DOCUMENT,
        "external_id": write.ref_id,
        "our_reference": stored_key(write.key).short,
        "number": write.number,
        "total": write.total,
        "currency": "TRY",
    }
    return RemoteRef(**values | fields)


def codes(write, *refs):
    return [
        each.code.removeprefix("drift.document.")
        for each in drift._of_write(write, drift.match([write], refs))
    ]


@pytest.mark.parametrize(
    ("fields", "refs", "told"),
    [
        ({}, [{}], []),
        ({}, [], ["absent"]),
        ({}, [{"cancelled": True}], ["cancelled"]),
        ({}, [{}, {"external_id": "SI-01-999"}], ["duplicate"]),
        ({}, [{}, {"external_id": "SI-01-999", "cancelled": True}], []),
        ({}, [{"total": Decimal("9.99")}], ["total"]),
        ({}, [{"total": Decimal("9.99"), "currency": "EUR"}], []),
        ({}, [{"total": None}], []),
        ({}, [{"number": "OTHER"}], []),
        ({"operation": Operation.SUBMIT_INVOICE}, [{"number": "OTHER"}], ["number"]),
        ({"cancelled": True, "document_state": DocumentState.VOID}, [{}], ["not_cancelled"]),
        ({"cancelled": True}, [{"cancelled": True}], []),
        ({"cancelled": True}, [], []),
        ({"document_state": DocumentState.VOID}, [], []),
        ({"state": EffectState.REJECTED}, [{}], ["refused"]),
        ({"state": EffectState.REJECTED}, [], []),
        ({"state": EffectState.UNCERTAIN}, [], []),
        ({"state": EffectState.SENDING}, [{}], []),
        ({"state": EffectState.PLANNED}, [], []),
        ({"state": EffectState.ABANDONED}, [{}], ["refused"]),
    ],
)
def test_what_is_told_about_one_document(fields, refs, told):
    write = ours(**fields)
    assert codes(write, *(listed(write, **each) for each in refs)) == told


@given(st.lists(st.booleans(), max_size=12), st.integers(0, 5), st.randoms())
def test_every_listed_record_is_matched_once_or_left_over(known, foreign, dice):
    writes = [ours(f"KPA2026{n:09d}") for n in range(len(known))]
    refs = [
        listed(write, **({} if by_key else {"our_reference": "", "external_id": write.ref_id}))
        for write, by_key in zip(writes, known, strict=True)
    ] + [RemoteRef(RefKind.LEDGER_DOCUMENT, f"X-{n}", our_reference="") for n in range(foreign)]
    dice.shuffle(refs)
    matched = drift.match(writes, refs)
    assert {key: len(each) for key, each in matched.of.items()} == {each.effect_id: 1 for each in writes}
    assert {each.external_id for each in matched.rest} == {f"X-{n}" for n in range(foreign)}


# Stock


@pytest.fixture
def stocked(trade):
    """The shop after the first push of everything, some time ago; no product is at Trendyol's upper limit."""
    for item in trade.world.items:
        trade.ledger.set_stock(item.code, Decimal(50))
    sync(trade)
    trade.run(120)
    trade.pass_time(HOUR)
    return trade


def sync(trade):
    trade.add(NewJob("stock.sync", {}, "stock.sync", Lane.STOCK, serial_key="stock.sync"))


def stock_of(trade, item):
    return trade.shop.stock.variants[item.barcode]["stock"]


def compare_stock(trade, **options):
    return stockdrift.compare(trade.work(**options), trade.connection("trendyol").id)


def test_shown_stock_is_what_was_pushed(stocked):
    check = compare_stock(stocked).check
    assert (check.ours, check.remote, check.differences) == (len(stocked.world.items),) * 2 + (0,)


def test_a_value_changed_at_the_shop_is_pushed_again(stocked):
    item = stocked.world.items[2]
    stock_of(stocked, item)["quantity"] = 7
    comparison = compare_stock(stocked)
    assert [row.data["theirs"] for row in comparison.found] == [7]
    assert list(found(stocked, Area.STOCK).values()) == ["drift.stock.differs"]
    stocked.run(120)
    assert stock_of(stocked, item)["quantity"] == 50
    stocked.pass_time(HOUR)
    compare_stock(stocked)
    assert found(stocked, Area.STOCK) == {}


def test_a_shop_that_keeps_another_value_is_told_instead_of_pushed_for_ever(stocked):
    item = stocked.world.items[2]
    stock_of(stocked, item)["quantity"] = 7
    compare_stock(stocked)
    stocked.run(120)
    for _ in range(2):
        stock_of(stocked, item)["quantity"] = 7
        stocked.pass_time(HOUR)
        compare_stock(stocked)
        pushes = stocked.posts("trendyol", "price-and-inventory")
        stocked.run(120)
        assert stocked.posts("trendyol", "price-and-inventory") == pushes
    assert list(found(stocked, Area.STOCK).values()) == ["drift.stock.stays"]


def test_a_product_the_shop_no_longer_lists_is_told(stocked):
    item = stocked.world.items[0]
    contents = stocked.shop.stock.contents
    contents[:] = [each for each in contents if each["variants"][0]["barcode"] != item.barcode]
    compare_stock(stocked)
    assert list(found(stocked, Area.STOCK).values()) == ["drift.stock.gone"]


def test_what_was_sent_a_moment_ago_is_not_compared(trade):
    sync(trade)
    trade.run(30)
    assert compare_stock(trade).check.ours == 0


def test_with_manual_stock_nothing_is_pushed_by_itself(stocked):
    stocked.settings(("[invoice]\n", '[stages]\nstock = "manual"\n\n[invoice]\n'))
    item = stocked.world.items[2]
    stock_of(stocked, item)["quantity"] = 7
    pushes = stocked.posts("trendyol", "price-and-inventory")
    (row,) = compare_stock(stocked).found
    assert (row.reason.code, row.command) == ("drift.stock.manual", "kopru stock push")
    stocked.run(120)
    assert stocked.posts("trendyol", "price-and-inventory") == pushes


def test_a_dry_run_neither_stores_nor_pushes(stocked):
    stock_of(stocked, stocked.world.items[2])["quantity"] = 7
    assert compare_stock(stocked, dry_run=True).check.differences == 1
    assert found(stocked, Area.STOCK) == {}
    pushes = stocked.posts("trendyol", "price-and-inventory")
    stocked.run(120)
    assert stocked.posts("trendyol", "price-and-inventory") == pushes


def test_units_sold_meanwhile_are_not_offered_again(stocked):
    """The nightly run reads the orders first: the shop shows less because it sold, and so do we then."""
    item = stocked.world.items[3]
    stocked.place((item, 4))
    stock_of(stocked, item)["quantity"] = 46
    stocked.add(
        NewJob(
            "stock.verify",
            {"connection": str(stocked.connection("trendyol").id)},
            "stock.verify",
            Lane.STOCK,
        )
    )
    stocked.run(600)
    assert stock_of(stocked, item)["quantity"] == 46
    assert found(stocked, Area.STOCK) == {}
    with stocked.work().read() as uow:
        assert len(uow.drifts.checks(Area.STOCK)) == 1


def pushed(id="x", quantity=5):
    return Pushed(id, f"SKU-{id}", quantity, None)


def known(theirs, ours=5):
    reason = Reason("drift.stock.differs", Text(tr="x", en="x"))
    data = {"theirs": theirs, "ours": ours}
    return {"x": Drift(uuid4(), Area.STOCK, "x", date(2026, 3, 2), reason, data=data)}


@pytest.mark.parametrize(
    ("shown", "before", "automatic", "code"),
    [
        ({"x": 5}, {}, True, None),
        ({"x": None}, {}, True, None),
        ({"x": 4}, {}, True, "drift.stock.differs"),
        ({"x": 4}, {}, False, "drift.stock.manual"),
        ({"x": 4}, known(4), True, "drift.stock.stays"),
        ({"x": 3}, known(4), True, "drift.stock.differs"),
        ({"x": 4}, known(4, ours=9), True, "drift.stock.differs"),
        ({"x": 4}, known(4), False, "drift.stock.manual"),
        ({}, {}, True, "drift.stock.gone"),
    ],
)
def test_what_is_told_about_one_product(shown, before, automatic, code):
    told = stockdrift.differences([pushed()], shown, before, automatic=automatic)
    assert [each.code for each in told] == ([code] if code else [])
