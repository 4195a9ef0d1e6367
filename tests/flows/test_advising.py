"""Advisers at work in the engine: who is asked, what comes of it, and what a bad one costs."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from pydantic import BaseModel, ConfigDict

from kopru.flows import advising
from kopru.flows.advising import Facts, advise
from kopru.flows.bench import LIMIT, Bench
from kopru.flows.env import Lease, Work
from kopru.flows.records import ItemRow
from kopru.matching.api import CatalogueItem, Line, Memory, State
from kopru.matching.index import Index, build
from kopru.matching.matcher import Matcher
from kopru.matching.normalise import text_key
from kopru.model import Text
from kopru.registry import Registry
from kopru.registry.discovery import examine
from kopru.sdk import LineAdvice, Manifest, PastLine, PluginKind, hookimpl

WHY = Text(tr="Öyle işlenmişti.", en="It was posted so.")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class NoSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Adviser:
    """Answers what a test tells it to."""

    def __init__(self, name="counsel", answer=lambda ctx, batch: ()):
        self.manifest = Manifest(name, PluginKind.ADVISER, Text(tr="Akıl", en="Advice"), "3", NoSettings)
        self.answer = answer
        self.asked = []

    @hookimpl
    def map_line(self, ctx, batch):
        self.asked.append((ctx, batch))
        return self.answer(ctx, batch)


def favouring(code, weight):
    """Advise on the candidate of a code."""

    def answer(ctx, batch):
        return tuple(
            LineAdvice(line.id, each.item_id, weight, WHY)
            for line in batch.lines
            for each in line.candidates
            if each.item_code == code
        )

    return answer


class Company:
    """A tenant with a catalogue of its own, and whatever advisers it enables."""

    names = (
        ("STK-1", "ÇİZGİLİ DEFTER A4 100 YAPRAK"),
        ("STK-2", "KARELİ DEFTER A4 100 YAPRAK"),
        ("STK-3", "ÇİZGİLİ DEFTER A5 60 YAPRAK"),
        ("STK-4", "KURŞUN KALEM 2B 12 Lİ"),
    )

    def __init__(self, engine, *plugins):
        self.store = engine.store
        loaded = [examine(each.manifest.name, "test", each) for each in plugins]
        registry = Registry([*engine.env.registry.report, *loaded])
        self.env = replace(engine.env, registry=registry, bench=Bench())
        self.id = engine.store.add_tenant(f"a-{uuid4().hex[:12]}")
        self.enable(*(each.manifest.name for each in plugins))
        rows = [ItemRow(uuid4(), code, name, "goods", "C62", Decimal(20)) for code, name in self.names]
        with self.store.tenant(self.id) as uow:
            uow.items.upsert(rows)
            items = uow.items.recent()
        self.ids = {row.code: str(row.id) for row in items}
        catalogue = [CatalogueItem(str(row.id), row.code, row.name) for row in items]
        self.matcher = Matcher(Index.of(build(catalogue)))

    def enable(self, *names):
        for name in names:
            self.store.allow(name)
            with self.store.tenant(self.id) as uow:
                uow.settings.enable(name)
        self.env.cache._held.clear()

    def disable(self, name):
        with self.store.tenant(self.id) as uow:
            uow.settings.disable(name)
        self.env.cache._held.clear()

    @property
    def work(self):
        return Work(self.env, self.id, {}, Lease(None), actor="test")

    def ask(self, *texts, **options):
        lines = [Line(str(n), each) if isinstance(each, str) else each for n, each in enumerate(texts)]
        return advise(self.work, self.matcher, lines, **options)

    def past(self, code, times=3, **fields):
        names = dict(self.names)
        return [
            PastLine("Eski ad", self.ids[code], code, names[code], NOW - timedelta(days=n), **fields)
            for n in range(times)
        ]

    def actions(self, name):
        with self.store.tenant(self.id) as uow:
            return [event.action for event in uow.events.of_subjects([name])]


UNSURE = "DEFTER CIZGILI A4 OKUL"


def test_without_advisers_the_matcher_alone_decides(engine):
    company = Company(engine)
    lines = [Line("0", UNSURE)]
    assert advise(company.work, company.matcher, lines) == company.matcher.match(lines)


def test_an_adviser_sees_the_line_its_candidates_and_the_past(engine):
    adviser = Adviser()
    company = Company(engine, adviser)
    facts = {"L": Facts(Decimal(3), Decimal("12.50"), "TRY")}
    company.ask(
        Line("L", UNSURE, seller_code="S-9", unit="ADET"),
        partner="tax:1234567890",
        facts=facts,
        past=lambda: company.past("STK-1"),
    )
    ((ctx, batch),) = adviser.asked
    (line,) = batch.lines
    assert (batch.partner, len(batch.past)) == ("tax:1234567890", 3)
    assert (line.id, line.text, line.seller_code, line.unit) == ("L", UNSURE, "S-9", "ADET")
    assert (line.quantity, line.price) == (Decimal(3), Decimal("12.50"))
    assert line.candidates[0].item_code == "STK-1"
    assert ctx.dry_run and 0 < ctx.remaining() <= advising.DEADLINE


def test_the_past_is_read_only_when_somebody_wants_it(engine):
    reads = []

    def read():
        reads.append("read")
        return ()

    Company(engine).ask(UNSURE, past=read)
    Company(engine, Adviser()).ask(Line("0", "", tried=False), past=read)
    assert reads == []
    Company(engine, Adviser()).ask(UNSURE, past=read)
    assert reads == ["read"]


def test_advice_is_taken_in_and_named_in_the_version(engine):
    company = Company(engine, Adviser(answer=favouring("STK-1", 0.9)))
    (alone,) = company.matcher.match([Line("0", UNSURE)])
    (found,) = company.ask(UNSURE)
    assert found.best.score > alone.best.score
    assert found.version == f"{alone.version}+counsel-3"
    assert WHY.tr in found.best.reasons.text.tr


def test_advice_never_settles_a_line_against_its_size(engine):
    company = Company(engine, Adviser(answer=favouring("STK-3", 1.0)))
    (found,) = company.ask("ÇİZGİLİ DEFTER A5 80 YAPRAK")
    assert found.state is not State.RESOLVED
    assert next(each for each in found.suggestions if each.item_code == "STK-3").gates


def test_candidates_that_contradict_the_line_are_shown_as_closed(engine):
    adviser = Adviser()
    Company(engine, adviser).ask("KURŞUN KALEM 2B 24 LÜ")
    ((_, batch),) = adviser.asked
    assert [each.closed for each in batch.lines[0].candidates if each.item_code == "STK-4"] == [True]


def test_what_a_person_rejected_is_not_brought_back(engine):
    adviser = Adviser(answer=lambda ctx, batch: (LineAdvice("0", batch.past[0].item_id, 1.0, WHY),))
    company = Company(engine, adviser)
    rejected = Memory(rejected=frozenset({(text_key("tuhaf"), company.ids["STK-2"])}))
    (found,) = company.ask("tuhaf", past=lambda: company.past("STK-2"), memory=rejected)
    assert found.suggestions == ()
    (found,) = company.ask("tuhaf", past=lambda: company.past("STK-2"))
    assert (found.best.item_code, found.state) == ("STK-2", State.SUGGESTED)


def test_suggestions_keep_to_the_limit(engine):
    company = Company(engine, Adviser(answer=favouring("STK-2", 0.4)))
    (found,) = company.ask("DEFTER", limit=1)
    assert len(found.suggestions) == 1


def test_many_lines_are_asked_in_batches(engine, monkeypatch):
    monkeypatch.setattr(advising, "BATCH", 2)
    adviser = Adviser(answer=favouring("STK-1", 0.9))
    found = Company(engine, adviser).ask(*[UNSURE] * 5)
    assert [len(batch.lines) for _, batch in adviser.asked] == [2, 2, 1]
    assert len({each.best.score for each in found}) == 1
    assert [each.line_id for each in found] == list("01234")


# Who is asked


def test_only_the_tenants_own_advisers_are_asked(engine):
    adviser = Adviser(answer=favouring("STK-1", 0.9))
    company = Company(engine, adviser)
    company.disable("counsel")
    company.ask(UNSURE)
    assert adviser.asked == []
    company.enable("counsel")
    company.ask(UNSURE)
    assert len(adviser.asked) == 1


def test_the_order_of_advisers_does_not_matter(engine):
    pair = Adviser("alpha", favouring("STK-1", 0.3)), Adviser("omega", favouring("STK-2", 0.4))
    one, other = Company(engine, *pair), Company(engine, *pair[::-1])

    def shape(company):
        (found,) = company.ask(UNSURE)
        return found.state, found.version, [(each.item_code, each.score) for each in found.suggestions]

    assert shape(one) == shape(other)


# Bad ones


def spoil(ctx, batch):
    raise RuntimeError("broken")


def leave(ctx, batch):
    raise SystemExit(1)


def of_nobody(ctx, batch):
    return (LineAdvice("0", "an item of nobody", 1.0, WHY),)


def beyond(ctx, batch):
    return tuple(LineAdvice("0", each.item_id, float("nan"), WHY) for each in batch.lines[0].candidates)


def twice(ctx, batch):
    return favouring("STK-1", 0.5)(ctx, batch) * 2


BAD = [spoil, leave, of_nobody, beyond, twice, lambda ctx, batch: None, lambda ctx, batch: [1]]


@pytest.mark.parametrize("answer", BAD)
def test_a_failing_adviser_loses_only_its_own_advice(engine, answer):
    company = Company(engine, Adviser("bad", answer), Adviser("good", favouring("STK-1", 0.9)))
    (found,) = company.ask(UNSURE)
    assert found.version.endswith("+good-3")
    assert company.actions("bad") == ["adviser.failed"]
    assert company.actions("good") == []


def test_a_slow_adviser_loses_its_advice_and_holds_nobody_up(engine, monkeypatch):
    monkeypatch.setattr(advising, "DEADLINE", 0.1)
    gate = threading.Event()
    slow = Adviser("slow", lambda ctx, batch: (gate.wait(30), ())[1])
    company = Company(engine, slow, Adviser("swift", favouring("STK-1", 0.9)))
    try:
        (found,) = company.ask(UNSURE)
        assert found.version.endswith("+swift-3")
        assert company.actions("slow") == ["adviser.late"]
        company.ask(UNSURE)
        assert len(slow.asked) == 1, "its late call still runs"
    finally:
        gate.set()


def test_three_misses_bench_an_adviser_for_this_tenant_alone(engine):
    bad = Adviser("bad", spoil)
    company = Company(engine, bad)
    for _ in range(LIMIT + 2):
        company.ask(UNSURE)
    assert len(bad.asked) == LIMIT
    assert company.actions("bad") == ["adviser.failed"] * LIMIT + ["adviser.benched"]
    other = Company(engine, bad)
    shared = replace(other.work, env=replace(other.env, bench=company.env.bench))
    advise(shared, other.matcher, [Line("0", UNSURE)])
    assert len(bad.asked) == LIMIT + 1


def test_a_dry_run_leaves_no_trace(engine):
    company = Company(engine, Adviser("bad", spoil))
    advise(replace(company.work, dry_run=True), company.matcher, [Line("0", UNSURE)])
    assert company.actions("bad") == []
