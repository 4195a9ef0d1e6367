"""Replay: an order made anew from its stored payload, a fresh fetch or today's rules, with what would come of it."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.flows import orders, replaying
from kopru.flows.records import DocumentState, OrderState
from kopru.flows.replaying import Basis, predict
from kopru.hooks.errors import ConfigError, Rejected
from kopru.hooks.types import Record

HOUR = 3600.0


@pytest.fixture
def better(monkeypatch):
    """Lets today's mapping of stored payloads differ from the one that was used."""

    def use(**fields):
        parse = orders.parse

        def remapped(work, connection_id, raw):
            return tuple(
                replace(each, value=each.value.model_copy(update=fields) if each.value else None)
                for each in parse(work, connection_id, raw)
            )

        monkeypatch.setattr(orders, "parse", remapped)

    return use


def foresee(trade, order, basis):
    return predict(trade.work(), trade.order(order), basis)


def replay(trade, order, basis, *, seconds=HOUR):
    row = trade.order(order)
    replaying.start(trade.work("operator"), {row.id: row}, basis)
    trade.run(seconds)


def held_order(trade):
    trade.settings(('status = ["awaiting_payment"]', 'status = ["awaiting_payment", "new"]'))
    order = trade.place()
    trade.pull()
    assert trade.order(order).state is OrderState.HELD
    return order


def test_the_same_mapping_changes_nothing(trade):
    order = trade.place()
    trade.pull()
    for basis in (Basis.STORED, Basis.FRESH):
        trade.pull()
        seen = foresee(trade, order, basis)
        assert (seen.code, seen.fields, seen.changes) == ("replay.nothing", (), False)
    version = trade.order(order).version
    replay(trade, order, Basis.STORED)
    assert trade.order(order).version == version


def test_a_better_mapping_of_the_stored_payload_is_foreseen_and_taken(trade, better):
    order = held_order(trade)
    better(note="Hediye paketi")
    seen = foresee(trade, order, Basis.STORED)
    assert [(each.field, each.old, each.new) for each in seen.fields] == [("note", "", "Hediye paketi")]
    assert (seen.code, seen.changes) == ("replay.held", True)
    before = trade.order(order)
    assert before.body.note == "", "foreseeing changes nothing"
    replay(trade, order, Basis.STORED)
    row = trade.order(order)
    assert (row.body.note, row.version) == ("Hediye paketi", before.version + 1)
    assert {"order.replay_asked", "order.replayed"} <= set(trade.actions(row))
    replay(trade, order, Basis.STORED)
    assert trade.order(order).version == row.version, "the same again changes nothing"


def test_the_next_record_of_the_source_wins_over_a_replayed_one(trade, better):
    order = held_order(trade)
    better(note="Hediye paketi")
    replay(trade, order, Basis.STORED)
    trade.shop.set_status(order.id, "Picking")
    trade.pull()
    row = trade.order(order)
    assert (row.status, "~" in row.revision) == ("preparing", False)


def test_what_a_replay_means_for_an_issued_document_is_foreseen_and_done(trade, better):
    order = trade.place((trade.item("20"), 2))
    trade.pull()
    trade.pull()
    first = trade.document(order)
    buyer = trade.order(order).body.buyer
    better(buyer=buyer.model_copy(update={"first_name": "Deniz"}))
    seen = foresee(trade, order, Basis.STORED)
    assert seen.code == "change.archive.cancel"
    assert seen.steps == ("cancel_at_channel", "cancel_in_ledger", "replan")
    assert (seen.before.number, seen.before.total) == (first.number, first.total)
    assert (seen.after.profile, seen.after.total) == (first.profile.value, first.total)
    assert len(trade.documents(order)) == 1
    replay(trade, order, Basis.STORED)
    old, new = trade.documents(order)
    assert (old.state, new.state) == (DocumentState.VOID, DocumentState.ISSUED)
    assert new.invoice.buyer.first_name == "Deniz"
    assert trade.channel.account._by_ettn[str(old.id)].cancelled
    assert len(trade.held()) == 2


def test_fields_that_no_document_shows_leave_it_alone(trade, better):
    order = trade.place()
    trade.pull()
    trade.pull()
    better(note="Hediye paketi")
    seen = foresee(trade, order, Basis.STORED)
    assert (seen.code, seen.before.number) == ("replay.order_only", trade.document(order).number)
    replay(trade, order, Basis.STORED)
    assert trade.document(order).state is DocumentState.ISSUED
    assert trade.order(order).state is OrderState.DONE
    assert trade.order(order).body.note == "Hediye paketi"


def test_a_fresh_fetch_takes_what_the_source_holds_now(trade):
    order = held_order(trade)
    trade.shop.set_status(order.id, "Shipped")
    seen = foresee(trade, order, Basis.FRESH)
    assert ("status", "", "shipped") in [(each.field, "", each.new) for each in seen.fields]
    assert seen.code == "replay.document"
    assert seen.after.total == order.total
    assert trade.order(order).status == "new"
    replay(trade, order, Basis.FRESH)
    assert trade.order(order).state is OrderState.DONE


def test_a_fresh_fetch_of_an_unknown_order_is_told(trade):
    order = held_order(trade)
    trade.shop.shelf.live.pop(order.id)
    trade.shop.shelf._seen.pop(order.id)
    with pytest.raises(Rejected):
        foresee(trade, order, Basis.FRESH)


def test_a_source_that_cannot_fetch_one_order_is_told(trade, file_order):
    number = file_order("100.00")
    trade.run(HOUR)
    with pytest.raises(ConfigError) as refused:
        foresee(trade, number, Basis.FRESH)
    assert refused.value.code == "replay.no_fetch"
    assert foresee(trade, number, Basis.STORED).code == "replay.nothing"


def test_new_rules_decide_a_held_order_anew(trade):
    order = held_order(trade)
    assert foresee(trade, order, Basis.RULES).code == "replay.nothing"
    with trade.work().write() as uow:
        uow.settings.store(uow.settings.text()[1].replace(', "new"]', "]"))
    trade.engine.env.cache._held.clear()
    seen = foresee(trade, order, Basis.RULES)
    assert (seen.code, seen.after.rule, seen.after.series) == ("replay.document", "e-arsiv", "KPA")
    replay(trade, order, Basis.RULES)
    assert trade.order(order).state is OrderState.DONE


def test_new_rules_make_a_draft_anew_and_leave_a_number_alone(trade):
    trade.settings(add='\n[stages]\nnumber = "manual"\n')
    order = trade.place()
    trade.pull()
    draft = trade.document(order)
    assert draft.state is DocumentState.VALIDATED
    assert foresee(trade, order, Basis.RULES).code == "replay.nothing"
    series = ('prefix = "KPA"', 'prefix = "KPB"')
    trade.settings(series, add='\n[stages]\nnumber = "manual"\n')
    trade.run(HOUR)
    seen = foresee(trade, order, Basis.RULES)
    assert (seen.before.series, seen.after.series, seen.steps) == ("KPA", "KPB", ("replan",))
    replay(trade, order, Basis.RULES)
    old, new = trade.documents(order)
    assert (old.state, old.number) == (DocumentState.VOID, None)
    assert (new.state, new.stages["series"]) == (DocumentState.VALIDATED, "KPB")


def test_new_rules_do_not_touch_what_has_its_number(trade):
    order = trade.place()
    trade.pull()
    document = trade.document(order)
    trade.settings(('prefix = "KPA"', 'prefix = "KPB"'))
    trade.run(HOUR)
    seen = foresee(trade, order, Basis.RULES)
    assert (seen.code, seen.before.number) == ("replay.stays", document.number)
    replay(trade, order, Basis.RULES)
    assert trade.document(order).number == document.number


def test_an_order_that_could_not_be_read_comes_to_life(trade, better, monkeypatch):
    """A faulty mapping parked it; the corrected one reads the very bytes that were kept."""
    take = orders.take

    def unreadable(work, uow, connection_id, records, **options):
        return take(
            work,
            uow,
            connection_id,
            [Record(each.external_id, each.raw, None, blocking()) for each in records],
            **options,
        )

    def blocking():
        from kopru.model import Finding, Text

        return (Finding(code="test.unreadable", message=Text(tr="x", en="x")),)

    monkeypatch.setattr(orders, "take", unreadable)
    order = trade.place()
    trade.pull(seconds=0)
    monkeypatch.setattr(orders, "take", take)
    row = trade.order(str(order.id))
    assert (row.state, row.body) == (OrderState.PARKED, None)
    seen = predict(trade.work(), row, Basis.STORED)
    assert (seen.code, seen.after.total) == ("replay.document", order.total)
    replaying.start(trade.work(), {row.id: row}, Basis.STORED)
    trade.run(HOUR)
    assert trade.order(order).state is OrderState.DONE


def test_a_mapping_that_fails_now_is_foreseen_with_its_findings(trade, monkeypatch):
    from kopru.model import Finding, Text

    order = held_order(trade)
    bad = Finding(code="test.bad", message=Text(tr="Bozuk", en="Broken"))
    parse = orders.parse
    monkeypatch.setattr(
        orders,
        "parse",
        lambda *arguments: tuple(replace(each, value=None, findings=(bad,)) for each in parse(*arguments)),
    )
    seen = foresee(trade, order, Basis.STORED)
    assert (seen.code, seen.findings) == ("replay.unreadable", (bad,))


def test_orders_are_chosen_by_state_and_by_the_day_they_were_placed(trade):
    order = held_order(trade)
    trade.place(status="Picking")
    trade.pull()
    chosen = replaying.choose(trade.work(), state=OrderState.HELD)
    assert [row.number for row in chosen] == [order.number]
    assert len(replaying.choose(trade.work())) == 2
    placed = trade.order(order).placed_at
    later = placed + timedelta(days=1)
    assert replaying.choose(trade.work(), since=later) == []
    assert len(replaying.choose(trade.work(), since=placed, until=later, limit=1)) == 1
    other = trade.connection("logo").id
    assert replaying.choose(trade.work(), connection_id=other) == []


def test_many_at_once_go_their_way(trade):
    made = [held_order(trade) for _ in range(3)]
    for order in made:
        trade.shop.set_status(order.id, "Picking")
    chosen = {row.id: row for row in replaying.choose(trade.work(), state=OrderState.HELD)}
    assert len(chosen) == 3
    replaying.start(trade.work(), chosen, Basis.FRESH)
    trade.run(HOUR)
    assert {trade.order(order).state for order in made} == {OrderState.DONE}


def test_one_that_cannot_be_foreseen_does_not_stop_the_others(trade):
    gone, there = held_order(trade), trade.place()
    trade.pull()
    trade.shop.shelf._seen.pop(gone.id)
    trade.shop.set_status(there.id, "Picking")
    rows = [trade.order(gone), trade.order(there)]
    seen = replaying.predict_many(trade.work(), rows, Basis.FRESH)
    assert [(each.code, each.changes) for each in seen] == [
        ("replay.failed", False),
        ("replay.document", True),
    ]


def test_two_replays_asked_for_at_once_both_run(trade, better):
    order = held_order(trade)
    better(note="Hediye paketi")
    trade.shop.set_status(order.id, "Picking")
    row = trade.order(order)
    for basis in (Basis.STORED, Basis.FRESH):
        replaying.start(trade.work(), {row.id: row}, basis)
    trade.run(HOUR)
    assert [each.action for each in trade.story(row)].count("order.replayed") == 2
    assert trade.order(order).status == "preparing"


def test_foreseeing_writes_nothing_anywhere(trade, better, monkeypatch):
    order = trade.place(buyer=trade.registered)
    trade.pull()
    trade.pull()
    better(total=Decimal("1.00"))
    written = {name: trade.posts(name, "") for name in trade.remotes}
    events = len(trade.story(trade.order(order)))
    for basis in Basis:
        foresee(trade, order, basis)
    assert {name: trade.posts(name, "") for name in trade.remotes} == written
    assert len(trade.story(trade.order(order))) == events


# Comparing versions


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", min_size=1), json_values, max_size=4))
def test_every_leaf_has_a_path_of_its_own(data):
    leaves = list(replaying._flat(data))
    assert len({path for path, _ in leaves}) == len(leaves)
    assert len(leaves) == sum(1 for _ in walk(data))
    json.dumps(leaves)


def walk(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from walk(each)
    elif isinstance(value, list):
        for each in value:
            yield from walk(each)
    else:
        yield value
