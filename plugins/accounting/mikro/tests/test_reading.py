"""Items, partners, stock, documents and Mikro's own lists."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kopru.model import Severity
from kopru.sdk import CursorExpired, RefKind, Rejected, TransientError, Unsupported, Window
from kopru.testing.world import make_world
from kopru_mikro import plugin
from kopru_mikro.codes import Version
from kopru_mikro.mapping import item, party, stored
from kopru_mikro.simulation.database import Style


def read(hook, ctx, window, limit=7):
    records, cursor = [], None
    while True:
        page = hook(ctx, cursor, window, limit)
        records += page.records
        cursor = page.next_cursor
        if cursor is None:
            return records


def levels(ctx, codes=(), limit=10):
    found, cursor = [], None
    while True:
        page = plugin.fetch_stock(ctx, cursor, codes, limit)
        found += page.values
        cursor = page.next_cursor
        if cursor is None:
            return found


def test_items_come_with_barcodes_rate_and_unit(ctx, window):
    found = {record.value.code: record.value for record in read(plugin.fetch_products, ctx, window)}
    assert len(found) == 43
    one = found["STK-0002"]
    assert one.barcodes == (make_world(1).items[1].barcode,)
    assert (one.vat_rate, one.unit, one.raw_unit) == (Decimal(10), "C62", "ADET")
    assert one.price is None
    assert one.tax_included is False
    assert one.ref.id == "STK-0002"


@pytest.mark.parametrize(("price_list", "with_vat"), [(1, True), (2, False)])
def test_the_price_is_that_of_the_list(sim, connect, window, price_list, with_vat):
    sim.set_price("STK-0001", Decimal("12.50"), listed=price_list, currency=2)
    found = read(plugin.fetch_products, connect(sim, price_list=price_list), window, 100)
    one = next(record.value for record in found if record.value.code == "STK-0001")
    assert (one.price, one.currency, one.tax_included) == (Decimal("12.50"), "EUR", with_vat)
    other = next(record.value for record in found if record.value.code == "STK-0002")
    assert other.price is None


def test_a_cartons_barcode_is_not_the_pieces(sim, ctx, window):
    sim.ledger.database.insert(
        "BARKOD_TANIMLARI", {"bar_stokkodu": "STK-0001", "bar_kodu": "18699000000011", "bar_birimpntr": 2}
    )
    sim.ledger.database.insert(
        "BARKOD_TANIMLARI",
        {"bar_stokkodu": "STK-0001", "bar_kodu": "2900000000001", "bar_birimpntr": 1, "bar_pasif_fl": 1},
    )
    found = read(plugin.fetch_products, ctx, window, 100)
    one = next(record.value for record in found if record.value.code == "STK-0001")
    assert len(one.barcodes) == 1
    assert one.extras == {"packs": {"2": ["18699000000011"]}}


def test_an_unknown_unit_is_a_warning(make_config):
    row = {"sto_kod": "A", "sto_isim": "A", "sto_birim1_ad": "ÇUVAL", "kdv": "20.0000"}
    record = item.product_record(make_config(), row, {})
    assert record.value.unit == "C62"
    assert [finding.severity for finding in record.findings] == [Severity.WARNING]


def test_a_new_barcode_is_a_new_revision(make_config):
    row = {"sto_kod": "A", "sto_isim": "A", "sto_birim1_ad": "ADET", "kdv": 20}
    plain = item.product_record(make_config(), row, {})
    coded = item.product_record(make_config(), row, {"A": [("869", 1)]})
    assert plain.value.revision != coded.value.revision


def test_one_bad_row_leaves_its_neighbours_alone(make_config):
    rows = [
        {"sto_kod": "A", "sto_isim": "A", "kdv": "20,00"},
        {"sto_kod": "B", "sto_isim": "B\x00", "kdv": 20},
        {"sto_kod": "C", "sto_isim": "x" * 5000, "kdv": 20},
        {"sto_kod": ["D"], "kdv": 20},
        "row",
        {"sto_kod": "F", "sto_isim": "F", "kdv": "20"},
    ]
    records = [item.product_record(make_config(), row, {}) for row in rows]
    assert [record.value is not None for record in records] == [False, False, False, False, False, True]
    assert all(record.findings for record in records[:5])


def test_partners_show_both_titles_and_the_second_number(sim, connect, window):
    sim.add_party("120.A", "Uzun Unvan", cari_unvan2="Devamı", cari_VergiKimlikNo="9900000057")
    ctx = connect(sim, tax_number_column="cari_VergiKimlikNo")
    cards = {record.value.code: record.value for record in read(plugin.fetch_parties, ctx, window, 1)}
    assert cards["120.A"].name == "Uzun Unvan Devamı"
    assert cards["120.A"].tax_number == "9900000057"
    assert set(cards) == {"120.A", "120.WEB"}


def test_a_partner_row_that_cannot_be_read_has_findings(make_config):
    record = party.card_record(make_config(), {"cari_kod": "", "cari_unvan1": "A"})
    assert record.value is None
    assert record.findings


@pytest.mark.parametrize("source", ["view", "function"])
def test_stock_is_on_hand_less_open_orders(sim, connect, make_order, make_key, source):
    ctx = connect(sim, stock_source=source)
    plugin.post_order(ctx, make_key("a"), make_order())
    found = {level.item_code: level for level in levels(ctx)}
    assert (found["STK-0001"].on_hand, found["STK-0001"].reserved) == (100_000, 2)
    assert found["STK-0001"].warehouse == "all"
    assert found["KARGO"].on_hand == 0
    assert len(found) == 43


def test_delivered_and_closed_orders_reserve_nothing(sim, ctx, connect, make_order, make_key):
    plugin.post_order(ctx, make_key("a"), make_order())
    assert levels(ctx, ("STK-0001",))[0].reserved == 2
    assert levels(connect(sim, count_open_orders=False), ("STK-0001",))[0].reserved == 0
    sim.change("SIPARISLER", "sip_kapat_fl", 1)
    assert levels(ctx, ("STK-0001",))[0].reserved == 0


def test_stock_per_warehouse(sim, connect, make_order, make_key):
    sim.set_stock("STK-0001", Decimal(7), warehouse=2)
    ctx = connect(sim, stock_warehouses=[1, 2])
    plugin.post_order(connect(sim, warehouse=2), make_key("a"), make_order())
    found = [level for level in levels(ctx, limit=3) if level.item_code == "STK-0001"]
    assert [(level.warehouse, level.on_hand, level.reserved) for level in found] == [
        ("1", 100_000, 0),
        ("2", 7, 2),
    ]


def test_the_arguments_of_the_warehouse_function_are_a_setting(make_config):
    from kopru_mikro import sql

    config = make_config(warehouse_arguments=["warehouse", "code"])
    statement = sql.stock(config, 2, (), "", 5, datetime(2026, 3, 10, tzinfo=UTC).date()).text
    assert "dbo.fn_DepodakiMiktar(:warehouse, S.sto_kod)" in statement


def test_many_codes_are_asked_in_portions(ctx):
    codes = [f"YOK-{number:05d}" for number in range(1200)] + ["STK-0003", "STK-0040"]
    assert sorted(level.item_code for level in levels(ctx, codes)) == ["STK-0003", "STK-0040"]


def test_stock_that_is_no_number_is_never_zero(make_config):
    record = item.stock_record(None, {"sto_kod": "A", "eldeki": None}, datetime.now(UTC))
    assert record.value is None
    assert record.findings


def refs(ctx, window, limit=2):
    return read(
        lambda ctx, cursor, window, limit: plugin.fetch_refs(
            ctx, RefKind.LEDGER_DOCUMENT, cursor, window, limit
        ),
        ctx,
        window,
        limit,
    )


def test_documents_are_listed_with_our_reference(sim, ctx, window, book, make_order, make_key):
    invoice = plugin.post_invoice(ctx, make_key("a"), book())
    order = plugin.post_order(ctx, make_key("b"), make_order())
    found = {record.value.external_id: record.value for record in refs(ctx, window)}
    assert set(found) == {invoice.ref.id, order.ref.id}
    listed = found[invoice.ref.id]
    assert (listed.our_reference, listed.number, listed.total) == (
        make_key("a").short,
        "ABC2026000000001",
        Decimal("59.90"),
    )
    assert listed.at == datetime(2026, 3, 9, 21, 0, tzinfo=UTC)
    assert found[order.ref.id].our_reference == make_key("b").short
    assert found[order.ref.id].currency == "TRY"


def test_what_people_booked_has_no_reference_of_ours(sim, ctx, window, book, make_key):
    plugin.post_invoice(ctx, make_key("a"), book())
    sim.change("CARI_HESAP_HAREKETLERI", "cha_aciklama", "Elden satış")
    sim.change("CARI_HESAP_HAREKETLERI", "cha_iptal", 1)
    listed = refs(ctx, window)[0].value
    assert (listed.our_reference, listed.cancelled) == ("", True)


def test_the_days_of_the_window_are_turkish(sim, ctx, book, make_key):
    plugin.post_invoice(ctx, make_key("a"), book())
    on_the_day = datetime(2026, 3, 9, 21, 0, tzinfo=UTC)
    assert len(refs(ctx, Window(on_the_day, on_the_day))) == 1
    before = datetime(2026, 3, 9, 20, 59, tzinfo=UTC)
    assert not refs(ctx, Window(datetime(2026, 3, 1, tzinfo=UTC), before))


@pytest.mark.parametrize("style", [Style(), Style(braces=False, numbers_as_text=False)])
def test_values_may_be_written_in_two_styles(start, connect, window, book, make_key, style):
    ctx = connect(start(style=style))
    receipt = plugin.post_invoice(ctx, make_key("a"), book())
    assert receipt.echo.total == Decimal("59.90")
    assert "{" not in receipt.ref.id
    assert [record.external_id for record in refs(ctx, window)] == [receipt.ref.id]


def test_other_kinds_are_not_listed(ctx, window):
    with pytest.raises(Unsupported):
        plugin.fetch_refs(ctx, RefKind.E_DOCUMENT, None, window, 5)


@pytest.mark.parametrize(
    "broken",
    [
        {"cha_Guid": "12"},
        {"cha_meblag": None},
        {"cha_meblag": "abc"},
        {"cha_tarihi": "dün"},
        {"cha_iptal": "belki"},
        {"cha_evrakno_sira": {}},
    ],
)
def test_a_document_row_that_cannot_be_read_is_an_error(make_config, broken):
    row = {
        "cha_Guid": "{0A0B0C0D-0000-4000-8000-00000000000A}",
        "cha_evrak_tip": "63",
        "cha_evrakno_seri": "TY",
        "cha_evrakno_sira": "12",
        "cha_tarihi": "2026-03-10T00:00:00",
        "cha_kod": "120",
        "cha_meblag": "59.9000",
        "cha_d_cins": 0,
        "cha_aciklama": "",
        "satirlar": 1,
    }
    config = make_config()
    good = stored.from_row(config, stored.Document.INVOICE, row)
    assert (good.guid, good.own_number, good.total) == (
        "0a0b0c0d-0000-4000-8000-00000000000a",
        "TY-12",
        Decimal("59.90"),
    )
    with pytest.raises((ValueError, Rejected)):
        stored.from_row(config, stored.Document.INVOICE, {**row, **broken})


def test_a_page_without_any_identity_is_an_error(sim, ctx, window):
    from kopru.testing.faults import Fault, FaultKind

    body = '{"result": [{"IsError": false, "Data": [{"SQLResult1": [{"sto_isim": "A"}]}]}]}'
    sim.faults.add(Fault(FaultKind.REPLACED, body=body))
    with pytest.raises(TransientError):
        plugin.fetch_products(ctx, None, window, 10)


@pytest.mark.parametrize("cursor", ["?", "eyJwYXJ0IjotMX0", "eyJwYXJ0Ijo5fQ", "eyJ3YXJlaG91c2UiOjl9"])
def test_a_cursor_that_cannot_be_read_expires(ctx, window, cursor):
    if cursor.endswith("jl9"):
        with pytest.raises(CursorExpired):
            plugin.fetch_stock(ctx, cursor, (), 5)
        return
    with pytest.raises(CursorExpired):
        plugin.fetch_refs(ctx, RefKind.LEDGER_DOCUMENT, cursor, window, 5)


def test_definitions_name_what_settings_refer_to(ctx):
    found = {(each.kind, each.code): each for each in plugin.fetch_definitions(ctx)}
    assert found["warehouse", "2"].name == "Şube"
    assert found["vat_pointer", "4"].extra == {"rate": "20"}
    assert found["vat_pointer", "0"].name == "%0"
    assert ("vat_pointer", "7") not in found
    assert found["salesman", "WEB"].name == "Web satış"
    assert found["currency", "2"].name == "EUR"
    assert found["price_list", "1"].name == "Perakende"
    assert found["payment_plan", "2"].name == "30 gün"


@pytest.mark.parametrize("index_counts", ["page", "row"])
@pytest.mark.parametrize("limit", [1, 2, 7, 43, 200])
def test_v16_lists_cards_whatever_index_counts(start, connect, window, index_counts, limit):
    ctx = connect(start(version=Version.V16, index_counts=index_counts))
    records = read(plugin.fetch_products, ctx, window, limit)
    codes = [record.external_id for record in records]
    assert len(set(codes)) == 43
    if limit > 1 or index_counts == "page":
        assert len(codes) == 43


def test_v16_reads_no_stock_and_lists_no_documents(start, connect, window):
    ctx = connect(start(version=Version.V16))
    for call in (
        lambda: plugin.fetch_stock(ctx, None, (), 5),
        lambda: plugin.fetch_refs(ctx, RefKind.LEDGER_DOCUMENT, None, window, 5),
        lambda: plugin.fetch_definitions(ctx),
    ):
        with pytest.raises(Unsupported) as refused:
            call()
        assert refused.value.code == "mikro.no_sql"
