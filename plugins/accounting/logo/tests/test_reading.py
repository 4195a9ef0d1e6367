"""Items, stock, partners and definitions read from Logo."""

from decimal import Decimal

import pytest

from kopru.model import Severity
from kopru.sdk import CursorExpired, TransientError, Unsupported
from kopru.testing.faults import Fault, FaultKind
from kopru.testing.simulator import SimResponse
from kopru_logo import plugin


def read_all(fetch, *args, limit=100):
    """Read a stream to its end; a repeated cursor would never end."""
    records, cursor, seen = [], None, set()
    while True:
        page = fetch(*args, cursor, limit)
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records
        assert cursor not in seen
        seen.add(cursor)


def products(ctx, window, limit=100):
    return read_all(lambda cursor, limit: plugin.fetch_products(ctx, cursor, window, limit), limit=limit)


def stock(ctx, codes=(), limit=100):
    return read_all(lambda cursor, limit: plugin.fetch_stock(ctx, cursor, codes, limit), limit=limit)


def parties(ctx, window, limit=100):
    return read_all(lambda cursor, limit: plugin.fetch_parties(ctx, cursor, window, limit), limit=limit)


def test_every_item_comes_once_although_pages_are_capped(ctx, window):
    found = products(ctx, window)
    assert len(found) == 40
    assert len({record.external_id for record in found}) == 40
    assert all(record.value is not None for record in found)


def test_an_item_has_code_vat_unit_and_barcodes(ctx, window):
    first = products(ctx, window)[0].value
    assert (first.code, first.vat_rate, first.unit, first.raw_unit) == (
        "STK-0001",
        Decimal(20),
        "C62",
        "ADET",
    )
    assert first.barcodes == ("8699000000015",)
    assert first.active


def test_reading_twice_gives_the_same_revisions(ctx, window):
    once = [(record.external_id, record.value.revision) for record in products(ctx, window)]
    assert once == [(record.external_id, record.value.revision) for record in products(ctx, window)]


def test_an_item_entered_while_paging_hides_no_other(sim, ctx, window):
    page = plugin.fetch_products(ctx, None, window, 25)
    sim.add_item("AAA-NEW", "Yeni", vat=Decimal(1))
    rest = read_all(
        lambda cursor, limit: plugin.fetch_products(ctx, cursor or page.next_cursor, window, limit)
    )
    codes = {value.code for value in (*page.values, *(record.value for record in rest))}
    assert len(codes) == 41


def test_a_carton_barcode_does_not_stand_for_a_piece(sim, ctx, window):
    piece = {"UNIT_CODE": "ADET", "CONV_FACT1": 1, "CONV_FACT2": 1, "BARCODE": "8690000000017"}
    carton = {"UNIT_CODE": "KOLİ", "CONV_FACT1": 1, "CONV_FACT2": 12, "BARCODE": "18690000000014"}
    sim.add_item("KOLI-1", "Kolili", UNITS={"items": [carton, piece]})
    item = products(ctx, window)[-1].value
    assert item.barcodes == ("8690000000017",)
    assert item.extras["packs"] == {"KOLİ": ["18690000000014"]}


def test_an_unmapped_unit_is_a_warning_not_a_guess(sim, ctx, window):
    sim.add_item("KOLI-2", "Yalnız koli", UNITS={"items": [{"UNIT_CODE": "KOLİ"}]})
    record = products(ctx, window)[-1]
    assert record.value.raw_unit == "KOLİ"
    assert [(f.code, f.severity) for f in record.findings] == [("logo.item.unit", Severity.WARNING)]


def test_an_item_out_of_use_is_inactive(sim, ctx, window):
    sim.add_item("ESKI", "Eski", RECORD_STATUS=1)
    assert not products(ctx, window)[-1].value.active


def test_letters_read_through_a_latin1_connection_are_repaired_on_request(sim, connect, window):
    sim.add_item("TR-1", "Tiþört Ýnce Ðrup ýþýk")
    assert products(connect(repair_letters=True), window)[-1].value.name == "Tişört İnce Ğrup ışık"
    assert products(connect(), window)[-1].value.name == "Tiþört Ýnce Ðrup ýþýk"


@pytest.mark.parametrize(
    "broken",
    [
        {"NAME": "a\x00b"},
        {"NAME": "x" * 5000},
        {"SELVAT": "yirmi"},
        {"SELVAT": 250},
        {"CODE": {"no": "text"}},
        {"RECORD_STATUS": "?"},
        {"UNITS": {"items": [{"UNIT_CODE": "ADET", "CONV_FACT1": [], "CONV_FACT2": 1}]}},
        {"INTERNAL_REFERENCE": 0},
    ],
)
def test_a_broken_card_has_findings_and_its_neighbours_live(sim, ctx, window, broken):
    entry = sim.ledger.items.get(3)
    entry.body = {**entry.body, **broken}
    found = products(ctx, window)
    bad = [record for record in found if record.value is None]
    assert len(found) == 40
    assert len(bad) == 1
    assert bad[0].findings
    assert bad[0].findings[0].blocks
    assert bad[0].findings[0].code.startswith("logo.item.")
    assert bad[0].raw.content


def test_stock_of_every_item_is_the_total_of_all_warehouses(sim, ctx):
    sim.set_stock("STK-0002", Decimal("7.5"), warehouse=1)
    found = {record.value.item_code: record.value for record in stock(ctx, limit=7)}
    assert len(found) == 40
    assert found["STK-0002"].on_hand == Decimal("100007.5")
    assert found["STK-0002"].warehouse == "-1"


def test_stock_by_warehouse(sim, connect):
    sim.set_stock("STK-0002", Decimal(5), warehouse=1)
    found = stock(connect(stock_warehouses=(0, 1), sql_page=9))
    assert len(found) == 80
    by_place = {(record.value.item_code, record.value.warehouse): record.value.on_hand for record in found}
    assert by_place["STK-0002", "1"] == 5
    assert by_place["STK-0002", "0"] == 100_000
    assert by_place["STK-0003", "1"] == 0


def test_stock_of_some_codes(ctx):
    known = [f"STK-{n:04d}" for n in range(1, 41)]
    found = stock(ctx, [f"YOK-{n}" for n in range(30)] + known)
    assert sorted(record.value.item_code for record in found) == known


def test_consigned_goods_are_not_ours(sim, connect):
    sim.set_stock("STK-0004", Decimal(10), consigned=Decimal(3))
    assert stock(connect(), ["STK-0004"])[0].value.on_hand == 10
    assert stock(connect(subtract_consignment=True), ["STK-0004"])[0].value.on_hand == 7
    assert stock(connect(stock_source="totals"), ["STK-0004"])[0].value.on_hand == 10


@pytest.mark.parametrize("code", ["O'Neil", "'; DROP TABLE LG_001_ITEMS --", "Şöğüt'ın", 'a"b'])
def test_codes_with_quotation_marks_are_data(sim, ctx, code):
    sim.add_item(code, "Tırnaklı", stock=Decimal(3))
    assert stock(ctx, [code])[0].value.on_hand == 3
    assert len(stock(ctx)) == 41


def test_a_server_that_cuts_long_answers_loses_nothing(sim, ctx, window):
    sim.sql.cap = 6
    assert len(stock(ctx)) == 40
    assert len(stock(ctx, [f"STK-{n:04d}" for n in range(1, 41)])) == 40
    for n in range(20):
        sim.add_party(f"320.{n:03d}", f"Satıcı {n}")
    assert len(parties(ctx, window)) == 21


def test_stock_needs_the_query_door(connect):
    with pytest.raises(Unsupported) as error:
        plugin.fetch_stock(connect(sql_door=False), None, (), 10)
    assert error.value.code == "logo.sql_closed"


@pytest.mark.parametrize("cursor", ["junk", "-1", "eyJ3YXJlaG91c2UiOjl9"])
def test_a_foreign_cursor_starts_the_stream_again(ctx, window, cursor):
    with pytest.raises(CursorExpired):
        plugin.fetch_stock(ctx, cursor, (), 10)
    if cursor != "eyJ3YXJlaG91c2UiOjl9":
        with pytest.raises(CursorExpired):
            plugin.fetch_products(ctx, cursor, window, 10)


@pytest.mark.parametrize("door", [True, False])
def test_partners_come_with_their_tax_numbers(sim, connect, window, door):
    sim.add_party("120.B", "Kurmaca Ltd.", TAX_ID="9900000057", TAX_OFFICE="Çankaya", E_MAIL="b@example.com")
    sim.add_party("120.P", "Ayşe", TCKNO="90000000152", RECORD_STATUS=1)
    found = {record.value.code: record.value for record in parties(connect(sql_door=door), window)}
    assert found["120.B"].tax_number == "9900000057"
    assert found["120.B"].tax_office == "Çankaya"
    assert found["120.P"].tax_number == "90000000152"
    assert not found["120.P"].active


@pytest.mark.parametrize(
    "broken", [{"CODE": ""}, {"TITLE": {"x": 1}}, {"RECORD_STATUS": []}, {"TITLE": "a\x00b"}]
)
def test_a_broken_partner_card_is_one_finding(sim, ctx, window, broken):
    sim.add_party("120.OK", "İyi")
    entry = sim.ledger.parties.get(1)
    entry.body = {**entry.body, **broken}
    bad, good = parties(ctx, window)
    assert bad.value is None
    assert bad.findings
    assert good.value.code == "120.OK"


def test_definitions_cover_what_settings_refer_to(ctx):
    found = plugin.fetch_definitions(ctx)
    assert {d.kind for d in found} == {
        "unit_set", "unit", "warehouse", "division", "currency", "payment_plan", "salesman", "project", "service",
    }  # fmt: skip
    units = {d.code: d.extra["ubl"] for d in found if d.kind == "unit"}
    assert units == {"ADET": "C62", "KOLİ": "BX"}
    numbers = {d.code: d.extra["number"] for d in found if d.kind == "currency"}
    assert numbers["EUR"] == "20"


def test_definitions_page_through_long_lists(sim, connect):
    for n in range(60):
        sim._lists["projects"].add({"CODE": f"P{n}", "NAME": f"Proje {n}"})
    found = plugin.fetch_definitions(connect(sql_page=1))
    assert len([d for d in found if d.kind == "project"]) == 61
    assert len([d for d in found if d.kind == "currency"]) == 4


def test_definitions_leave_out_what_the_edition_or_the_door_does_not_offer(sim, connect):
    sim.faults.add(Fault(FaultKind.STATUS, path="/projects", status=404))
    kinds = {d.kind for d in plugin.fetch_definitions(connect(sql_door=False))}
    assert kinds == {"unit_set", "unit", "payment_plan", "salesman", "service"}


def test_a_garbled_answer_passes_by_itself(sim, ctx, window):
    sim.faults.add(Fault(FaultKind.MALFORMED, path="/items", times=1))
    with pytest.raises(TransientError):
        plugin.fetch_products(ctx, None, window, 10)
    assert plugin.fetch_products(ctx, None, window, 10).records


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"items": 5}', b"", b"null", b'{"items": [' + b"[" * 9000])
def test_an_answer_of_another_shape_passes_by_itself(sim, ctx, window, body):
    def odd(request, resource):
        return SimResponse(200, body)

    sim._routes = [(method, path, odd if call == sim.listing else call) for method, path, call in sim._routes]
    with pytest.raises(TransientError):
        plugin.fetch_products(ctx, None, window, 10)
