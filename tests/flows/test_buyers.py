"""Output rules: a buyer reads its own codes and names, and invoices wait or warn where one is missing."""

import io
from decimal import Decimal

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from kopru.documents import NO_BUYER_ITEMS, Gaps
from kopru.flows import buyers
from kopru.flows.buyerfile import read_list
from kopru.flows.buyers import Listed
from kopru.flows.records import OrderState
from kopru.hooks.errors import ConfigError
from kopru.testing.samples import sample_party


def teach(trade, number, *rows, gaps=None, **options):
    """Import rows (our code, buyer's code, buyer's name) and choose what becomes of gaps."""
    listed = [Listed(n, code, name, own) for n, (own, code, name) in enumerate(rows, 2)]
    plan = buyers.plan_import(trade.work(), number, listed, **options)
    buyers.apply_import(trade.work("operator"), number, plan)
    if gaps is not None:
        buyers.set_buyer(trade.work("operator"), number, gaps=gaps)
    return plan


@pytest.fixture
def number(trade):
    return trade.registered.tax_number


@pytest.fixture
def items(trade):
    """Two items of the same VAT rate that Trendyol sells and the ledger knows."""
    return trade.world.items[:2]


def lines_of(trade, order):
    return trade.document(order).invoice.lines


# On the invoice


def test_the_buyers_codes_and_names_stand_on_its_invoice_beside_ours(trade, number, items):
    one, other = items
    teach(trade, number, (one.code, "700123", "KUPA 330"), (other.code, "700124", ""))
    order = trade.place(one, other, buyer=trade.registered)
    trade.pull()
    first, second, *_ = lines_of(trade, order)
    assert (first.item_code, first.name) == (one.code, one.name)
    assert (first.buyer_code, first.buyer_name) == ("700123", "KUPA 330")
    assert (second.buyer_code, second.buyer_name) == ("700124", "")
    with trade.work().read() as uow:
        xml = uow.archive.get(trade.document(order).xml).content.decode()
    assert "<cac:BuyersItemIdentification>" in xml and ">700123<" in xml and ">KUPA 330<" in xml
    assert trade.order(order).state is OrderState.DONE


def test_other_buyers_read_our_own(trade, number, items):
    teach(trade, number, (items[0].code, "700123", "KUPA 330"))
    order = trade.place(items[0], buyer=trade.unregistered)
    trade.pull()
    (line, *_) = lines_of(trade, order)
    assert (line.buyer_code, line.buyer_name) == ("", "")


def test_a_gap_warns_and_the_invoice_goes(trade, number, items):
    teach(trade, number, (items[0].code, "700123", ""))
    order = trade.place(*items, buyer=trade.registered)
    trade.pull()
    row = trade.order(order)
    assert row.state is OrderState.DONE
    (found,) = [each for each in row.findings if each.code == "document.line.buyer_code_missing"]
    assert not found.blocks and items[1].code in found.message.en and found.field == "lines[1]"


def test_a_gap_blocks_where_that_was_chosen_and_the_missing_code_lets_the_order_go_on(trade, number, items):
    teach(trade, number, (items[0].code, "700123", ""), gaps=Gaps.BLOCK)
    order = trade.place(*items, buyer=trade.registered)
    trade.pull()
    row = trade.order(order)
    assert (row.state, row.reason.code) == (OrderState.PARKED, "document.line.buyer_code_missing")
    assert trade.documents(order) == []
    teach(trade, number, (items[1].code, "700124", ""))
    trade.run()
    assert trade.order(order).state is OrderState.DONE
    assert [line.buyer_code for line in lines_of(trade, order)][:2] == ["700123", "700124"]


def test_choosing_to_ignore_gaps_lets_waiting_orders_go_on(trade, number, items):
    teach(trade, number, gaps=Gaps.BLOCK)
    order = trade.place(items[0], buyer=trade.registered)
    trade.pull()
    assert trade.order(order).state is OrderState.PARKED
    buyers.set_buyer(trade.work("operator"), number, gaps=Gaps.IGNORE)
    trade.run()
    row = trade.order(order)
    assert row.state is OrderState.DONE
    assert "document.line.buyer_code_missing" not in {each.code for each in row.findings}


def test_shipping_is_no_gap(trade, number, items):
    teach(trade, number, (items[0].code, "700123", ""), gaps=Gaps.BLOCK)
    order = trade.place(items[0], buyer=trade.registered, shipping_fee=Decimal("49.90"))
    trade.pull()
    assert trade.order(order).state is OrderState.DONE


def test_a_buyer_without_rules_costs_one_cached_look_up(trade, number, items):
    teach(trade, number, (items[0].code, "700123", ""))
    asked = []
    engine = trade.store._engine

    def note(_, __, statement, *___):
        if "FROM buyer" in " ".join(statement.split()):
            asked.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        for party in (trade.unregistered, trade.consumer, trade.unregistered):
            assert buyers.buyer_items(trade.work(), sample_party(party), items) is NO_BUYER_ITEMS
        assert len(asked) == 1
        assert buyers.buyer_items(trade.work(), sample_party(trade.registered), items).items
        assert len(asked) == 2
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


# Importing


def test_a_plan_tells_new_changed_same_and_withdrawn_rows_and_stores_nothing(trade, number, items):
    one, other = (item.code for item in items)
    third = trade.world.items[2].code
    teach(trade, number, (one, "1", "A"), (other, "2", "B"))
    listed = [Listed(2, "1", "A", one), Listed(3, "3", "C", third)]
    plan = buyers.plan_import(trade.work(), number, listed, whole=True)
    assert [row.item_code for row in plan.added] == [third]
    assert (plan.same, plan.changed) == (1, ())
    assert [row.item_code for row in plan.withdrawn] == [other]
    changed = buyers.plan_import(trade.work(), number, [Listed(2, "9", "A", one)]).changed
    assert [(old.code, new.code) for old, new in changed] == [("1", "9")]
    with trade.work().read() as uow:
        assert [row.code for row in uow.buyers.items(number)] == ["1", "2"]


def test_a_withdrawn_item_is_a_gap_again_and_may_come_back(trade, number, items):
    one, other = (item.code for item in items)
    teach(trade, number, (one, "1", ""), (other, "2", ""))
    teach(trade, number, (one, "1", ""), whole=True)
    with trade.work().read() as uow:
        assert list(uow.buyers.named(number, [one, other])) == [one]
        assert len(uow.buyers.items(number, withdrawn=True)) == 2
    assert len(teach(trade, number, (other, "2", "")).added) == 1
    with trade.work().read() as uow:
        assert set(uow.buyers.named(number, [one, other])) == {one, other}


def test_rows_name_our_item_by_code_in_any_letter_case_or_by_barcode(trade, number, items):
    one, other = items
    listed = [Listed(2, "1", "", f" {one.code.lower()} "), Listed(3, "2", "", "", other.barcode)]
    plan = buyers.plan_import(trade.work(), number, listed)
    assert [(row.item_code, row.code) for row in plan.added] == [(one.code, "1"), (other.code, "2")]


def test_rows_that_cannot_be_used_are_named_and_the_others_are_taken(trade, number, items):
    one, other = (item.code for item in items)
    listed = [
        Listed(2, "1", "", one),
        Listed(3, "2", "", "YOK-1"),
        Listed(4, "9", "", one),
        Listed(5, "1", "", other),
    ]
    plan = buyers.plan_import(trade.work(), number, listed, whole=True)
    assert [row.item_code for row in plan.added] == [one, other]
    assert [(each.field, each.code, each.blocks) for each in plan.findings] == [
        ("row 3", "buyers.row.unknown", True),
        ("row 4", "buyers.row.twice", True),
        ("row 5", "buyers.row.shared", False),
    ]


def test_nothing_is_withdrawn_as_long_as_a_row_cannot_be_used(trade, number, items):
    teach(trade, number, (items[0].code, "1", ""))
    plan = buyers.plan_import(trade.work(), number, [Listed(2, "2", "", "YOK-1")], whole=True)
    assert plan.withdrawn == () and plan.rows == ()


@pytest.mark.parametrize("wrong", ["", "123", "11111111111", "2222222222", "1234567890123"])
def test_only_a_real_tax_number_is_a_buyer(trade, wrong):
    with pytest.raises(ConfigError) as refused:
        buyers.set_buyer(trade.work(), wrong, gaps=Gaps.WARN)
    assert refused.value.code == "buyers.tax_number"


# Measuring


def test_coverage_is_by_the_money_of_recent_sales(trade, number, items):
    one, other = items
    teach(trade, number, (one.code, "1", ""))
    trade.place((one, 3), (other, 1), buyer=trade.registered)
    trade.place((one, 1), buyer=trade.registered)
    trade.place((other, 5), buyer=trade.unregistered)
    trade.pull()
    found = buyers.coverage(trade.work(), number)
    sold = 4 * one.price / (1 + one.vat_rate / 100)
    assert abs(found.covered_amount - sold) < Decimal("0.05")
    assert found.percent == (100 * found.covered_amount / found.amount).quantize(Decimal("0.1"))
    ((gap),) = found.gaps
    assert (gap.item_code, gap.name, gap.documents, gap.waiting) == (other.code, other.name, 1, 0)
    assert gap.amount + found.covered_amount == found.amount


def test_gaps_are_listed_before_the_first_invoice(trade, number, items):
    teach(trade, number, (items[0].code, "1", ""), gaps=Gaps.BLOCK)
    trade.place(*items, buyer=trade.registered)
    trade.pull()
    found = buyers.coverage(trade.work(), number)
    assert (found.items, found.covered, found.percent, found.amount) == (2, 1, Decimal("50.0"), 0)
    assert [(gap.item_code, gap.waiting) for gap in found.gaps] == [(items[1].code, 1)]


def test_a_plan_shows_what_the_coverage_would_be(trade, number, items):
    trade.place(*items, buyer=trade.registered)
    trade.pull()
    plan = buyers.plan_import(
        trade.work(), number, [Listed(n, str(n), "", item.code) for n, item in enumerate(items)]
    )
    assert buyers.coverage(trade.work(), number, plan=plan).percent == 100
    with pytest.raises(ConfigError):
        buyers.coverage(trade.work(), number)


def test_without_sales_there_is_no_percentage(trade, number):
    teach(trade, number, gaps=Gaps.WARN)
    found = buyers.coverage(trade.work(), number)
    assert (found.percent, found.gaps) == (None, ())


# Files


def book(*rows):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_csv_list_is_read_with_turkish_headings():
    text = "Stok Kodu;ALICI KODU;Alıcı Adı;Barkod\nSTK-1;00123;KUPA ŞEKER;\n;700;;8690000000012\n"
    listed, findings = read_list(text.encode("windows-1254"))
    assert findings == []
    assert listed == [Listed(2, "00123", "KUPA ŞEKER", "STK-1"), Listed(3, "700", "", "", "8690000000012")]


def test_a_workbook_is_read_below_its_title_and_codes_of_digits_keep_their_digits():
    content = book(["Ürün listesi 2026"], [], ["Barcode", "Buyer Code"], [8690000000012, 700123])
    listed, findings = read_list(content)
    assert findings == []
    assert listed == [Listed(4, "700123", "", "", "8690000000012")]


def test_rows_without_what_is_needed_are_named():
    listed, findings = read_list("kod;alıcı kodu\nA;1\n;2\nB;\n".encode())
    assert [each.item_code for each in listed] == ["A"]
    assert [(each.field, each.code) for each in findings] == [
        ("row 3", "buyers.row.empty"),
        ("row 4", "buyers.row.empty"),
    ]


@pytest.mark.parametrize("content", [b"", b"\n", b"kod;ad\nA;b\n", b"\x00\x01\x02"])
def test_a_file_without_the_headings_says_which_it_needs(content):
    listed, (found,) = read_list(content)
    assert listed == [] and found.code == "buyers.file.header"
    assert "alıcı kodu" in found.message.tr
