"""Which own item a line is: an unknown one parks only its own order, and linking it lets the waiting ones go on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kopru.flows import catalogue
from kopru.flows.itemfile import read_items
from kopru.flows.records import OrderState
from kopru.hooks.errors import ConfigError
from kopru.matching.exact import LinkKey
from kopru.testing.world import WorldItem
from kopru.toolkit.taxnumbers import gtin_check_digit


def gtin(n):
    base = f"8690{n:08d}"
    return f"{base}{gtin_check_digit(base)}"


def stranger(n=1):
    """A product the ledger has no card for."""
    return WorldItem(f"YENI-{n}", gtin(n), f"Yeni Ürün {n}", Decimal(20), Decimal("75.00"), 5)


@pytest.fixture
def shop_id(trade):
    return trade.connection("trendyol").id


def link(trade, shop_id, kind, value, code):
    return catalogue.link_item(trade.work("operator"), shop_id, LinkKey(kind, value), code)


def test_an_unknown_line_parks_its_order_and_names_the_line(trade):
    lines = trade.line(trade.item("20")), trade.line(stranger())
    parked, good = trade.place(*lines), trade.place()
    trade.pull()
    row = trade.order(parked)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "matching.unmatched")
    assert "Yeni Ürün 1" in row.reason.text.tr
    (finding,) = row.findings
    assert (finding.field, finding.code) == ("lines[1]", "matching.unmatched")
    assert "YENI-1" in finding.message.en
    assert trade.documents(parked) == []
    assert trade.order(good).state is OrderState.DONE


def test_every_unknown_line_is_named_at_once(trade):
    order = trade.place(trade.line(stranger(1)), trade.line(stranger(2)), trade.line(trade.item("20")))
    trade.pull()
    assert [finding.field for finding in trade.order(order).findings] == ["lines[0]", "lines[1]"]


@pytest.mark.parametrize(("kind", "value"), [("sku", "YENI-1"), ("sku", " yeni-1 "), ("barcode", gtin(1))])
def test_linking_lets_exactly_the_waiting_orders_go_on(trade, shop_id, kind, value):
    waiting = [trade.place(trade.line(stranger())) for _ in range(2)]
    other = trade.place(trade.line(stranger(2)))
    done = trade.place()
    trade.pull()
    before = trade.document(done).id
    code = trade.item("20").code
    assert link(trade, shop_id, kind, value, code) == 3, "every order parked for its lines is tried"
    trade.run()
    for order in waiting:
        assert trade.order(order).state is OrderState.DONE
        assert [line.item_code for line in trade.document(order).invoice.lines] == [code]
    assert trade.order(other).state is OrderState.PARKED
    assert trade.document(done).id == before
    assert len(trade.held()) == 3


def test_the_newest_word_on_a_link_wins(trade, shop_id):
    first, second = trade.item("20").code, trade.item("10").code
    link(trade, shop_id, "sku", "YENI-1", first)
    link(trade, shop_id, "sku", "YENI-1", second)
    order = trade.place(trade.line(stranger()))
    trade.pull()
    assert trade.document(order).invoice.lines[0].item_code == second


def test_a_link_counts_for_its_own_connection_only(trade, shop_id):
    link(trade, trade.connection("logo").id, "sku", "YENI-1", trade.item("20").code)
    order = trade.place(trade.line(stranger()))
    trade.pull()
    assert trade.order(order).state is OrderState.PARKED


def test_linking_to_an_item_that_does_not_exist_says_where_to_look(trade, shop_id):
    with pytest.raises(ConfigError) as error:
        link(trade, shop_id, "sku", "YENI-1", "NICHTS")
    assert error.value.code == "item.unknown"
    assert "kopru items list" in error.value.message.en


def test_a_new_card_in_the_ledger_lets_the_order_go_on_with_the_next_pull(trade):
    order = trade.place(trade.line(stranger()))
    trade.pull()
    item = stranger()
    trade.ledger.add_item(item.code, item.name, vat=item.vat_rate, barcodes=(item.barcode,))
    trade.pull("catalogue.pull", "logo")
    assert trade.order(order).state is OrderState.DONE


def test_items_from_a_file_let_the_order_go_on(trade):
    order = trade.place(trade.line(stranger()))
    trade.pull()
    content = "Stok Kodu;Ürün Adı;Barkod;KDV\nXYZ-1;Yeni Ürün;" + gtin(1) + ";%20\n"
    items, findings = read_items(content.encode("utf-8"))
    assert findings == []
    with trade.work().write() as uow:
        catalogue.save_items(trade.work(), uow, items, None)
    trade.ledger.add_item("XYZ-1", "Yeni Ürün")
    trade.run()
    assert trade.order(order).state is OrderState.DONE
    assert trade.document(order).invoice.lines[0].item_code == "XYZ-1"


def test_keys_that_mean_different_items_park_as_a_conflict(trade):
    """The stock code is one item's, the barcode another's."""
    mixed = replace(trade.item("20"), barcode=trade.item("10").barcode)
    order = trade.place(trade.line(mixed))
    trade.pull()
    assert trade.order(order).reason.code == "matching.conflict"


def test_a_settled_key_order_of_the_tenant_is_respected(trade):
    trade.settings(("[invoice]\n", '[items]\nkeys = ["barcode"]\n\n[invoice]\n'))
    mixed = replace(trade.item("20"), code="UNBEKANNT", barcode=trade.item("10").barcode)
    order = trade.place(trade.line(mixed))
    trade.pull()
    assert trade.document(order).invoice.lines[0].item_code == trade.item("10").code


# Files of items


def read(text, encoding="utf-8"):
    items, findings = read_items(text.encode(encoding))
    return [record.value for record in items], findings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1254"])
def test_item_files_are_read_as_turkish_programs_write_them(encoding):
    text = "kod;ad;barkod;kdv oranı;birim\nŞ-1;Çığ Işığı Öğütücü;8690000000012|8690000000029;10;kg\n"
    (item,), findings = read(text, encoding)
    assert findings == []
    assert (item.code, item.name, item.unit, item.vat_rate) == (
        "Ş-1",
        "Çığ Işığı Öğütücü",
        "KGM",
        Decimal(10),
    )
    assert item.barcodes == ("8690000000012", "8690000000029")


def test_commas_and_english_headers_work_too():
    (item,), findings = read('code,name,vat_rate\nA-1,"Cup, blue",20\n')
    assert findings == [] and item.name == "Cup, blue"


def test_a_row_that_cannot_be_used_is_named_and_its_neighbours_are_read():
    items, findings = read("kod;ad;kdv\n;Adsız;20\nA-2;İyi;20\nA-3;Kötü;yirmi\n\nA-4;Eksi;-1\n")
    assert [item.code for item in items] == ["A-2"]
    assert [(each.field, each.code) for each in findings] == [
        ("row 2", "items.file.row"),
        ("row 4", "items.file.vat"),
        ("row 6", "items.file.vat"),
    ]


@pytest.mark.parametrize("content", ["", "\n", "foo;bar\n1;2\n", "\x00\x01\x02", "a" * 200_000])
def test_a_file_that_holds_no_items_says_which_columns_it_needs(content):
    items, findings = read(content)
    assert items == []
    assert [each.code for each in findings] == ["items.file.header"]


def test_hostile_rows_do_not_break_the_others():
    text = "kod;ad;kdv\nA-1;" + "x" * 300_000 + ";20\nA-2;NUL\x00 içi;20\nA-3;İyi;20\n"
    items, findings = read(text)
    assert "A-3" in [item.code for item in items]
    assert len(items) + len(findings) == 3
