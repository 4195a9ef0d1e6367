"""Lines that no key knows: suggested, confirmed once, and never asked again."""

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from kopru.cli import app
from kopru.flows import catalogue, linework, rulebook, settling, undoing
from kopru.flows.linerows import OPEN, Chosen, LineRow, LineSource, RuleKind
from kopru.flows.records import ItemRow, OrderState
from kopru.flows.rulemaking import Choice, Reach, Scope, rule_of
from kopru.hooks.errors import ConfigError
from kopru.matching.api import State
from kopru.matching.exact import LinkKey
from kopru.testing.world import WorldItem
from kopru.toolkit.taxnumbers import gtin_check_digit


def gtin(n):
    base = f"8690{n:08d}"
    return f"{base}{gtin_check_digit(base)}"


def sold_as(n, name, price="75.00"):
    """A product as the shop calls it; no card has its code or barcode."""
    return WorldItem(f"SHOP-{n}", gtin(n), name, Decimal(20), Decimal(price), 5)


@pytest.fixture
def lines(trade):
    def listed(**chosen):
        with trade.work().read() as uow:
            return uow.lines.chosen(Chosen(**chosen))

    return listed


@pytest.fixture
def card(trade):
    """Returns an own item by code; makes it first when a name is given."""

    def find(code, name="", **fields):
        if name:
            with trade.work().write() as uow:
                row = ItemRow(uuid4(), code, name, "goods", "C62", Decimal(20))
                uow.items.upsert([replace(row, **fields)])
        with trade.work().read() as uow:
            return uow.items.by_code(code)

    return find


@pytest.fixture
def take(trade):
    """Takes lines of a partner in, as a file would bring them; returns them as they are stored."""

    def taken(*texts, partner="1234567890", ref="file.csv", **fields):
        rows = [
            LineRow(uuid4(), LineSource.FILE, ref, f"{n}", partner, text, **fields)
            for n, text in enumerate(texts, 1)
        ]
        linework.take_in(trade.work(), rows)
        with trade.work().read() as uow:
            return [uow.lines.get(row.id) for row in rows]

    return taken


@pytest.fixture
def now(trade):
    def get(line):
        with trade.work().read() as uow:
            return uow.lines.get(line.id)

    return get


def confirm(trade, line, item, scope=Scope.USUAL, **reach):
    choice = Choice(item) if item is not None else None
    return settling.confirm(trade.work("operator"), [line.id], choice, Reach(scope, **reach))


def rules(trade, **chosen):
    with trade.work().read() as uow:
        return uow.rules.recent(**chosen)


@dataclass
class Installation:
    """What commands ask for, on the world of a test."""

    engine: object
    language: str = "en"

    @contextmanager
    def open(self):
        yield self.engine


@pytest.fixture
def kopru(trade):
    """Run a command for the tenant of the test."""
    slug = next(slug for id, slug in trade.store.tenants() if id == trade.tenant_id)

    def run(*words, keys="", code=0):
        host = Installation(trade.engine)
        done = CliRunner().invoke(app, [*words, "--tenant", slug], obj=host, input=keys)
        assert done.exit_code == code, done.output
        return done

    return run


# Orders


def test_one_command_brings_a_parked_order_to_its_invoice_and_the_next_resolves_itself(trade, kopru):
    code = trade.item("20").code
    order = trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz")))
    trade.pull()
    assert trade.order(order).state is OrderState.PARKED
    (line,) = json.loads(kopru("lines", "list", "--json").stdout)
    assert line["text"] == "Kutu Icinde Surpriz"
    told = kopru("lines", "confirm", line["line"], "--item", code)
    assert "1 orders go on" in told.output
    trade.run()
    assert trade.order(order).state is OrderState.DONE
    assert trade.document(order).number
    after = trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz")))
    trade.pull()
    assert trade.order(after).state is OrderState.DONE
    assert trade.document(after).invoice.lines[0].item_code == code


def test_the_desk_settles_the_lines_of_orders(trade, kopru):
    orders = [trade.place(trade.line(sold_as(n, f"Gizemli Kutu {n}"))) for n in (1, 2)]
    trade.pull()
    code = trade.item("20").code
    told = kopru("lines", "review", keys=f"/ {code}\na\n/ {code}\n1\n")
    assert "No line waits" in told.output
    trade.run()
    assert {trade.order(order).state for order in orders} == {OrderState.DONE}


def test_one_confirmation_brings_the_order_through_and_the_next_resolves_itself(trade, lines, card):
    item = trade.item("20")
    order = trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz")))
    trade.pull()
    assert trade.order(order).state is OrderState.PARKED
    (line,) = lines()
    assert line.state in OPEN
    outcome = confirm(trade, line, card(item.code))
    assert (outcome.decided, outcome.orders, outcome.rules) == (1, 1, 1)
    trade.run()
    assert trade.order(order).state is OrderState.DONE
    assert trade.document(order).invoice.lines[0].item_code == item.code
    after = trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz")))
    trade.pull()
    assert trade.order(after).state is OrderState.DONE
    assert trade.document(after).invoice.lines[0].item_code == item.code
    (rule,) = rules(trade)
    assert (rule.kind, rule.key, rule.partner, rule.hits) == (RuleKind.CODE, "SHOP-1", "trendyol", 1)


def test_one_confirmation_settles_every_waiting_order_it_explains(trade, lines, card):
    orders = [trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz"))) for _ in range(3)]
    other = trade.place(trade.line(sold_as(2, "Bambaska Bir Nesne")))
    trade.pull()
    line = next(each for each in lines() if each.seller_code == "SHOP-1")
    outcome = confirm(trade, line, card(trade.item("20").code))
    assert (outcome.settled, outcome.orders) == (2, 3)
    trade.run()
    assert {trade.order(order).state for order in orders} == {OrderState.DONE}
    assert trade.order(other).state is OrderState.PARKED


def test_a_sure_line_of_an_order_resolves_itself_unless_the_company_wants_to_be_asked(trade, lines, card):
    name = "Granit Karaca Termos Celik 750 ml Lacivert"
    card("TERMOS-750", name)
    trade.ledger.add_item("TERMOS-750", name)
    order = trade.place(trade.line(sold_as(1, "GRANIT KARACA TERMOS CELIK 750ML LACIVERT")))
    trade.pull()
    assert trade.order(order).state is OrderState.DONE, trade.order(order).reason
    (line,) = lines()
    assert (line.state, line.item_code, line.alone) == (State.RESOLVED, "TERMOS-750", True)
    trade.settings(("[invoice]\n", '[items]\nmatching = "ask"\n\n[invoice]\n'))
    asked = trade.place(trade.line(sold_as(2, "granit karaca termos celik 750 ml lacivert")))
    trade.pull()
    row = trade.order(asked)
    assert row.state is OrderState.PARKED
    assert "TERMOS-750" in row.reason.text.tr


def test_an_order_whose_keys_contradict_each_other_is_never_resolved_alone(trade, lines):
    mixed = replace(trade.item("20"), barcode=trade.item("10").barcode)
    trade.place(trade.line(mixed))
    trade.pull()
    (line,) = lines()
    assert line.state is State.CONFLICT and line.item_id is None


def test_an_order_of_known_lines_costs_no_statement_for_mapping(trade):
    """Rules are asked for together with the confirmed links; nothing else of line mapping is touched."""
    told = []

    def note(connection, cursor, statement, *_):
        told.append(statement)

    trade.place()
    sa.event.listen(trade.store._engine, "before_cursor_execute", note)
    try:
        trade.pull()
    finally:
        sa.event.remove(trade.store._engine, "before_cursor_execute", note)
    tables = re.compile(
        r"(?:FROM|INTO|UPDATE|JOIN) (?:line|catalogue|rejection|partner_word|item_alias|line_step)\b"
    )
    assert [statement for statement in told if tables.search(statement)] == []
    ruled = [statement for statement in told if re.search(r"FROM rule\b", statement)]
    assert ruled and all("item_link" in statement for statement in ruled)


def test_a_line_whose_item_became_known_by_a_link_waits_no_longer(trade, lines):
    order = trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz")))
    trade.pull()
    shop = trade.connection("trendyol").id
    catalogue.link_item(trade.work("operator"), shop, LinkKey("sku", "SHOP-1"), trade.item("20").code)
    trade.run()
    assert trade.order(order).state is OrderState.DONE
    (line,) = lines()
    assert (line.state, line.item_code) == (State.RESOLVED, trade.item("20").code)


def test_a_pack_is_sold_as_an_item_of_its_own(trade, lines, card):
    trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz")))
    trade.pull()
    (line,) = lines()
    with pytest.raises(ConfigError) as refused:
        choice = Choice(card(trade.item("20").code), factor=Decimal(12))
        settling.confirm(trade.work("operator"), [line.id], choice)
    assert refused.value.code == "lines.sold_by_piece"


# Rules


def test_the_usual_rule_is_the_partners_code_and_without_one_its_text(trade, take, card):
    item = card("A", "Defter")
    coded, bare = (
        take("tanimsiz urun", "baska tanimsiz urun", seller_code="X-1")[0],
        take("yalniz metin", ref="b")[0],
    )
    confirm(trade, coded, item)
    confirm(trade, bare, item)
    assert {(rule.kind, rule.key) for rule in rules(trade)} == {
        (RuleKind.CODE, "X-1"),
        (RuleKind.TEXT, "yalniz metin"),
    }


def test_a_rule_counts_for_its_partner_and_the_text_is_a_name_for_everyone(trade, take, card, now):
    item = card("A", "Lamba")
    line, same_partner = take("gizemli kutu", "Gizemli  KUTU!")
    (elsewhere,) = take("gizemli kutu", partner="9999999999", ref="other.csv")
    outcome = confirm(trade, line, item)
    assert outcome.settled == 2
    assert now(same_partner).rule_id is not None
    other = now(elsewhere)
    assert (other.state, other.rule_id, other.item_code) == (State.RESOLVED, None, "A")


def test_a_code_under_another_size_is_a_conflict_not_a_mapping(trade, take, card, now):
    item = card("SUT-1", "Taze Sut 1 Lt")
    (line,) = take("Taze Sut 1 Lt Kutu", seller_code="77")
    confirm(trade, line, item)
    (other,) = take("Taze Sut 200 ml Kutu", seller_code="77", ref="b")
    assert other.state is not State.RESOLVED


def test_two_rules_that_disagree_are_a_conflict(trade, take, card):
    one, two = card("A", "Kalem"), card("B", "Silgi")
    confirm(trade, take("uclu paket ozel")[0], one, Scope.TEXT)
    (coded,) = take("bambaska ozel", seller_code="C-9", ref="b")
    confirm(trade, coded, two, Scope.CODE)
    (both,) = take("uclu paket ozel", seller_code="C-9", ref="c")
    assert both.item_code == "A", "the whole text stands above a code that was confirmed under another text"
    confirm(trade, take("uclu paket", seller_code="C-8", ref="d")[0], two, Scope.CODE)
    confirm(trade, take("uclu paket", ref="e")[0], one, Scope.TEXT)
    (both,) = take("uclu paket", seller_code="C-8", ref="f")
    assert (both.state, both.reason.code) == (State.CONFLICT, "lines.rules_differ")


def test_a_pattern_reaches_texts_with_its_words_and_leaves_the_text_its_veto(trade, take, card):
    item = card("SUYU-1", "Karaca Maden Suyu 1 Lt")
    (line,) = take("krc maden suyu 1 lt sise")
    outcome = confirm(trade, line, item, Scope.PATTERN, pattern="maden suyu")
    assert outcome.rules == 1
    same, other = take("MADEN SUYU karaca 1 lt", "maden suyu 200 ml", ref="b")
    assert same.item_code == "SUYU-1"
    assert other.state is not State.RESOLVED
    with pytest.raises(ConfigError) as refused:
        confirm(trade, take("krc cay", ref="c")[0], item, Scope.PATTERN, pattern="maden suyu")
    assert refused.value.code == "lines.pattern"


def test_contradictions_are_listed_and_block_the_wider_reach(trade, take, card):
    one, two = card("A", "Kalem"), card("B", "Silgi")
    confirm(trade, take("gizemli kutu", partner="1111111111", ref="a")[0], one)
    (line,) = take("gizemli kutu", partner="2222222222", ref="b")
    with pytest.raises(ConfigError) as refused:
        confirm(trade, line, two, Scope.TEXT, everyone=True)
    assert refused.value.code == "lines.contradictions"
    assert "gizemli kutu" in refused.value.message.en
    assert confirm(trade, line, two, Scope.TEXT).rules == 1


def test_a_code_that_means_several_items_is_not_made_a_rule(trade, take, card):
    one, two = card("A", "Kalem"), card("B", "Silgi")
    confirm(trade, take("birinci sey", seller_code="0")[0], one)
    confirm(trade, take("ikinci sey", seller_code="0", ref="b")[0], two)
    assert {(rule.kind, rule.key) for rule in rules(trade)} >= {(RuleKind.TEXT, "ikinci sey")}


def test_the_newest_word_on_a_text_wins_and_the_old_rule_stays_on_the_list(trade, take, card, now):
    one, two = card("A", "Kalem"), card("B", "Silgi")
    (line,) = take("gizemli kutu")
    confirm(trade, line, one)
    confirm(trade, line, two)
    assert now(line).item_code == "B"
    assert [rule.item_code for rule in rules(trade)] == ["B"]
    assert {rule.item_code for rule in rules(trade, disabled=True)} == {"A", "B"}


def test_a_service_is_a_mapping_too(trade, take, now):
    line, same = take("Kargo bedeli Mart", "kargo bedeli mart")
    settling.confirm(trade.work("operator"), [line.id], Choice(service="770.01"))
    assert (now(line).service, now(same).service) == ("770.01", "770.01")


def test_a_unit_belongs_to_the_rule(trade, take, card, now):
    item = card("SU", "Su 0,5 Lt")
    (line,) = take("pinarim su", unit="Koli", quantity=Decimal(3))
    settling.confirm(trade.work("operator"), [line.id], Choice(item, factor=Decimal(12)))
    same, piece = take("pinarim su", ref="b", unit="CT")[0], take("pinarim su", ref="c", unit="Adet")[0]
    assert (same.item_code, same.factor) == ("SU", Decimal(12))
    assert (piece.state in OPEN, piece.reason.code) == (True, "lines.unit_differs")


def test_a_price_far_from_the_usual_one_is_told(trade, take, card):
    item = card("SU", "Su 0,5 Lt")
    for n in range(3):
        (line,) = take(f"su sisesi {n}", ref=f"r{n}", price=Decimal(5), currency="TRY")
        assert confirm(trade, line, item).findings == ()
    (line,) = take("su kolisi", ref="koli", unit="Koli", price=Decimal(60), currency="TRY")
    assert [each.code for each in confirm(trade, line, item).findings] == ["lines.price_ratio"]
    (line,) = take("su kolisi buyuk", ref="koli2", unit="Koli", price=Decimal(60), currency="TRY")
    choice = Choice(item, factor=Decimal(12))
    assert settling.confirm(trade.work("operator"), [line.id], choice).findings == ()


# Rejecting, learning, trust


def test_a_rejected_pair_is_never_suggested_again(trade, take, card, now):
    card("A", "Pilot Kalem Mavi Ince Uclu")
    card("B", "Pilot Kalem Mavi Kalin Uclu")
    (line,) = take("pilot kalem mavi uclu")
    wrong = line.suggestions[0].item_code
    settling.reject(trade.work("operator"), line.id)
    assert wrong not in [each.item_code for each in now(line).suggestions]
    (again,) = take("PILOT KALEM MAVI UCLU", ref="b")
    assert wrong not in [each.item_code for each in again.suggestions]
    undoing.undo(trade.work("operator"))
    assert wrong in [each.item_code for each in take("pilot kalem mavi uclu", ref="c")[0].suggestions]


def test_abbreviations_are_learned_per_partner_from_two_lines(trade, take, card):
    item = card("A", "Defter Siyah Kapakli")
    for n, text in enumerate(("defter syh kapakli", "defter syh kapakli buyuk")):
        confirm(trade, take(text, ref=f"r{n}")[0], item)
    with trade.work().read() as uow:
        assert uow.rules.taught("1234567890").words == {"syh": "siyah"}
        assert uow.rules.taught("9999999999").words == {}


def test_a_partner_with_many_corrections_is_asked_again(trade, take, card, now):
    right = card("Z", "Bambaska Bir Sey")
    names = [f"Granit Termos Celik {n}50 ml Lacivert" for n in range(1, 5)]
    for n, name in enumerate(names):
        card(f"T-{n}", name)
    first, second, third = take(*names[:3])
    assert {line.state for line in (first, second, third)} == {State.RESOLVED}
    for line in (first, second):
        confirm(trade, line, right, Scope.ONCE)
    (fourth,) = take(names[3], ref="b")
    assert (fourth.state in OPEN, fourth.reason.code) == (True, "lines.untrusted")
    (elsewhere,) = take(names[3], partner="9999999999", ref="c")
    assert elsewhere.state is State.RESOLVED


# Bulk and undo


def test_undo_takes_back_what_was_decided_taught_and_settled(trade, take, card, now):
    item = card("A", "Lamba")
    line, same = take("gizemli kutu", "GIZEMLI KUTU")
    (elsewhere,) = take("gizemli kutu", partner="9999999999", ref="b")
    confirm(trade, line, item)
    assert now(elsewhere).item_code == "A"
    undone = undoing.undo(trade.work("operator"))
    assert undone.kept == 0
    assert all(now(each).item_id is None for each in (line, same, elsewhere))
    assert rules(trade) == []
    assert take("gizemli kutu", ref="c")[0].item_id is None
    with pytest.raises(ConfigError) as refused:
        undoing.undo(trade.work("operator"))
    assert refused.value.code == "lines.nothing_to_undo"


def test_undo_brings_the_replaced_rule_back(trade, take, card):
    one, two = card("A", "Kalem"), card("B", "Silgi")
    (line,) = take("gizemli kutu")
    confirm(trade, line, one)
    confirm(trade, line, two)
    undoing.undo(trade.work("operator"))
    assert [rule.item_code for rule in rules(trade)] == ["A"]


def test_what_is_invoiced_stays_when_a_decision_is_taken_back(trade, lines, card):
    order = trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz")))
    trade.pull()
    (line,) = lines()
    confirm(trade, line, card(trade.item("20").code))
    trade.run()
    undone = undoing.undo(trade.work("operator"))
    assert (undone.lines, undone.kept) == (0, 1)
    assert trade.order(order).state is OrderState.DONE
    after = trade.place(trade.line(sold_as(1, "Kutu Icinde Surpriz")))
    trade.pull()
    assert trade.order(after).state is OrderState.PARKED


def test_bulk_accepts_what_nothing_speaks_against_as_one_step(trade, take, card, now):
    trade.settings(("[invoice]\n", '[items]\nmatching = "ask"\n\n[invoice]\n'))
    names = [f"Granit Termos Celik {n}50 ml Lacivert" for n in range(1, 5)]
    for n, name in enumerate(names):
        card(f"T-{n}", name)
    good = take(*names)
    (odd,) = take("Granit Termos Celik 990 ml Lacivert", ref="b")
    bulk = linework.plan_bulk(trade.work("operator"), threshold=0.0)
    assert {line.id for line in bulk.lines} == {line.id for line in good}
    assert odd.id not in {line.id for line in bulk.lines}
    assert len(bulk.samples) == 4 and bulk.measured == 0
    outcome = linework.accept_bulk(trade.work("operator"), bulk)
    assert outcome.decided == 4
    assert [now(line).item_code for line in good] == [f"T-{n}" for n in range(4)]
    again = linework.plan_bulk(trade.work("operator"), threshold=0.0)
    assert (again.right, again.measured) == (4, 4)
    assert undoing.undo(trade.work("operator")).lines == 4
    assert all(now(line).item_id is None for line in good)


def test_a_new_item_goes_through_the_queue_for_approval(trade, take, card, now):
    (line,) = take("Yepyeni Bir Urun", seller_code="Y-1", unit="Adet", vat_rate=Decimal(20))
    linework.propose(trade.work("clerk"), line, code="YENI-1")
    assert card("YENI-1") is None, "nothing is made silently"
    with trade.work().read() as uow:
        (draft,) = uow.lines.drafts()
    linework.approve(trade.work("boss"), draft.id)
    assert card("YENI-1").vat_rate == Decimal(20)
    assert (now(line).item_code, now(line).state) == ("YENI-1", State.USER)
    with pytest.raises(ConfigError):
        linework.approve(trade.work("boss"), draft.id)


# The rule book


def test_rules_go_out_and_come_back(trade, take, card):
    item = card("A", "Kalem")
    confirm(trade, take("=gizemli kutu", seller_code="X-1", unit="Koli")[0], item)
    confirm(trade, take("maden suyu 1 lt", ref="b")[0], item, Scope.PATTERN, pattern="maden suyu")
    before = {(rule.partner, rule.kind, rule.key, rule.unit, rule.target) for rule in rules(trade)}
    written = rulebook.export(rules(trade))
    rulebook.disable(trade.work("operator"), [rule.id for rule in rules(trade)])
    assert rules(trade) == []
    done = rulebook.import_rules(trade.work("operator"), written)
    assert (done.new, done.changed, done.findings) == (2, 0, ())
    assert {(rule.partner, rule.kind, rule.key, rule.unit, rule.target) for rule in rules(trade)} == before
    assert rulebook.import_rules(trade.work("operator"), written).same == 2
    undoing.undo(trade.work("operator"))
    assert rules(trade) == []


def test_rows_of_a_rule_file_that_cannot_be_used_are_named(trade, card):
    card("A", "Kalem")
    content = "cari;tür;anahtar;stok kodu;çarpan\n1;text;bir;A;1\n1;dream;iki;A;1\n1;text;uc;YOK;1\n1;text;!;A;1\n1;text;bes;A;0\n"
    done = rulebook.import_rules(trade.work("operator"), content.encode())
    assert done.new == 1
    assert [each.field for each in done.findings] == ["row 3", "row 4", "row 5", "row 6"]


def test_time_travel_shows_which_lines_a_rule_would_have_decided_otherwise(trade, take, card):
    one, two = card("A", "Kalem"), card("B", "Silgi")
    first, second, third = take("kutu bir", "kutu iki", "kutu uc", seller_code="K")
    confirm(trade, first, one, Scope.ONCE)
    confirm(trade, second, two, Scope.ONCE)
    rule = rule_of(third, Choice(one), Reach(Scope.CODE), "test")
    past = rulebook.history(trade.work(), rule)
    assert (past.waiting, past.agreeing, [line.id for line in past.otherwise], past.contradicted) == (
        1,
        1,
        [second.id],
        1,
    )


def test_the_test_box_says_what_would_happen_and_stores_nothing(trade, take, card, lines):
    confirm(trade, take("gizemli kutu")[0], card("A", "Kalem"))
    found = rulebook.try_line(trade.work(), "Gizemli Kutu", partner="1234567890")
    assert (found.state, found.item_code) == (State.RESOLVED, "A")
    assert len(lines(limit=9)) == 1
