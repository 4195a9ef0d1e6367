"""Suppliers' invoices by procedures, own ones into the tables: what is in the database afterwards."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kopru.model import InvoiceKind, TaxId, TaxScheme
from kopru.sdk import (
    Absent,
    Cancellation,
    ConfigError,
    Conflict,
    Found,
    MappingMissing,
    Operation,
    OutcomeUnknown,
    PartyRequest,
    Rejected,
    Unsupported,
)
from kopru.testing import samples
from kopru.testing.faults import Fault, FaultKind
from kopru_eta import plugin
from kopru_eta.simulation.procedures import Refused

STOCK = "SELECT stkbakiye AS n FROM stkkart WHERE stkkod = %(code)s::bpchar"


def test_a_supplier_s_invoice_goes_through_the_procedures(sim, ctx, ledger, key):
    entry = ledger(purchase=True)
    receipt = plugin.post_invoice(ctx, key(1), entry)
    assert [name for name, _ in sim.installed.calls] == [
        "header",
        *["line"] * len(entry.invoice.lines),
        "totals",
    ]
    header = sim.installed.calls[0][1]
    assert header["OdenecekTutar"] == entry.invoice.totals.payable
    assert header["STKFISTOPNTUT"] == entry.invoice.totals.tax_exclusive
    assert header["ErpFaturaTipi"] == "1"
    assert receipt.echo.total == entry.invoice.totals.payable
    assert receipt.number == entry.invoice.number
    (row,) = sim.rows("SELECT fatfisirsno AS n, fatfisirstar::text AS day FROM fatfis WHERE fatfistipi = 1")
    assert row == {"n": "", "day": "1900-01-01"}, "the invoice's number is no delivery note's"


def test_a_torn_invoice_is_completed_and_not_doubled(sim, ctx, ledger, key):
    """The header's procedure has committed, then somebody pulled the plug."""
    entry = ledger(purchase=True)
    with sim.lock:
        session = sim.session(sim.database(sim.year))
        sim.procedures["sp_Fatura_Kayit"](
            session,
            {
                "ErpFaturaTipi": "1",
                "FaturaTarihi": entry.invoice.issue_date,
                "FaturaNumarasi": entry.invoice.number,
                "ErpCariKodu": entry.party_code,
                "ErpDepoKodu": "MERKEZ",
                "MalHizmetToplamTutari": 0,
                "ToplamIskonto": 0,
                "VergiTutari": 0,
                "OdenecekTutar": entry.invoice.totals.payable,
                "STKFISTOPBTUT": 0,
                "STKFISTOPNTUT": 0,
            },
        )
    receipt = plugin.post_invoice(ctx, key(1), entry)
    assert receipt.echo.total == entry.invoice.totals.payable
    (row,) = sim.rows("SELECT count(*) AS n FROM fatfis WHERE fatfistipi = 1")
    assert row["n"] == 1
    (row,) = sim.rows("SELECT count(*) AS n FROM fathar WHERE fathartipi = 0 AND fatharstkkod <> ''")
    assert row["n"] == len(entry.invoice.lines)


@pytest.mark.parametrize("purchase", [False, True])
def test_an_invoice_that_is_there_is_a_conflict(ctx, ledger, key, purchase):
    receipt = plugin.post_invoice(ctx, key(1), ledger(purchase=purchase))
    with pytest.raises(Conflict) as caught:
        plugin.post_invoice(ctx, key(2), ledger(purchase=purchase))
    assert caught.value.existing == receipt.ref


def test_a_number_is_one_supplier_s_own_but_ours_is_unique(sim, ctx, ledger, key):
    sim.add_party("120.002", "BAŞKA TEDARİKÇİ")
    for n, purchase in enumerate((True, False)):
        entry = ledger(n, purchase=purchase)
        other = replace(entry, party_code="120.002")
        plugin.post_invoice(ctx, key(10 + n), entry)
        if purchase:
            assert plugin.post_invoice(ctx, key(20 + n), other).echo.party == "120.002"
        else:
            with pytest.raises(Conflict):
                plugin.post_invoice(ctx, key(20 + n), other)


def test_an_unknown_type_is_a_setting_s_fault(sim, make_ctx, ledger, key):
    ctx = make_ctx(invoice_types={"purchase": 13})
    with pytest.raises(ConfigError) as caught:
        plugin.post_invoice(ctx, key(1), ledger(purchase=True))
    assert caught.value.code == "eta.type"
    assert sim.rows("SELECT 1 AS one FROM fatfis WHERE fatfistipi = 13 AND fatfisrefno > 2") == []
    returned = ledger(purchase=True, kind=InvoiceKind.RETURN)
    with pytest.raises(ConfigError) as caught:
        plugin.post_invoice(make_ctx(invoice_types={"purchase": 1}), key(2), returned)
    assert caught.value.code == "eta.type.missing"


def test_a_procedure_that_fails_half_way_leaves_nothing(sim, ctx, ledger, key):
    def broken(session, given):
        raise Refused(50000, "Kart pasif")

    sim.procedures["sp_Fatura_Detay_Kayit"] = broken
    with pytest.raises(Rejected) as caught:
        plugin.post_invoice(ctx, key(1), ledger(purchase=True))
    assert "Kart pasif" in caught.value.message.tr
    assert sim.rows("SELECT 1 AS one FROM fatfis WHERE fatfistipi = 1") == []
    assert plugin.locate(ctx, Operation.POST_INVOICE, key(1), None) == Absent()


def test_an_own_invoice_is_a_copy_of_the_template(sim, ctx, ledger, key):
    entry = ledger()
    goods = entry.invoice.lines[0]
    (before,) = sim.rows(STOCK, code=goods.item_code)
    receipt = plugin.post_invoice(ctx, key(1), entry)
    totals = entry.invoice.totals
    (row,) = sim.rows(
        "SELECT fatfistipi AS type, fatfisgentoplam AS total, fatfiskdvtutari AS vat, fatfiskdvmatrahi AS net, "
        "fatfisstkrefno AS stock FROM fatfis WHERE fatfisevrakno1 = %(n)s::bpchar",
        n=entry.invoice.number,
    )
    assert (row["type"], row["total"], row["vat"], row["net"]) == (
        13,
        totals.payable,
        totals.tax,
        totals.tax_exclusive,
    )
    lines = sim.rows(
        "SELECT fatharnettutar AS net, fatharaciklama1 AS key FROM fathar WHERE fatharaciklama1 = %(key)s::bpchar",
        key=key(1).short,
    )
    assert sum(line["net"] for line in lines) == totals.tax_exclusive
    (after,) = sim.rows(STOCK, code=goods.item_code)
    same = sum(line.quantity for line in entry.invoice.lines if line.item_code == goods.item_code)
    assert after["n"] == before["n"] - same
    (voucher,) = sim.rows(
        "SELECT stkfisevrakno1 AS n FROM stkfis WHERE stkfisrefno = %(ref)s", ref=row["stock"]
    )
    assert voucher["n"] == entry.invoice.number
    (log,) = sim.rows("SELECT count(*) AS n FROM sirketlog WHERE sirlogkytrefno > 2")
    assert log["n"] == 1
    located = plugin.locate(ctx, Operation.POST_INVOICE, key(1), None)
    assert isinstance(located, Found)
    assert located.receipt == receipt


def test_references_follow_the_larger_of_counter_and_table(sim, ctx, ledger, key):
    """The procedures do not tell the counter, so that both ways may be used side by side."""
    sim.rows("UPDATE harrefno SET harrefdeger = 1")
    refs = [
        plugin.post_invoice(ctx, key(n), ledger(n, purchase=purchase)).ref.id
        for n, purchase in enumerate((True, False, True))
    ]
    assert len(set(refs)) == 3


def test_taking_an_invoice_away_gives_the_stock_back(sim, ctx, ledger, key):
    entry = ledger()
    code = entry.invoice.lines[0].item_code
    (before,) = sim.rows(STOCK, code=code)
    receipt = plugin.post_invoice(ctx, key(1), entry)
    for _ in range(2):
        plugin.cancel_document(ctx, key(2), Cancellation(receipt.ref, "yanlış"))
    assert sim.rows(STOCK, code=code) == [before]
    assert sim.rows("SELECT 1 AS one FROM stkfis WHERE stkfisrefno > 2") == []
    assert plugin.locate(ctx, Operation.POST_INVOICE, key(1), None) == Absent()


def test_an_invoice_that_eta_has_booked_is_left_alone(sim, ctx, ledger, key):
    receipt = plugin.post_invoice(ctx, key(1), ledger())
    sim.rows("UPDATE fatfis SET fatfismuhrefno = 7 WHERE fatfisrefno > 2")
    with pytest.raises(Rejected) as caught:
        plugin.cancel_document(ctx, key(2), Cancellation(receipt.ref, "yanlış"))
    assert caught.value.code == "eta.cancel.booked"


def test_the_year_decides_the_database(sim, ctx, ledger, key):
    entry = ledger()
    last = entry.invoice.issue_date.replace(year=sim.year - 1, day=1)
    receipt = plugin.post_invoice(ctx, key(1), ledger(issue_date=last))
    assert receipt.ref.id.startswith(f"{sim.year - 1}/")
    assert sim.rows("SELECT 1 AS one FROM fatfis WHERE fatfisrefno > 2") == []
    before = entry.invoice.issue_date.replace(year=sim.year - 2, day=1)
    with pytest.raises(ConfigError) as caught:
        plugin.post_invoice(ctx, key(2), ledger(1, issue_date=before))
    assert caught.value.code == "eta.year"


def test_a_missing_template_is_told(sim, ctx, make_ctx, ledger, key):
    with pytest.raises(ConfigError) as caught:
        plugin.post_invoice(make_ctx(templates={"party": "120.SABLON"}), key(1), ledger())
    assert (caught.value.code, caught.value.field) == ("eta.template", "templates.sale")
    sim.rows("DELETE FROM fathar WHERE fatharrefno = 1")
    with pytest.raises(ConfigError) as caught:
        plugin.post_invoice(ctx, key(1), ledger())
    assert caught.value.code == "eta.template"


def test_what_cannot_be_written_is_refused_before_anything_is_sent(sim, make_ctx, ctx, ledger, key):
    for changes, kind in (
        ({"kind": InvoiceKind.WITHHOLDING}, Unsupported),
        ({"rounding": Decimal("0.01")}, Rejected),
    ):
        with pytest.raises(kind):
            plugin.post_invoice(ctx, key(1), ledger(**changes))
    with pytest.raises(MappingMissing):
        plugin.post_invoice(make_ctx(units={"KGM": "KG"}), key(1), ledger())
    for settings in ({"sales": "none"}, {"purchases": "none"}):
        with pytest.raises(Unsupported) as caught:
            plugin.post_invoice(make_ctx(**settings), key(1), ledger(purchase="purchases" in settings))
        assert caught.value.code == "eta.mode"
    assert len(sim.truth) == 0


def test_trouble_after_the_commit_is_an_unknown_outcome(sim, ctx, ledger, key):
    sim.faults.add(Fault(FaultKind.DROP_BEFORE, path="invoices_by_key"))
    with pytest.raises(OutcomeUnknown):
        plugin.post_invoice(ctx, key(1), ledger())
    sim.faults.clear()
    assert isinstance(plugin.locate(ctx, Operation.POST_INVOICE, key(1), None), Found)


def test_cards_are_found_before_they_are_made(sim, ctx, make_ctx, world, key):
    party = samples.sample_party(next(each for each in world.buyers if each.company))
    known = party.model_copy(update={"tax_id": TaxId(scheme=TaxScheme.VKN, value="1234567890")})
    assert plugin.upsert_party(ctx, key(1), PartyRequest("120.NEW", known)).number == "120.001"
    made = plugin.upsert_party(ctx, key(2), PartyRequest("120.NEW", party))
    assert made.number == "120.NEW"
    (row,) = sim.rows("SELECT carunvan AS name FROM carkart WHERE carkod = '120.NEW'")
    assert row["name"] == party.display_name
    unknown = party.model_copy(update={"tax_id": None})
    without = make_ctx(templates={"sale": "SABLON-SATIS"})
    with pytest.raises(Rejected) as caught:
        plugin.upsert_party(without, key(3), PartyRequest("120.X", unknown))
    assert caught.value.code == "eta.party.missing"


def test_a_tax_number_on_two_cards_is_asked_about(sim, ctx, world, key):
    sim.add_party("120.002", "ÖRNEK ALICI 2", "123 456 78-90")
    party = samples.sample_party(world.buyers[0]).model_copy(
        update={"tax_id": TaxId(scheme=TaxScheme.VKN, value="1234567890")}
    )
    with pytest.raises(MappingMissing) as caught:
        plugin.upsert_party(ctx, key(1), PartyRequest("120.NEW", party))
    assert caught.value.keys == ("120.001", "120.002")


def test_nothing_is_made_twice_when_the_code_is_taken_meanwhile(sim, ctx, world, key):
    product = samples.sample_product(world.items[0]).model_copy(update={"code": "YENI-1"})
    receipts = [plugin.upsert_product(ctx, key(1), product) for _ in range(2)]
    assert receipts[0] == receipts[1]
    (row,) = sim.rows("SELECT count(*) AS n FROM stkkart WHERE stkkod = 'YENI-1'")
    assert row["n"] == 1
