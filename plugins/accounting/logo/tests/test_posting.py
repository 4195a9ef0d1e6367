"""Invoices posted to a simulated Logo: what is stored, what is refused, what a repeat does."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kopru.model import ExternalRef, InvoiceKind, LineKind, Withholding
from kopru.sdk import (
    Absent,
    AuthError,
    Cancellation,
    CannotTell,
    Conflict,
    Direction,
    Found,
    Operation,
    OutcomeUnknown,
    ReceiptState,
    Rejected,
    TransientError,
)
from kopru.testing.faults import Fault, FaultKind
from kopru_logo import plugin
from kopru_logo.simulation.calculation import Calculator
from kopru_logo.simulation.ledger import Refusal


def held(sim, operation=Operation.POST_INVOICE):
    return [record for record in sim.held(operation) if record.live]


def locate(ctx, key, operation=Operation.POST_INVOICE, hint=None):
    return plugin.locate(ctx, operation, key, hint)


def test_an_invoice_is_stored_with_number_total_and_identity(sim, ctx, make_key, book):
    key = make_key("one")
    receipt = plugin.post_invoice(ctx, key, book())
    assert receipt.state is ReceiptState.DONE
    assert receipt.number == "ABC2026000000001"
    assert receipt.echo.total == Decimal("59.90")
    assert receipt.echo.currency == "TRY"
    assert receipt.echo.party == "120.WEB"
    assert receipt.echo.date == "2026-03-10"
    assert receipt.ref == ExternalRef(kind="sales_invoice", id="inv-01-1")
    assert [(record.reference, record.total) for record in held(sim)] == [(key.short, Decimal("59.90"))]
    assert sim.truth.of("invoice.posted")[0].data["reference"] == key.short


def test_logo_knows_every_field_that_is_sent(sim, ctx, make_key, book, make_order, make_line, company):
    held_back = Withholding(code="624", name="x", rate=Decimal(20), base=Decimal(20), amount=Decimal(4))
    plugin.post_invoice(
        ctx,
        make_key("a"),
        book(
            make_line("120.00", before="150.00", withholdings=(held_back,)),
            make_line("29.90", kind=LineKind.SHIPPING, id="2"),
            kind=InvoiceKind.WITHHOLDING,
            payment_due=date(2026, 4, 1),
            buyer=company,
        ),
    )
    plugin.post_invoice(ctx, make_key("b"), book(number="ABC2026000000002", kind=InvoiceKind.RETURN))
    plugin.post_order(ctx, make_key("c"), make_order())
    assert sim.ledger.ignored == []


def test_the_stored_lines_are_complete(sim, ctx, make_key, book, make_line):
    plugin.post_invoice(
        ctx, make_key("k"), book(make_line("100.00", before="120.00"), make_line("5", id="2"))
    )
    stored = sim.ledger.invoices.get(1).body["TRANSACTIONS"]["items"]
    assert [line["TYPE"] for line in stored] == [0, 2, 0]


def test_selling_takes_goods_out_and_returning_brings_them_back(sim, ctx, make_key, book, make_line):
    plugin.post_invoice(ctx, make_key("s"), book(make_line("10", quantity="3")))
    assert sim.ledger.stock_of(1, 0).on_hand == 99_997
    plugin.post_invoice(
        ctx,
        make_key("r"),
        book(make_line("10", quantity="2"), number="IAD2026000000001", kind=InvoiceKind.RETURN),
    )
    assert sim.ledger.stock_of(1, 0).on_hand == 99_999


def test_a_return_is_tied_to_the_lines_of_its_sale(sim, ctx, make_key, book):
    sale = plugin.post_invoice(ctx, make_key("s"), book())
    line = sim.ledger.invoices.get(1).body["TRANSACTIONS"]["items"][0]
    plugin.post_invoice(
        ctx, make_key("r"), book(number="IAD2026000000001", kind=InvoiceKind.RETURN, original=sale.ref)
    )
    returned = sim.ledger.invoices.get(2).body["TRANSACTIONS"]["items"][0]
    assert returned["SOURCE_REFERENCE"] == line["INTERNAL_REFERENCE"]


@pytest.mark.parametrize("original", ["inv-01-99", "inv-02-1", "nonsense"])
def test_a_return_stands_without_its_sale_when_that_is_gone(sim, ctx, make_key, book, original):
    ref = ExternalRef(kind="sales_invoice", id=original)
    plugin.post_invoice(ctx, make_key("r"), book(kind=InvoiceKind.RETURN, original=ref))
    assert "SOURCE_REFERENCE" not in sim.ledger.invoices.get(1).body["TRANSACTIONS"]["items"][0]


def test_vat_taken_out_of_the_price_matches_the_invoice_where_adding_it_does_not(
    sim, connect, make_key, book, make_line
):
    # 59.91 at 20 %: net 49.93 and VAT 9.98, but 20 % of 49.93 is 9.99.
    ledger = book(make_line("59.91"))
    assert plugin.post_invoice(connect(), make_key("a"), ledger).echo.total == Decimal("59.91")
    other = book(make_line("59.91"), number="ABC2026000000002")
    drifted = plugin.post_invoice(connect(amounts="vat_excluded"), make_key("b"), other)
    assert drifted.echo.total == Decimal("59.92")
    given = book(make_line("59.91"), number="ABC2026000000003")
    assert plugin.post_invoice(connect(amounts="given"), make_key("c"), given).echo.total == Decimal("59.91")


@pytest.mark.parametrize(("rounding", "settings"), [("0.02", {}), ("-0.03", {"amounts": "given"})])
def test_a_rounded_invoice_comes_to_its_payable(connect, make_key, book, rounding, settings):
    ledger = book(rounding=Decimal(rounding))
    receipt = plugin.post_invoice(connect(**settings), make_key("k"), ledger)
    assert receipt.echo.total == ledger.invoice.totals.payable


def test_withheld_vat_is_not_payable(ctx, make_key, book, make_line):
    held_back = Withholding(code="624", name="x", rate=Decimal(20), base=Decimal(20), amount=Decimal("4.00"))
    ledger = book(make_line("120.00", withholdings=(held_back,)), kind=InvoiceKind.WITHHOLDING)
    assert plugin.post_invoice(ctx, make_key("k"), ledger).echo.total == Decimal("116.00")


@pytest.mark.parametrize("amounts", ["vat_included", "given"])
def test_a_foreign_invoice_echoes_its_own_currency(connect, make_key, book, make_line, amounts):
    ledger = book(make_line("119.99", before="132.50"), currency="USD", exchange_rate=Decimal("34.5678"))
    ctx, key = connect(amounts=amounts), make_key("k")
    receipt = plugin.post_invoice(ctx, key, ledger)
    assert (receipt.echo.total, receipt.echo.currency) == (Decimal("119.99"), "USD")
    assert locate(ctx, key).receipt.echo == receipt.echo


def test_campaigns_of_the_ledger_do_not_touch_our_amounts(sim, ctx, make_key, book):
    sim.ledger.behaviour.calculator = Calculator(campaign=Decimal(10))
    assert plugin.post_invoice(ctx, make_key("k"), book()).echo.total == Decimal("59.90")


def test_another_total_in_the_ledger_shows_in_the_echo(sim, connect, make_key, book, make_line):
    sim.ledger.behaviour.calculator = Calculator(vat_by_rate=True)
    ledger = book(*(make_line("59.91", id=str(n)) for n in range(1, 6)))
    receipt = plugin.post_invoice(connect(amounts="vat_excluded"), make_key("k"), ledger)
    assert receipt.echo.total != ledger.invoice.totals.payable


def test_an_answer_with_the_reference_only_is_read_back(sim, ctx, make_key, book):
    sim.ledger.behaviour.answers_reference_only = True
    receipt = plugin.post_invoice(ctx, make_key("k"), book())
    assert (receipt.number, receipt.echo.total) == ("ABC2026000000001", Decimal("59.90"))


def test_a_failing_read_back_is_an_unknown_outcome_never_a_failed_write(sim, ctx, make_key, book):
    sim.ledger.behaviour.answers_reference_only = True
    sim.faults.add(Fault(FaultKind.STATUS, method="GET", path="/salesInvoices/", status=500))
    with pytest.raises(OutcomeUnknown):
        plugin.post_invoice(ctx, make_key("k"), book())
    assert isinstance(locate(ctx, make_key("k")), Found)


@pytest.mark.parametrize(
    ("kind", "stored"),
    [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1), (FaultKind.MALFORMED, 1), (FaultKind.STATUS, 0)],
)
def test_a_lost_answer_is_looked_up_and_repeated_only_when_absent(sim, ctx, make_key, book, kind, stored):
    key = make_key("k")
    sim.faults.add(Fault(kind, method="POST", path="/salesInvoices", times=1, status=500))
    with pytest.raises(OutcomeUnknown):
        plugin.post_invoice(ctx, key, book())
    assert len(held(sim)) == stored
    if stored:
        assert locate(ctx, key).receipt.echo.total == Decimal("59.90")
    else:
        assert locate(ctx, key) == Absent()
        plugin.post_invoice(ctx, key, book())
    assert len(held(sim)) == 1


def test_a_slow_post_is_an_unknown_outcome(sim, connect, make_key, book):
    sim.post_delay = 1.5
    with pytest.raises(OutcomeUnknown):
        plugin.post_invoice(connect(write_timeout=1), make_key("k"), book())


@pytest.mark.parametrize("door", [True, False])
def test_a_blind_repeat_meets_the_document_that_is_there(sim, connect, make_key, book, door):
    ctx, key = connect(sql_door=door), make_key("k")
    first = plugin.post_invoice(ctx, key, book())
    with pytest.raises(Conflict) as error:
        plugin.post_invoice(ctx, key, book())
    assert error.value.existing == first.ref
    assert len(held(sim)) == 1


def test_a_number_used_by_somebody_else_is_refused_not_bound(sim, ctx, make_key, book):
    plugin.post_invoice(ctx, make_key("somebody"), book())
    with pytest.raises(Rejected) as error:
        plugin.post_invoice(ctx, make_key("k"), book())
    assert error.value.code == "logo.rejected"
    assert "ABC2026000000001" in error.value.findings[0].message.en


def test_the_refusal_stands_when_looking_for_the_document_fails(sim, ctx, make_key, book):
    plugin.post_invoice(ctx, make_key("somebody"), book())
    sim.faults.add(Fault(FaultKind.STATUS, path="/queries", status=500))
    with pytest.raises(Rejected):
        plugin.post_invoice(ctx, make_key("k"), book())


@pytest.mark.parametrize("door", [True, False])
def test_locate_finds_by_short_reference_where_the_guid_is_replaced(sim, connect, make_key, book, door):
    sim.ledger.behaviour.keeps_guid = False
    ctx, key = connect(sql_door=door), make_key("k")
    receipt = plugin.post_invoice(ctx, key, book())
    assert locate(ctx, key).receipt.ref == receipt.ref
    assert locate(ctx, make_key("other")) == Absent()


def test_locate_prefers_the_living_document(sim, ctx, make_key, book):
    key = make_key("k")
    first = plugin.post_invoice(ctx, key, book())
    plugin.cancel_document(ctx, make_key("c"), Cancellation(first.ref, "hata"))
    assert locate(ctx, key).receipt.ref == first.ref
    second = plugin.post_invoice(ctx, key, book(number="ABC2026000000002"))
    assert locate(ctx, key).receipt.ref == second.ref


def test_two_living_documents_with_one_key_are_for_a_person(sim, ctx, make_key, book):
    key = make_key("k")
    plugin.post_invoice(ctx, key, book())
    plugin.post_invoice(ctx, key, book(number="ABC2026000000002"))
    found = locate(ctx, key)
    assert isinstance(found, CannotTell)
    assert "ABC2026000000002" in found.reason.en


def test_locate_cannot_tell_about_writes_logo_does_not_take(ctx, make_key):
    assert isinstance(locate(ctx, make_key("k"), Operation.PUSH_STOCK), CannotTell)
    assert isinstance(locate(ctx, make_key("k"), Operation.CANCEL_DOCUMENT), CannotTell)


def test_read_lag_hides_a_fresh_document_for_a_while(sim, ctx, make_key, book):
    sim.read_lag = 3600
    plugin.post_invoice(ctx, make_key("k"), book())
    assert locate(ctx, make_key("k")) == Absent()
    sim.read_lag = 0
    assert isinstance(locate(ctx, make_key("k")), Found)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"party_code": "120.YOK"}, "120.YOK"),
        ({"lines": ("59.90", {"code": "YOK-1"})}, "YOK-1"),
    ],
)
def test_unknown_codes_are_named(sim, ctx, make_key, book, make_line, change, text):
    change = dict(change)
    lines = [make_line(amount, **more) for amount, more in [change.pop("lines")]] if "lines" in change else []
    with pytest.raises(Rejected) as error:
        plugin.post_invoice(ctx, make_key("k"), book(*lines, **change))
    assert error.value.findings[0].code == "logo.validation"
    assert error.value.findings[0].field == "ValError0"
    assert text in error.value.findings[0].message.tr
    assert not held(sim)


@pytest.mark.parametrize("key", ["ValError0", "202"])
def test_a_closed_period_has_its_own_code(sim, ctx, make_key, book, key):
    sim.set_period(date(2027, 1, 1), date(2027, 12, 31))
    sim.ledger.behaviour.period_key = key
    with pytest.raises(Rejected) as error:
        plugin.post_invoice(ctx, make_key("k"), book())
    assert error.value.code == "logo.period_closed"


def test_another_vat_rate_than_the_card_can_be_refused(sim, ctx, make_key, book, make_line):
    sim.ledger.behaviour.strict_vat = True
    with pytest.raises(Rejected) as error:
        plugin.post_invoice(ctx, make_key("k"), book(make_line("10.00", rate="1")))
    assert "KDV" in error.value.findings[0].message.tr


def test_an_ended_session_does_not_write(sim, ctx, make_key, book):
    sim.end_sessions()
    with pytest.raises(AuthError):
        plugin.post_invoice(ctx, make_key("k"), book())
    assert not held(sim)


def test_a_dry_run_sends_nothing(sim, connect, make_key, book, make_order):
    ctx = connect(dry_run=True)
    for write in (
        lambda: plugin.post_invoice(ctx, make_key("k"), book()),
        lambda: plugin.post_order(ctx, make_key("k"), make_order()),
    ):
        with pytest.raises(Exception, match=r"^dry run: POST"):
            write()
    assert not held(sim)
    assert not sim.held(Operation.POST_ORDER)


def test_a_purchase_invoice_is_stored_by_the_same_mapping(sim, ctx, make_key, book, make_line):
    sim.add_party("320.01", "Tedarikçi")
    ledger = book(make_line("120.00", quantity="5"), party_code="320.01")
    receipt = plugin.post_invoice(ctx, make_key("p"), replace(ledger, direction=Direction.PURCHASE))
    assert receipt.ref.kind == "purchase_invoice"
    assert receipt.echo.total == Decimal("120.00")
    assert sim.ledger.stock_of(1, 0).on_hand == 100_005
    assert sim.ledger.ignored == []


def test_a_deadlock_passes_by_itself(sim, ctx, make_key, book):
    original = sim.ledger.store_invoice
    sim.ledger.store_invoice = lambda *a, **k: (_ for _ in ()).throw(
        Refusal({"DBError": ["Transaction was deadlocked on lock resources."]})
    )
    with pytest.raises(TransientError):
        plugin.post_invoice(ctx, make_key("k"), book())
    sim.ledger.store_invoice = original
    assert plugin.post_invoice(ctx, make_key("k"), book())
