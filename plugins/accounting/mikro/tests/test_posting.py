"""Orders and invoices on their way into Mikro, and how they are found again."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kopru.model import ExternalRef, InvoiceKind, LineKind
from kopru.sdk import (
    Absent,
    AuthError,
    CannotTell,
    Conflict,
    Direction,
    Found,
    MappingMissing,
    Operation,
    OutcomeUnknown,
    Rejected,
    Unsupported,
)
from kopru.testing.faults import Fault, FaultKind
from kopru_mikro import plugin
from kopru_mikro.codes import Version

INVOICE, ORDER = Operation.POST_INVOICE, Operation.POST_ORDER
OWN = {
    "second_key": "user_column",
    "invoice_user_table": "OZEL_FATURA",
    "order_user_table": "OZEL_SIPARIS",
    "user_link": "kayit_uid",
    "user_column": "entegrasyon_no",
}


def test_an_invoice_comes_back_as_the_database_has_it(sim, ctx, book, make_key, make_line):
    key = make_key("a")
    lines = (make_line("400.00", before="440.00", rate="10", quantity="2"), make_line("59.90", id="2"))
    receipt = plugin.post_invoice(ctx, key, book(*lines))
    assert receipt.echo.total == Decimal("459.90")
    assert (receipt.echo.currency, receipt.echo.party, receipt.echo.date) == ("TRY", "120.WEB", "2026-03-10")
    assert receipt.number == receipt.echo.number == "ABC2026000000001"
    assert receipt.ref.kind == "invoice"
    held = sim.held(INVOICE)
    assert [(each.reference, each.id.lower()) for each in held] == [(key.short, receipt.ref.id)]
    assert sim.ledger.on_hand("STK-0001") == 100_000 - 3


def test_an_order_comes_back_with_its_total(sim, ctx, make_order, make_order_line, make_key):
    lines = [
        make_order_line("99.83", id="1", quantity=Decimal(2)),
        make_order_line("11.01", id="2", rate="10"),
    ]
    receipt = plugin.post_order(ctx, make_key("a"), make_order(*lines))
    assert receipt.echo.total == Decimal("110.84")
    assert receipt.number == "KPR-1"
    assert sim.held(ORDER)[0].reference == make_key("a").short


def test_mikros_own_vat_needs_the_rounding_line(start, connect, make_order, make_order_line, make_key):
    simulator = start(keeps_order_vat=False)
    order = make_order(make_order_line("99.83", id="1"), make_order_line("0.03", id="2"))
    trusting = plugin.post_order(connect(simulator), make_key("a"), order)
    exact = plugin.post_order(connect(simulator, order_vat="computed"), make_key("b"), order)
    assert trusting.echo.total != Decimal("99.86")
    assert exact.echo.total == Decimal("99.86")


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("kind", [InvoiceKind.SALE, InvoiceKind.RETURN])
def test_stock_moves_the_right_way(sim, ctx, book, make_key, direction, kind):
    plugin.post_invoice(ctx, make_key("a"), book(direction=direction, kind=kind))
    out = (direction is Direction.SALES) == (kind is InvoiceKind.SALE)
    assert sim.ledger.on_hand("STK-0001") == 100_000 + (-1 if out else 1)


def test_every_member_sent_is_known_to_the_tables_or_the_documentation(sim, ctx, book, make_order, make_key):
    plugin.post_invoice(ctx, make_key("a"), book())
    plugin.post_order(ctx, make_key("b"), make_order())
    documented = {"cha_belge_tarih", "sip_belge_tarih", "sip_birim_pntr", "sth_birim_pntr"}
    assert {name for name in sim.ledger.ignored if "EArsiv" not in name} <= documented


def test_a_service_invoice_has_no_movement(sim, connect, book, make_line, make_key):
    line = make_line("1200.00", kind=LineKind.FEE, code="KOMISYON")
    ctx = connect(sim, service_invoices="service_card", fee_item="")
    receipt = plugin.post_invoice(ctx, make_key("a"), book(line, direction=Direction.PURCHASE))
    assert receipt.echo.total == Decimal("1200.00")
    assert not sim.ledger.database.find("STOK_HAREKETLERI")


def test_the_number_survives_a_service_that_drops_the_document_number(start, connect, book, make_key):
    receipt = plugin.post_invoice(connect(start(keeps_document_number=False)), make_key("a"), book())
    assert receipt.number == "ABC2026000000001"


def test_a_document_without_its_key_is_never_sent_again(start, connect, book, make_key):
    simulator = start(keeps_description=False)
    with pytest.raises(Rejected) as refused:
        plugin.post_invoice(connect(simulator), make_key("a"), book())
    assert refused.value.code == "mikro.key_not_kept"


def test_a_second_place_finds_what_the_description_lost(start, connect, book, make_order, make_key):
    simulator = start(keeps_description=False)
    ctx = connect(simulator, **OWN)
    assert plugin.post_invoice(ctx, make_key("a"), book()).echo.total == Decimal("59.90")
    assert plugin.post_order(ctx, make_key("b"), make_order()).number == "KPR-1"
    assert isinstance(plugin.locate(ctx, INVOICE, make_key("a"), None), Found)
    assert isinstance(plugin.locate(ctx, INVOICE, make_key("c"), None), Absent)


def test_the_external_id_is_such_a_place(start, connect, book, make_key):
    simulator = start(keeps_description=False, keeps_external_id=True)
    ctx = connect(simulator, second_key="external_id")
    plugin.post_invoice(ctx, make_key("a"), book())
    assert isinstance(plugin.locate(ctx, INVOICE, make_key("a"), None), Found)


def test_an_own_column_that_is_not_there_is_refused(sim, connect, book, make_key):
    with pytest.raises(Rejected) as refused:
        plugin.post_invoice(connect(sim, **{**OWN, "user_column": "yok"}), make_key("a"), book())
    assert "yok" in refused.value.detail
    assert not sim.held(INVOICE)


def test_the_document_stays_found_when_people_write_behind_the_key(sim, ctx, book, make_key):
    plugin.post_invoice(ctx, make_key("a"), book())
    sim.change("CARI_HESAP_HAREKETLERI", "cha_aciklama", f"{make_key('a').short} kontrol edildi")
    found = plugin.locate(ctx, INVOICE, make_key("a"), None)
    assert isinstance(found, Found)
    assert found.receipt.number == "ABC2026000000001"


def test_a_key_is_not_found_inside_other_words(sim, ctx, book, make_key):
    plugin.post_invoice(ctx, make_key("a"), book())
    sim.change("CARI_HESAP_HAREKETLERI", "cha_aciklama", f"X {make_key('a').short}")
    assert isinstance(plugin.locate(ctx, INVOICE, make_key("a"), None), Absent)


def test_a_document_cancelled_by_hand_is_found_as_it_is(sim, ctx, book, make_key):
    plugin.post_invoice(ctx, make_key("a"), book())
    sim.change("CARI_HESAP_HAREKETLERI", "cha_iptal", 1)
    assert isinstance(plugin.locate(ctx, INVOICE, make_key("a"), None), Found)


def test_two_live_documents_with_one_key_are_a_case_for_a_person(ctx, book, make_key):
    for _ in range(2):
        plugin.post_invoice(ctx, make_key("a"), book())
    located = plugin.locate(ctx, INVOICE, make_key("a"), None)
    assert isinstance(located, CannotTell)
    assert "KPR-1, KPR-2" in located.reason.en


def test_a_refused_document_that_is_there_is_a_conflict(sim, ctx, book, make_key):
    receipt = plugin.post_invoice(ctx, make_key("a"), book())
    with pytest.raises(Conflict) as conflict:
        plugin.post_invoice(ctx, make_key("a"), book(party_code="120.YOK"))
    assert conflict.value.existing == receipt.ref


def test_a_refusal_names_what_mikro_said(sim, ctx, book, make_key):
    with pytest.raises(Rejected) as refused:
        plugin.post_invoice(ctx, make_key("a"), book(party_code="120.YOK"))
    assert refused.value.code == "mikro.rejected"
    assert "120.YOK" in refused.value.message.tr


def test_a_rate_the_firm_does_not_have_stops_before_sending(sim, ctx, book, make_line, make_key):
    with pytest.raises(MappingMissing) as missing:
        plugin.post_invoice(ctx, make_key("a"), book(make_line("10.00", rate="18")))
    assert missing.value.keys == ("%18",)
    assert not sim.held(INVOICE)


def test_a_closed_working_year_is_refused(sim, ctx, book, make_key):
    sim.years = (2026,)
    with pytest.raises(Rejected) as refused:
        plugin.post_invoice(ctx, make_key("a"), book(issue_date=date(2025, 12, 31)))
    assert "2025" in refused.value.detail
    sim.years = (2025, 2026)
    assert (
        plugin.post_invoice(ctx, make_key("a"), book(issue_date=date(2025, 12, 31))).echo.date == "2025-12-31"
    )


def test_the_order_of_a_late_evening_has_the_turkish_day_and_year(sim, ctx, make_order, make_key):
    placed = datetime(2025, 12, 31, 22, 0, tzinfo=UTC)
    receipt = plugin.post_order(ctx, make_key("a"), make_order(placed_at=placed, modified_at=placed))
    assert receipt.echo.date == "2026-01-01"


def test_nothing_is_written_that_could_not_be_read_back(start, connect, book, make_order, make_key):
    old = start(version=Version.V16)
    for ctx in (connect(old), connect(start(), sql_reads=False)):
        for call, argument in ((plugin.post_invoice, book()), (plugin.post_order, make_order())):
            with pytest.raises(Unsupported) as refused:
                call(ctx, make_key("a"), argument)
            assert refused.value.code == "mikro.no_read_back"
        assert isinstance(plugin.locate(ctx, INVOICE, make_key("a"), None), CannotTell)
    assert not old.held(INVOICE)


def test_a_failing_read_back_is_an_unknown_outcome(sim, connect, book, make_key):
    ctx = connect(sim, vat_pointers={"20": 4})
    sim.faults.add(Fault(FaultKind.STATUS, path="SqlVeriOku", status=400, body="{}"))
    with pytest.raises(OutcomeUnknown):
        plugin.post_invoice(ctx, make_key("a"), book())
    sim.faults.clear()
    assert isinstance(plugin.locate(ctx, INVOICE, make_key("a"), None), Found)


def test_lines_that_got_lost_are_logged(sim, connect, book, make_line, make_key, monkeypatch):
    heard = []
    ctx = connect(sim)
    monkeypatch.setattr(type(ctx.log), "warning", lambda self, event, **more: heard.append((event, more)))
    keep = sim.ledger._movements
    monkeypatch.setattr(sim.ledger, "_movements", lambda *given: keep(*given)[:1])
    plugin.post_invoice(ctx, make_key("a"), book(make_line("10.00"), make_line("20.00", id="2")))
    assert heard == [("mikro.lines_differ", {"document": "KPR-1", "sent": 2, "stored": 1})]


def test_a_refused_login_leaves_nothing(sim, connect, book, make_key):
    ctx = connect(sim, vat_pointers={"20": 4}, password="Parola-2")
    with pytest.raises(AuthError):
        plugin.post_invoice(ctx, make_key("a"), book())
    assert not sim.held(INVOICE)


def test_cards_are_located_by_the_code_in_the_hint(sim, ctx, make_key):
    at = [
        (
            Operation.UPSERT_PARTY,
            ExternalRef(kind="party", id="120.WEB"),
            ExternalRef(kind="party", id="YOK"),
        ),
        (Operation.UPSERT_PRODUCT, ExternalRef(kind="item", id="KARGO"), ExternalRef(kind="item", id="YOK")),
    ]
    for operation, there, missing in at:
        found = plugin.locate(ctx, operation, make_key("a"), there)
        assert isinstance(found, Found)
        assert found.receipt.number == there.id
        assert isinstance(plugin.locate(ctx, operation, make_key("a"), missing), Absent)
        assert isinstance(plugin.locate(ctx, operation, make_key("a"), None), CannotTell)
