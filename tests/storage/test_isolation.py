"""Two walls between tenants: every repository names its tenant, and row-level security holds without that."""

import uuid
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound, ProgrammingError
from sqlalchemy.sql import visitors

from kopru.documents import Gaps
from kopru.flows.buyerrows import BuyerItemRow, BuyerRow
from kopru.flows.linerows import Chosen, DraftItem, LineRow, LineSource, RuleKind, RuleRow, StepRow
from kopru.flows.proofs import (
    Area,
    Backfill,
    BackfillState,
    CheckState,
    Drift,
    DriftCheck,
    OrderCheck,
)
from kopru.flows.records import (
    ConnectionState,
    EffectState,
    NewJob,
    OrderState,
    Price,
    PushRow,
    Reason,
    StreamRow,
    new_effect,
)
from kopru.flows.windows import Place
from kopru.hooks.types import Echo, Operation, Raw, Record
from kopru.matching.api import Reasons, State, Suggestion, Via
from kopru.model import (
    ExternalRef,
    IncomingInvoice,
    Party,
    PartyCard,
    PartyKind,
    Recipient,
    Rendered,
    TaxId,
    TaxScheme,
    Text,
)
from kopru.storage import access, tables
from kopru.storage.repos.base import Repo
from kopru.storage.store import Store, Uow, make_engine
from kopru.storage.tables import TENANT_TABLES, metadata
from kopru.transport.errors import LeaseLost
from kopru.transport.ports import Exchange

ENGINE_ONLY = {"worker", "rate_window", "allowed_plugin", "instance"}
UNPROTECTED = {"alembic_version"}
REASON = Reason("some.reason", Text(tr="Neden", en="Reason"))
PRICE = Price(Decimal("9.90"), Decimal("12.90"))
REPOS = (
    *("jobs", "payloads", "orders", "returns", "items", "partners", "stock", "streams", "settings"),
    "prices",
    *("documents", "effects", "archive", "events", "connections", "proofs", "drifts", "backfills", "gates"),
    "buyers",
    *("catalogue", "lines", "rules"),
)


# What the catalogue says


def test_every_table_is_protected_or_on_the_list(superuser):
    with superuser() as db:
        tables = db.execute(
            sa.text(
                "select relname, relrowsecurity and relforcerowsecurity, array(select polname::text from"
                " pg_policy where polrelid = pg_class.oid and"
                " polroles = array['kopru_tenant'::regrole::oid] and polcmd = '*') from pg_class"
                " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'm', 'v', 'f')"
            )
        ).all()
    assert {name for name, forced, _ in tables if not forced} == UNPROTECTED
    assert {name for name, _, policies in tables if not policies} == UNPROTECTED | ENGINE_ONLY
    assert {name for name, _, policies in tables if policies == ["tenant_rows"]} == (
        set(metadata.tables) - ENGINE_ONLY
    )


def test_every_policy_compares_the_tenant(superuser):
    own = "(tenant_id = (NULLIF(current_setting('kopru.tenant'::text, true), ''::text))::uuid)"
    with superuser() as db:
        policies = db.execute(
            sa.text("select tablename, qual, with_check from pg_policies where policyname = 'tenant_rows'")
        ).all()
    assert {table for table, *_ in policies} >= {table.name for table in TENANT_TABLES}
    for table, seen, written in policies:
        expected = own.replace("tenant_id", "id") if table == "tenant" else own
        assert (seen, written) == (expected, expected), table


def test_nobody_else_has_any_right(superuser):
    """Neither PUBLIC nor another role was granted anything on a table."""
    with superuser() as db:
        grantees = db.execute(
            sa.text(
                "select distinct grantee from information_schema.role_table_grants"
                " where table_schema = 'public'"
            )
        ).scalars()
        assert set(grantees) == {access.OWNER, access.TENANT, access.ENGINE}


# Every method of every repository


class Recorder:
    """A unit of work that notes which methods were called."""

    def __init__(self, uow, called):
        self.uow, self.called = uow, called

    def __getattr__(self, name):
        repo = getattr(self.uow, name)
        if name not in REPOS:
            return repo
        return Recorded(repo, name, self.called)


class Recorded:
    def __init__(self, repo, name, called):
        self.repo, self.name, self.called = repo, name, called

    def __getattr__(self, name):
        self.called.add(f"{self.name}.{name}")
        return getattr(self.repo, name)


def every_method(desk):
    with desk.open() as uow:
        return {
            f"{name}.{method}"
            for name in REPOS
            for method in dir(getattr(uow, name))
            if not method.startswith("_")
            and method not in {"db", "tenant_id", "added", "of", "run", "one", "all", "flush"}
        }


def run_without_tenant(repo, statement, **values):
    """Run a statement that was built once, without its condition on the tenant."""

    def drop(element, **_):
        named = getattr(getattr(element, "right", None), "key", "") == "of_tenant"
        return sa.true() if named else None

    return repo.db.execute(visitors.replacement_traverse(statement, {}, drop), values)


@contextmanager
def one_wall(desk, wall, monkeypatch, called):
    """Open a unit of work behind only one of the two walls."""
    with desk.store._engine.begin() as db:
        db.execute(sa.text("select set_config('kopru.tenant', :id, true)"), {"id": str(desk.id)})
        if wall != "repositories":
            db.execute(sa.text("set local role kopru_tenant"))
        uow = Uow(db, desk.id, desk.make.now, lambda: desk.store._envelope(db, desk.id))
        with monkeypatch.context() as patch:
            if wall == "row-level security":
                patch.setattr(Repo, "of", lambda self, table: sa.true())
                patch.setattr(Repo, "run", run_without_tenant)
            yield Recorder(uow, called)
            uow.flush()


class Use:
    """Uses every method of every repository, always with the same external names."""

    def __init__(self, make, open_):
        self.make, self.open = make, open_

    def fill(self):
        """Write everything once and return the ids."""
        make, ids = self.make, {}
        shop = make.connection("second shop", state=ConnectionState.DRAFT)
        ids["shop"] = shop.id
        with self.open() as uow:
            uow.connections.save(shop)
            uow.connections.set_state(shop.id, ConnectionState.ACTIVE)
            uow.connections.put_secrets(shop.id, {"token": "tok"})
            uow.connections.claim_refresh(shop.id, 60)
            uow.connections.seen_webhook(shop.id, "W1", "order", "P1")
            uow.streams.save(shop.id, "fetch_orders", StreamRow(cursor="c1"))
            uow.settings.store("x = 1")
            uow.settings.enable("trendyol")
            uow.settings.enable("logo")
            uow.settings.disable("logo")
            uow.jobs.add(NewJob("a.job", {}, "key", connection_id=shop.id, plugin="trendyol"))
            uow.jobs.set_schedules(shop.id, [("a.job", {}, 60, None)])
            ids["schedule"] = uow.jobs.schedules()[0]
            uow.jobs.change_schedule(ids["schedule"])
            uow.gates.limit(shop.id, 2)
            ids["job"] = uow.jobs.recent()[0].id
        with self.open() as uow:
            records = [make.record("P1"), make.record("P2")]
            raws = [(each.external_id, each.raw) for each in records]
            payloads = uow.payloads.put(shop.id, "order", raws)
            ids["payload"] = payloads[0]
            ids["order"] = uow.orders.take(shop.id, records, payloads, make.now)[0].id
            uow.orders.set_state(ids["order"], OrderState.PARKED, Reason("matching.x", REASON.text))
            back = make.returned()
            payload = uow.payloads.put(shop.id, "return", [(back.external_id, back.raw)])
            uow.returns.take(shop.id, [back], payload)
            arrived = incoming(make)
            payload = uow.payloads.put(shop.id, "inbox", [(arrived.external_id, arrived.raw)])
            uow.partners.receive(shop.id, [arrived], payload)
            uow.partners.bind(shop.id, "party", "key", "120.1")
            uow.partners.remember(recipient())
            uow.partners.see_cards(shop.id, [card("C1"), card("C2"), card("C3", "1234567890")])
            uow.partners.bind_cards(shop.id)
            uow.partners.bind(shop.id, "party", "gone", "120.2")
            uow.partners.unbind(shop.id, "party", "120.2")
            uow.partners.drop_card(shop.id, "120.C3")
            uow.items.upsert([make.item("STK-1", barcodes=("869",))], shop.id)
            ids["item"] = uow.items.by_code("STK-1").id
            uow.items.link(shop.id, "sku:X", ids["item"], "test")
        with self.open() as uow:
            uow.stock.set_levels(shop.id, [make.level("STK-1", "5")])
            uow.stock.see_products(shop.id, [make.product(each) for each in ("X1", "X2", "X3", "X4", "X5")])
            uow.stock.want(shop.id, {"X1": 5, "X2": 6, "X3": 7, "X4": 8, "X5": 9})
            due = uow.stock.due(shop.id, 2)
            uow.stock.sent(shop.id, due, None)
            uow.stock.name_batch(shop.id, due[:1], "B1")
            uow.stock.pushed(shop.id, "X2", 1)
            uow.stock.refused(shop.id, "X3", REASON)
            uow.stock.unsend(shop.id, ["X3"])
            last = [each for each in uow.stock.due(shop.id, 10) if each.external_id == "X5"]
            uow.stock.sent(shop.id, last, None)
            uow.prices.know({"STK-1": PRICE})
            uow.prices.want(shop.id, dict.fromkeys(("X1", "X2", "X3", "X4", "X5"), PRICE))
            due = uow.prices.due(shop.id, 2)
            uow.prices.sent(shop.id, due, None)
            uow.prices.name_batch(shop.id, due[:1], "B1")
            uow.prices.pushed(shop.id, "X2", 1)
            uow.prices.refused(shop.id, "X3", REASON)
            uow.prices.unsend(shop.id, ["X3"])
            last = [each for each in uow.prices.due(shop.id, 10) if each.external_id == "X5"]
            uow.prices.sent(shop.id, last, None)
        with self.open() as uow:
            row = make.document(ids["order"], key="document")
            row = type(row)(**{**fields(row), "channel_id": shop.id, "stages": {"book": "manual"}})
            ids["document"] = row.id
            uow.documents.add(row)
            sequence, day = uow.documents.allot(row.id, "AAA", 2026, row.issue_date)
            assert (sequence, day) == (1, row.issue_date)
            ids["adopted"] = uuid.uuid5(row.id, "adopted")
            assert uow.documents.adopt(ids["adopted"], "AAA", 2026, 7, row.issue_date)
            mine = tables.tenant.c.id == uow.tenant_id
            uow.db.execute(sa.update(tables.tenant).where(mine).values(restored_at=make.now))
            uow.documents.set_number(row.id, "AAA2026000000001", row.invoice)
            ids["xml"] = uow.archive.put(Rendered(content=b"<a/>", filename="a.xml"))
            uow.documents.set_xml(row.id, ids["xml"])
            uow.documents.set_pdf(row.id, ids["xml"])
            uow.documents.replace_content(row)
            uow.documents.accept_version(row.id, 2)
            uow.documents.set_remote(row.id, "pending", "1", "t", follow_at=make.now, issued=True)
            uow.documents.follow_at(row.id, make.now)
            uow.documents.set_reason(row.id, REASON)
            planned = new_effect("effect", Operation.POST_INVOICE, shop.id, document_id=row.id)
            ids["effect"] = uow.effects.plan(planned).id
            uow.effects.sending(ids["effect"], "hash")
            uow.effects.looked_up(ids["effect"])
            uow.effects.turn(ids["effect"], EffectState.UNCERTAIN, REASON)
            uow.effects.plan(new_effect("entered", Operation.POST_ORDER, shop.id, order_id=ids["order"]))
            uow.events.add("test", "order", ids["order"], "order.done")
            uow.events.add_many("test", "order", "order.seen", [(ids["order"], {})])
            uow.events.exchange(exchange(make, shop.id))
        with self.open() as uow:
            left_out = uow.orders.find("N-P2")[0].id
            uow.orders.set_state(left_out, OrderState.EXCLUDED, REASON)
            uow.proofs.save(counted(make, shop.id))
            uow.proofs.note(shop.id, DAY, ["P9"])
            uow.proofs.forget(shop.id, DAY + timedelta(days=1))
            uow.proofs.recovered(shop.id, DAY)
            uow.drifts.find(differing(shop.id, ids["document"]))
            uow.drifts.resolve(shop.id, Area.DOCUMENTS, DAY, ["S"])
            uow.drifts.checked(compared(make, shop.id))
            uow.drifts.push_again(shop.id, ["X4"])
            read = past(make, shop.id, BackfillState.DONE)
            uow.backfills.add(read)
            uow.backfills.save(read)
            running = past(make, shop.id, BackfillState.RUNNING)
            ids["backfill"] = running.id
            uow.backfills.add(running)
            uow.backfills.move_start(shop.id, make.now - timedelta(days=9))
        with self.open() as uow:
            uow.buyers.save(BuyerRow(BUYER, "Buyer", Gaps.BLOCK), "test")
            uow.buyers.put(BUYER, [BuyerItemRow("STK-1", "700123", "THEIR NAME")], "test")
            record = make.record("P7", buyer=company())
            payload = uow.payloads.put(shop.id, "order", [(record.external_id, record.raw)])
            bought = uow.orders.take(shop.id, [record], payload, make.now)[0].id
            invoice = make.invoice(uuid.uuid4()).model_copy(update={"buyer": company()})
            uow.documents.add(make.document(bought, key="bought", invoice=invoice))
        self.teach(ids)
        return ids

    def teach(self, ids):
        """Map lines, and write down all that comes of it."""
        with self.open() as uow:
            made = taught(ids["item"])
            ids["rule"], ids["off"] = made.id, uuid.uuid4()
            uow.rules.add(made)
            uow.rules.add(replace(made, id=ids["off"], key="k2"))
            uow.rules.switch([ids["off"]], on=False, actor="test")
            uow.rules.hit({made.id: 2})
            uow.rules.corrected(made.id)
            uow.rules.reject("P", "kalem", [ids["item"]], "test")
            for _ in range(2):
                uow.rules.saw_words("P", {"dft": "defter"})
            uow.catalogue.set_alias(ids["item"], "Mavi Defter", "test")
            uow.catalogue.set_threshold(0.9)
            row = seen(ids["item"])
            ids["line"] = row.id
            other = replace(row, id=uuid.uuid4(), source_line="2")
            uow.lines.see([row, other], ids["order"])
            uow.lines.update([replace(other, state=State.RESOLVED, item_id=ids["item"], alone=True)])
            decided = {"item_id": ids["item"], "rule_id": made.id, "alone": True}
            uow.lines.update([replace(row, state=State.RESOLVED, **decided)])
            uow.lines.correct(row.id)
            ids["draft"] = uuid.uuid4()
            uow.lines.draft(DraftItem(ids["draft"], row.id, "YENI-1", "Yeni", made_by="test"))
            ids["step"] = uuid.uuid4()
            uow.lines.step(StepRow(ids["step"], "confirm", "test", {}))

    def read(self, ids):
        """Return what every reading method says."""
        shop = ids["shop"]
        questions = {
            "connections.every": lambda uow: [row.name for row in uow.connections.every()],
            "gates.every": lambda uow: uow.gates.every(),
            "jobs.schedules": lambda uow: uow.jobs.schedules(),
            "connections.get": lambda uow: uow.connections.get(shop),
            "connections.by_name": lambda uow: uow.connections.by_name("second shop"),
            "connections.secrets": lambda uow: uow.connections.secrets(shop),
            "streams.get": lambda uow: uow.streams.get(shop, "fetch_orders"),
            "settings.text": lambda uow: uow.settings.text(),
            "settings.restored_at": lambda uow: uow.settings.restored_at(),
            "documents.is_adopted": lambda uow: uow.documents.is_adopted(ids["adopted"]),
            "events.latest": lambda uow: uow.events.latest(),
            "settings.enabled": lambda uow: uow.settings.enabled(),
            "payloads.get": lambda uow: uow.payloads.get(ids["payload"]),
            "orders.get": lambda uow: uow.orders.get(ids["order"], lock=True),
            "orders.find": lambda uow: uow.orders.find("N-P1"),
            "orders.recent": lambda uow: uow.orders.recent(),
            "orders.counts": lambda uow: uow.orders.counts(),
            "orders.version": lambda uow: uow.orders.version(ids["order"], 1),
            "orders.waiting": lambda uow: uow.orders.waiting_for_lines(),
            "items.recent": lambda uow: uow.items.recent(search="defter"),
            "items.by_code": lambda uow: uow.items.by_code("STK-1"),
            "items.candidates": lambda uow: uow.items.candidates(
                shop, codes=["STK-1"], barcodes=["869"], links=["sku:X"]
            ),
            "partners.binding": lambda uow: uow.partners.binding(shop, "party", "key"),
            "partners.recipient": lambda uow: uow.partners.recipient("1234567890", timedelta(hours=1)),
            "partners.cards": lambda uow: [each.code for each in uow.partners.cards(shop, search="120")],
            "partners.shared_numbers": lambda uow: uow.partners.shared_numbers(shop),
            "prices.known": lambda uow: uow.prices.known(),
            "prices.offered": lambda uow: uow.prices.offered(shop),
            "prices.wanted": lambda uow: uow.prices.wanted(shop),
            "prices.due": lambda uow: uow.prices.due(shop, 10),
            "prices.batches": lambda uow: uow.prices.batches(shop),
            "prices.in_doubt": lambda uow: uow.prices.in_doubt(shop),
            "documents.left_by_hand": lambda uow: uow.documents.left_by_hand(),
            "effects.of_order": lambda uow: uow.effects.of_order(ids["order"]),
            "effects.unanswered": lambda uow: uow.effects.unanswered(),
            "orders.entered": lambda uow: uow.orders.entered(shop),
            "stock.on_hand": lambda uow: uow.stock.on_hand(shop, []),
            "stock.products": lambda uow: sorted(uow.stock.products(shop)),
            "stock.reserved": lambda uow: uow.stock.reserved(),
            "stock.due": lambda uow: uow.stock.due(shop, 10),
            "stock.batches": lambda uow: uow.stock.batches(shop),
            "stock.in_doubt": lambda uow: uow.stock.in_doubt(shop),
            "documents.get": lambda uow: uow.documents.get(ids["document"], lock=True),
            "documents.of_order": lambda uow: uow.documents.of_order(ids["order"]),
            "documents.find": lambda uow: uow.documents.find("AAA2026000000001"),
            "documents.recent": lambda uow: uow.documents.recent(),
            "documents.to_follow": lambda uow: uow.documents.to_follow(shop, self.make.now, 9),
            "documents.next_follow": lambda uow: uow.documents.next_follow(shop),
            "documents.numbers": lambda uow: uow.documents.numbers(),
            "documents.last_number": lambda uow: uow.documents.last_number("AAA", 2026),
            "effects.get": lambda uow: uow.effects.get(ids["effect"], lock=True),
            "effects.by_key": lambda uow: uow.effects.by_key("effect", lock=True),
            "effects.of_document": lambda uow: uow.effects.of_document(ids["document"]),
            "effects.open": lambda uow: uow.effects.open(),
            "archive.get": lambda uow: uow.archive.get(ids["xml"]),
            "events.of_subjects": lambda uow: uow.events.of_subjects([ids["order"]]),
            "events.exchanges": lambda uow: uow.events.exchanges(shop, 10),
            "orders.undecided": lambda uow: uow.orders.undecided(),
            "jobs.recent": lambda uow: uow.jobs.recent(),
            "jobs.get": lambda uow: uow.jobs.get(ids["job"]),
            "jobs.counts": lambda uow: uow.jobs.counts(),
            "proofs.get": lambda uow: uow.proofs.get(shop, DAY),
            "proofs.recent": lambda uow: uow.proofs.recent(),
            "proofs.latest": lambda uow: uow.proofs.latest(),
            "proofs.held": lambda uow: uow.proofs.held(shop, ["P1"]),
            "proofs.unlisted": lambda uow: uow.proofs.unlisted(shop, DAY, LONG_AGO, FAR_AHEAD, 9),
            "proofs.excluded_before": lambda uow: uow.proofs.excluded_before(shop, REASON.code, LONG_AGO),
            "proofs.chosen": lambda uow: uow.proofs.chosen(
                connection_id=None, state=None, since=None, until=None, limit=9
            ),
            "drifts.writes": lambda uow: uow.drifts.writes(
                shop, [Operation.POST_INVOICE], LONG_AGO.date(), FAR_AHEAD.date()
            ),
            "drifts.series": lambda uow: uow.drifts.series(),
            "drifts.pushed": lambda uow: uow.drifts.pushed(shop),
            "drifts.open": lambda uow: uow.drifts.open(Area.DOCUMENTS),
            "drifts.checks": lambda uow: uow.drifts.checks(Area.DOCUMENTS),
            "backfills.get": lambda uow: uow.backfills.get(ids["backfill"], lock=True),
            "backfills.under_way": lambda uow: uow.backfills.under_way(shop, lock=True),
            "backfills.recent": lambda uow: uow.backfills.recent(),
            "backfills.covered_since": lambda uow: uow.backfills.covered_since(shop),
            "catalogue.version": lambda uow: uow.catalogue.version() > 0,
            "catalogue.size": lambda uow: uow.catalogue.size(),
            "catalogue.page": lambda uow: uow.catalogue.page(None, 9),
            "catalogue.since": lambda uow: uow.catalogue.since(0),
            "catalogue.items": lambda uow: uow.catalogue.items([ids["item"]]),
            "rules.get": lambda uow: uow.rules.get(ids["rule"]),
            "rules.find": lambda uow: uow.rules.find(str(ids["rule"])[:8]),
            "rules.recent": lambda uow: uow.rules.recent(disabled=True),
            "rules.for_lines": lambda uow: uow.rules.for_lines(["P"], ["k1", "k2"]),
            "rules.same": lambda uow: uow.rules.same(taught(ids["item"])),
            "rules.taught": lambda uow: uow.rules.taught("P"),
            "lines.get": lambda uow: uow.lines.get(ids["line"], lock=True),
            "lines.find": lambda uow: uow.lines.find(str(ids["line"])[:8]),
            "lines.of_source": lambda uow: uow.lines.of_source(LineSource.ORDER, "ref"),
            "lines.chosen": lambda uow: uow.lines.chosen(Chosen(partner="P")),
            "lines.counts": lambda uow: uow.lines.counts(),
            "lines.reached": lambda uow: uow.lines.reached(taught(ids["item"])),
            "lines.past": lambda uow: uow.lines.past("P", 9),
            "lines.unit_prices": lambda uow: uow.lines.unit_prices(ids["item"], "P", "TRY"),
            "lines.decisions": lambda uow: uow.lines.decisions(),
            "lines.drafts": lambda uow: uow.lines.drafts(),
            "lines.steps": lambda uow: uow.lines.steps(),
            "buyers.settings": lambda uow: uow.buyers.settings(),
            "buyers.every": lambda uow: uow.buyers.every(),
            "buyers.get": lambda uow: uow.buyers.get(BUYER),
            "buyers.named": lambda uow: uow.buyers.named(BUYER, ["stk-1"]),
            "buyers.items": lambda uow: uow.buyers.items(BUYER, withdrawn=True),
            "buyers.own_codes": lambda uow: uow.buyers.own_codes(["stk-1"]),
            "buyers.barcoded": lambda uow: uow.buyers.barcoded(["869"]),
            "buyers.sold": lambda uow: uow.buyers.sold(BUYER, LONG_AGO),
            "buyers.waiting": lambda uow: uow.buyers.waiting(BUYER),
        }
        return {name: self._ask(question) for name, question in questions.items()}

    def _ask(self, question):
        with self.open() as uow:
            try:
                return question(uow)
            except NoResultFound:
                return None

    def touch(self, ids):
        """Call every method that changes something by its id."""
        shop, make = ids["shop"], self.make
        push = PushRow("X1", "", "", 0, 9, 0, 0, None)
        price = replace(push, desired=PRICE)
        deeds = [
            lambda uow: uow.connections.set_state(shop, ConnectionState.PAUSED),
            lambda uow: uow.connections.put_secrets(shop, {"token": "stolen"}),
            lambda uow: uow.connections.claim_refresh(shop, 999),
            lambda uow: uow.connections.release_refresh(shop),
            lambda uow: uow.connections.seen_webhook(shop, "W2", "order", "P1"),
            lambda uow: uow.connections.save(make.connection("stolen", id=shop)),
            lambda uow: uow.streams.save(shop, "fetch_orders", StreamRow(cursor="stolen")),
            lambda uow: uow.payloads.put(shop, "order", [("P1", Raw(b"stolen"))]),
            lambda uow: uow.orders.set_state(ids["order"], OrderState.DONE),
            lambda uow: uow.orders.take(shop, [make.record("P1", "2", 9)], [ids["payload"]], make.now),
            lambda uow: uow.returns.take(shop, [make.returned("R1", "2")], [ids["payload"]]),
            lambda uow: uow.partners.bind(shop, "party", "other", "120.9"),
            lambda uow: uow.partners.unbind(shop, "party", "120.1"),
            lambda uow: uow.partners.see_cards(shop, [card("C1", "stolen")]),
            lambda uow: uow.partners.drop_card(shop, "120.C1"),
            lambda uow: uow.partners.bind_cards(shop),
            lambda uow: uow.prices.know({"STK-1": replace(PRICE, currency="USD")}),
            lambda uow: uow.prices.want(shop, {"X1": replace(PRICE, currency="USD")}),
            lambda uow: uow.prices.sent(shop, [price], "B9"),
            lambda uow: uow.prices.name_batch(shop, [price], "B9"),
            lambda uow: uow.prices.pushed(shop, "X1", 9),
            lambda uow: uow.prices.refused(shop, "X1", REASON),
            lambda uow: uow.prices.unsend(shop, ["X2"]),
            lambda uow: uow.partners.receive(shop, [incoming(make)], [ids["payload"]]),
            lambda uow: uow.items.link(shop, "sku:X", uuid.uuid4(), "thief"),
            lambda uow: uow.items.upsert([make.item("STK-9")], shop),
            lambda uow: uow.stock.set_levels(shop, [make.level("STK-1", "0", minutes=9)]),
            lambda uow: uow.stock.see_products(shop, [make.product("X1", sku="stolen")]),
            lambda uow: uow.stock.want(shop, {"X1": 0}),
            lambda uow: uow.stock.sent(shop, [push], "B9"),
            lambda uow: uow.stock.name_batch(shop, [push], "B9"),
            lambda uow: uow.stock.pushed(shop, "X1", 9),
            lambda uow: uow.stock.refused(shop, "X1", REASON),
            lambda uow: uow.stock.unsend(shop, ["X2"]),
            lambda uow: uow.documents.add(make.document(ids["order"])),
            lambda uow: uow.documents.allot(ids["document"], "AAA", 2026, make.now.date()),
            lambda uow: uow.documents.adopt(ids["adopted"], "ZZZ", 2026, 9, make.now.date()),
            lambda uow: uow.settings.settle_restore(),
            lambda uow: uow.documents.set_number(
                ids["document"], "AAA2026000000009", make.invoice(ids["document"])
            ),
            lambda uow: uow.documents.set_xml(ids["document"], "stolen"),
            lambda uow: uow.documents.set_pdf(ids["document"], "stolen"),
            lambda uow: uow.documents.accept_version(ids["document"], 9),
            lambda uow: uow.documents.set_remote(
                ids["document"], "done", "9", "x", follow_at=None, issued=True
            ),
            lambda uow: uow.documents.follow_at(ids["document"], None),
            lambda uow: uow.documents.set_reason(ids["document"], None),
            lambda uow: uow.documents.void(ids["document"], REASON),
            lambda uow: uow.effects.plan(new_effect("other", Operation.POST_INVOICE, shop)),
            lambda uow: uow.effects.sending(ids["effect"], "stolen"),
            lambda uow: uow.effects.looked_up(ids["effect"]),
            lambda uow: uow.effects.turn(ids["effect"], EffectState.PLANNED),
            lambda uow: uow.effects.settle(
                ids["effect"], EffectState.CONFIRMED, ExternalRef(kind="x", id="1"), "1", Echo()
            ),
            lambda uow: uow.events.exchange(exchange(make, shop)),
            lambda uow: uow.jobs.hold(ids["job"], 0),
            lambda uow: uow.jobs.retry(ids["job"]),
            lambda uow: uow.jobs.unpark(),
            lambda uow: uow.jobs.hurry([shop]),
            lambda uow: uow.jobs.set_schedules(shop, [("a.job", {}, 1, None)]),
            lambda uow: uow.jobs.change_schedule(ids["schedule"]),
            lambda uow: uow.gates.limit(shop, 9),
            lambda uow: uow.proofs.save(counted(make, shop, remote=99)),
            lambda uow: uow.proofs.recovered(shop, DAY),
            lambda uow: uow.proofs.note(shop, DAY, ["P1", "P2"]),
            lambda uow: uow.proofs.forget(shop, DAY),
            lambda uow: uow.drifts.find(differing(shop, ids["document"], subject="T")),
            lambda uow: uow.drifts.resolve(shop, Area.DOCUMENTS, None, []),
            lambda uow: uow.drifts.checked(compared(make, shop, ours=99)),
            lambda uow: uow.drifts.push_again(shop, ["X2"]),
            lambda uow: uow.backfills.add(past(make, shop, BackfillState.CANCELLED)),
            lambda uow: uow.backfills.save(past(make, shop, BackfillState.CANCELLED, ids["backfill"])),
            lambda uow: uow.backfills.move_start(shop, make.now),
            lambda uow: uow.buyers.save(BuyerRow(BUYER, "stolen", Gaps.IGNORE), "thief"),
            lambda uow: uow.buyers.put(BUYER, [BuyerItemRow("STK-1", "stolen")], "thief"),
            lambda uow: uow.rules.add(taught(ids["item"])),
            lambda uow: uow.rules.switch([ids["rule"]], on=False, actor="thief"),
            lambda uow: uow.rules.switch([ids["off"]], on=True, actor="thief"),
            lambda uow: uow.rules.hit({ids["rule"]: 9}),
            lambda uow: uow.rules.corrected(ids["rule"]),
            lambda uow: uow.rules.reject("P", "kalem", [ids["item"]], "thief", on=False),
            lambda uow: uow.rules.saw_words("P", {"dft": "defter"}, by=-9),
            lambda uow: uow.catalogue.set_alias(ids["item"], "Mavi Defter", "thief", on=False),
            lambda uow: uow.catalogue.set_threshold(0.1),
            lambda uow: uow.lines.see(
                [replace(seen(ids["item"]), id=ids["line"], source_ref="x", text="stolen")]
            ),
            lambda uow: uow.lines.update([replace(seen(ids["item"]), id=ids["line"])]),
            lambda uow: uow.lines.correct(ids["line"], on=False),
            lambda uow: uow.lines.draft(DraftItem(uuid.uuid4(), ids["line"], "X", "X", made_by="thief")),
            lambda uow: uow.lines.decide_draft(ids["draft"], "refused", "thief"),
            lambda uow: uow.lines.step(StepRow(ids["step"], "stolen", "thief", {})),
            lambda uow: uow.lines.undone(ids["step"], "thief"),
        ]
        for deed in deeds:
            try:
                with self.open() as uow:
                    deed(uow)
            except (IntegrityError, NoResultFound, LeaseLost, LookupError, ProgrammingError):
                continue


def fields(row):
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


BUYER = "9876543217"


def company():
    number = TaxId(scheme=TaxScheme.VKN, value=BUYER)
    return Party(kind=PartyKind.COMPANY, name="Buyer", tax_id=number)


DAY = date(2026, 3, 2)
LONG_AGO, FAR_AHEAD = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def counted(make, connection_id, remote=2):
    place = Place(make.now, make.now)
    return OrderCheck(connection_id, DAY, CheckState.DONE, place, make.now, remote, started_at=make.now)


def differing(connection_id, document_id, subject="S"):
    return Drift(connection_id, Area.DOCUMENTS, subject, DAY, REASON, document_id=document_id)


def compared(make, connection_id, ours=1):
    return DriftCheck(connection_id, Area.DOCUMENTS, DAY, ours, 1, 0, make.now)


def past(make, connection_id, state, id=None):
    place = Place(make.now, make.now)
    return Backfill(id or uuid.uuid4(), connection_id, state, make.now, place, 30, False, None, "test")


def taught(item_id):
    return RuleRow(uuid.uuid4(), "P", RuleKind.TEXT, "k1", "K1", item_id, made_by="test")


def seen(item_id):
    """A line with one suggestion, which nothing speaks against."""
    best = Suggestion(str(item_id), "STK-1", "Defter", 0.8, Via.TEXT, Reasons(), frozenset(), None, "1")
    return LineRow(
        uuid.uuid4(),
        LineSource.ORDER,
        "ref",
        "1",
        "P",
        "k1",
        price=Decimal(5),
        currency="TRY",
        state=State.SUGGESTED,
        suggestions=(best,),
    )


def incoming(make):
    value = IncomingInvoice(
        id=uuid.UUID(int=7),
        number="BBB2026000000001",
        kind="SATIS",
        profile="TEMELFATURA",
        issue_date=date(2026, 3, 2),
        sender_tax_number="1234567890",
        sender_name="Örnek",
        currency="TRY",
        payable=Decimal("1.00"),
        received_at=make.now,
    )
    return Record("I1", Raw(b"incoming"), value)


def exchange(make, connection_id):
    return Exchange(connection_id, "GET", "/", make.now, 0.1, sent=True, request_body="?")


def card(code, tax_number="9876543210"):
    value = PartyCard(
        ref=ExternalRef(kind="party", id=code),
        revision="1",
        code=f"120.{code}",
        name="Company",
        tax_number=tax_number,
    )
    return Record(code, Raw(code.encode()), value)


def recipient():
    return Recipient(tax_id=TaxId(scheme=TaxScheme.VKN, value="1234567890"), title="Örnek")


@pytest.mark.parametrize("wall", ["both", "repositories", "row-level security"])
def test_tenants_with_the_same_names_never_meet(new_desk, make, monkeypatch, wall):
    called = set()

    def use(desk):
        return Use(make, lambda: one_wall(desk, wall, monkeypatch, called))

    first, second, empty = use(new_desk()), use(new_desk()), use(new_desk())
    ids = first.fill()
    before = first.read(ids)
    nothing = empty.read({name: uuid.uuid4() for name in ids} | {"job": 0, "xml": ""})
    differing = {name for name in before if before[name] != nothing[name]}
    assert differing == set(before), "every question has something to tell two tenants apart by"

    assert second.read(ids) == nothing
    second.touch(ids)
    assert first.read(ids) == before
    second.fill()
    assert first.read(ids) == before
    assert called >= every_method(new_desk())


# Settings, roles and rights


def test_without_a_tenant_nothing_is_visible(desk, make):
    desk.order()
    with desk.store._engine.begin() as db:
        db.execute(sa.text("set local role kopru_tenant"))
        for table in metadata.sorted_tables:
            if table.name not in ENGINE_ONLY:
                assert db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0, table.name


def test_without_a_tenant_nothing_can_be_written(desk):
    with desk.store._engine.begin() as db:
        db.execute(sa.text("set local role kopru_tenant"))
        with pytest.raises(ProgrammingError, match="row-level security"):
            db.execute(
                sa.text(
                    "insert into enabled_plugin (tenant_id, plugin) values (cast(:tenant as uuid), 'logo')"
                ),
                {"tenant": str(desk.id)},
            )


@pytest.mark.parametrize("fail", [False, True], ids=["commit", "rollback"])
def test_role_and_tenant_are_gone_after_the_transaction(desk, database_url, keys, fail):
    """A pooled connection carries nothing over to whoever uses it next; one is enough for a transaction."""
    query = sa.text("select current_user, current_setting('kopru.tenant', true), pg_backend_pid()")
    engine = make_engine(database_url, pool_size=1, max_overflow=0)
    store = Store(engine, keys)
    with suppress(ZeroDivisionError), store.tenant(desk.id) as uow:
        role, tenant, backend = uow.db.execute(query).one()
        assert (role, tenant) == ("kopru_tenant", str(desk.id))
        assert uow.connections.secrets(desk.shop.id) == {}
        assert 1 / (not fail)
    with engine.begin() as db:
        role, tenant, same = db.execute(query).one()
    engine.dispose()
    assert same == backend
    assert role != "kopru_tenant"
    assert not tenant


def test_a_row_cannot_be_given_away(new_desk):
    giver, taker = new_desk(), new_desk()
    with pytest.raises(ProgrammingError, match="row-level security"), giver.open() as uow:
        uow.db.execute(sa.text("update stream set tenant_id = :taker"), {"taker": taker.id})
        uow.streams.save(giver.shop.id, "s", StreamRow())
        uow.db.execute(sa.text("update stream set tenant_id = :taker"), {"taker": taker.id})


COMPOSITE = sorted(
    (table.name, key.column_keys[1])
    for table in metadata.sorted_tables
    for key in table.foreign_key_constraints
    if len(key.column_keys) == 2
)


def test_every_reference_to_a_tenant_row_names_the_tenant():
    """A foreign key does not see row-level security, so each one carries the tenant."""
    simple = {
        (table.name, key.column_keys[0])
        for table in metadata.sorted_tables
        for key in table.foreign_key_constraints
        if len(key.column_keys) == 1
    }
    assert {column for _, column in simple} == {"tenant_id", "schedule_id"}
    ids = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.c
        if column.name.endswith("_id") and column.name not in {"tenant_id", "external_id", "subject_id"}
    }
    loose = {
        ("schedule_fire", "schedule_id"),
        ("job", "connection_id"),  # checked when the job opens it; the table is too busy for a key
        ("job", "worker_id"),
        ("event_seal", "event_id"),  # what is compared must not depend on what it is compared with
        ("adopted", "document_id"),
        ("effect", "ref_id"),
        ("webhook", "event_id"),
        ("tenant", "key_id"),
    }
    assert ids - set(COMPOSITE) == loose


@pytest.fixture(scope="module")
def two_tenants(new_desk, make):
    """Two tenants with a row in every table."""
    desks = new_desk(), new_desk()
    for desk in desks:
        Use(make, desk.open).fill()
    return desks


@pytest.mark.parametrize(("table", "column"), COMPOSITE)
def test_a_foreign_tenants_id_is_refused(two_tenants, superuser, table, column):
    """Even the owner of the cluster cannot make a row point into another tenant."""
    mine, other = two_tenants
    target = next(
        key.elements[1].column.table.name
        for key in metadata.tables[table].foreign_key_constraints
        if key.column_keys[1:] == [column]
    )
    query = sa.text(f'select id from "{target}" where tenant_id = :other limit 1')
    change = sa.text(
        f'update "{table}" set {column} = :foreign where ctid ='
        f' (select ctid from "{table}" where tenant_id = :mine limit 1)'
    )
    with superuser() as db:
        foreign = db.execute(query, {"other": other.id}).scalar_one()
        with pytest.raises(IntegrityError, match="foreign key"):
            db.execute(change, {"foreign": foreign, "mine": mine.id})
        db.rollback()


def test_the_engine_reads_only_what_it_needs(desk, superuser):
    """Jobs, schedules and how to find a tenant; nothing of what a tenant's business is."""
    with superuser() as db:
        readable = db.execute(
            sa.text(
                "select distinct table_name from information_schema.column_privileges"
                " where grantee = 'kopru_engine' and privilege_type = 'SELECT'"
            )
        ).scalars()
        readable = set(readable)
    assert readable == set(access.ENGINE_TABLES) | {"connection", "enabled_plugin", "alembic_version"}
    for statement in (
        'select * from "order"',
        "select * from document",
        "select * from payload",
        "select * from secret",
        "select * from event",
        "select config from connection",
        "update connection set state = 'paused'",
        "delete from enabled_plugin",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), desk.store.engine() as db:
            db.execute(sa.text(statement))


def test_a_tenant_transaction_changes_nothing_that_is_for_good(desk, make):
    Use(make, desk.open).fill()
    for table in access.APPEND_ONLY:
        for statement in (f'update "{table}" set tenant_id = tenant_id', f'delete from "{table}"'):
            with pytest.raises(ProgrammingError, match="permission denied"), desk.open() as uow:
                uow.db.execute(sa.text(statement))
    with desk.open() as uow:
        uow.db.execute(sa.text("update number set void_reason = 'x'"))


def test_a_tenant_transaction_deletes_only_what_may_go(superuser):
    with superuser() as db:
        deletable = db.execute(
            sa.text(
                "select table_name from information_schema.role_table_grants"
                " where grantee = 'kopru_tenant' and privilege_type in ('DELETE', 'TRUNCATE')"
            )
        ).scalars()
        assert set(deletable) == set(access.ERASABLE)


def test_a_tenant_cannot_reach_its_own_key_or_other_tenants(desk, new_desk):
    new_desk()
    with desk.open() as uow:
        assert uow.db.execute(sa.text("select id from tenant")).scalars().all() == [desk.id]
    for statement in (
        "update tenant set wrapped_key = 'x'",
        "update tenant set slug = 'x'",
        "delete from tenant",
        "select * from worker",
        "select * from instance",
        "insert into allowed_plugin (plugin) values ('x')",
    ):
        with pytest.raises(DBAPIError, match="permission denied"), desk.open() as uow:
            uow.db.execute(sa.text(statement))
