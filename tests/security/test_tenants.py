"""A company's ids are of no use to another one: not in commands, not in jobs, not with a wall taken down."""

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa
from typer.main import get_command

from kopru.cli import app
from kopru.documents import EXAMPLE_TENANT
from kopru.flows.env import Lease, Work
from kopru.flows.records import NewJob
from kopru.jobs.handlers import HANDLERS
from kopru.runtime.compose import compose
from kopru.runtime.servers import connect
from kopru.storage import access
from kopru.storage.store import make_engine

RIVAL = "rival"
NOTHING = UUID(int=0)

# Every command of a company, and how it names something: what it would be told of things it may not see.
NAMING = {
    ("connection", "check"): ("connection",),
    ("connection", "show"): ("connection",),
    ("connection", "log"): ("connection",),
    ("connection", "definitions"): ("connection",),
    ("connection", "pause"): ("connection",),
    ("connection", "limit"): ("connection", "--jobs", "2"),
    ("connection", "resume"): ("connection",),
    ("items", "create"): ("item",),
    ("lines", "pull"): ("connection",),
    ("items", "link"): ("item", "--connection", "connection", "--sku", "x"),
    ("orders", "pull"): ("--connection", "connection"),
    ("orders", "show"): ("order",),
    ("orders", "explain"): ("order",),
    ("orders", "retry"): ("order",),
    ("orders", "label"): ("order", "--out", "label.pdf"),
    ("orders", "replay"): ("order", "--from", "stored", "--yes"),
    ("documents", "show"): ("document",),
    ("documents", "xml"): ("document",),
    ("documents", "pdf"): ("document",),
    ("documents", "advance"): ("order",),
    ("documents", "return"): ("order", "--yes"),
    ("documents", "book"): ("document", "--yes"),
    ("documents", "cancelled"): ("document", "--note", "x", "--yes"),
    ("documents", "answer"): ("document", "--operation", "post_invoice", "--there", "yes"),
    ("jobs", "show"): ("job",),
    ("jobs", "retry"): ("job",),
}
NAMELESS = {
    *{
        ("audit", "verify"),
        ("tenant", "apply"),
        ("tenant", "export"),
        ("plugin", "enable"),
        ("plugin", "disable"),
    },
    *{
        ("connection", "add"),
        ("connection", "list"),
        ("items", "import"),
        ("items", "pull"),
        ("items", "list"),
    },
    *{("orders", "enter"), ("parties", "pull"), ("parties", "list"), ("prices", "push"), ("plugin", "why")},
    *{("buyers", "import"), ("lines", "import"), ("rules", "import"), ("rules", "export"), ("rules", "test")},
    *{("jobs", "run"), ("jobs", "schedule"), ("jobs", "weight")},
    *{("orders", "list"), ("documents", "list"), ("stock", "push"), ("jobs", "list"), ("payload", "preview")},
}
"""Commands that name nothing of a company, or only what they make."""

UNTOLD = {
    *{("lines", each) for each in ("show", "confirm", "reject", "park", "undo", "new", "approve")},
    ("rules", "disable"),
    ("parties", "forget"),
}
"""Commands that name lines, rules and ledger cards, which the story has none of; storage/test_isolation.py has
them."""


def company_commands(group=None, path=()):
    group = group or get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from company_commands(command, (*path, name))
        elif any(parameter.name == "tenant" for parameter in command.params):
            yield (*path, name)


@pytest.fixture(scope="module")
def rival(story):
    """A second company with the same plugins and nothing else."""
    file = story.at.folder / "rival.toml"
    file.write_text(EXAMPLE_TENANT, "utf-8")
    story.at.kopru("tenant", "add", RIVAL, ok=True)
    for plugin in ("trendyol", "nilvera", "logo", "orderfile", "ubltr"):
        story.at.kopru("plugin", "enable", plugin, "-t", RIVAL, ok=True)
    story.at.kopru("tenant", "apply", str(file), "-t", RIVAL, ok=True)
    return RIVAL


@pytest.fixture(scope="module")
def known(story):
    """Names of things that exist, but at the other company."""
    order = next(row for row in story.at.json("orders", "list") if row["number"] == "F-1")
    document = story.at.json("documents", "list")[0]
    job = next(row for row in story.at.json("jobs", "list") if row["state"] == "done")
    return {
        "connection": ["trendyol"],
        "item": [story.world.items[0].code],
        "order": [order["number"], order["external_id"], order["id"]],
        "document": [document["number"], document["ettn"]],
        "job": [str(job["id"])],
    }


@pytest.fixture
def unchanged(story):
    """Everything of the first company is afterwards as it was before, but for what its own processes do."""

    def state():
        with story.at.database() as db:
            return {
                table: db.execute(
                    f"select count(*), md5(string_agg({what}, ',' order by {what})) from \"{table}\""
                    " where tenant_id = (select id from tenant where slug = 'acme')"
                ).fetchone()
                for table, what in (
                    ("order", "id::text || version"),
                    ("document", "id::text || coalesce(number, '')"),
                    ("connection", "id::text || state"),
                    ("item_link", "key"),
                    ("secret", "md5(ciphertext) || name"),
                    ("order_version", "order_id::text || version"),
                )
            }

    story.rest()
    before = state()
    yield
    after = state()
    before.pop("secret"), after.pop("secret")  # sessions are renewed meanwhile
    assert after == before


def test_every_command_of_a_company_is_looked_at():
    found = set(company_commands())
    assert found >= set(NAMING) | NAMELESS
    unknown = {
        path
        for path in found - set(NAMING) - NAMELESS - UNTOLD
        if any(parameter.param_type_name == "argument" for parameter in command_at(path).params)
    }
    assert unknown == set(), "say how the new command names things, or that it does not"


def command_at(path):
    command = get_command(app)
    for name in path:
        command = command.commands[name]
    return command


@pytest.mark.parametrize("path", NAMING, ids=" ".join)
def test_a_foreign_name_is_an_unknown_name(story, rival, known, unchanged, path):
    """What exists elsewhere is answered as what exists nowhere."""
    kind = next(word for word in NAMING[path] if word in known)
    absent = {"job": "999999999"}.get(kind, "nothing-of-that-name")
    for name in known[kind]:
        words = [name if word == kind else known[word][0] if word in known else word for word in NAMING[path]]
        other = [absent if word == name else word for word in words]
        foreign = story.at.kopru(*path, *words, "-t", rival)
        nowhere = story.at.kopru(*path, *other, "-t", rival)
        assert foreign.exit_code == nowhere.exit_code == 1, foreign.output
        assert " ".join(foreign.output.replace(name, absent).split()) == " ".join(nowhere.output.split())


@pytest.mark.parametrize(
    "words",
    ["orders list", "documents list", "jobs list", "items list", "connection list"],
)
def test_lists_hold_nothing_of_others(story, rival, known, words):
    for row in story.at.json(*words.split(), tenant=rival):
        for names in known.values():
            assert not set(names) & {str(value) for value in row.values()}, row


# Jobs


@pytest.fixture(scope="module")
def engine(story):
    with connect(story.at.settings) as endpoints, compose(story.at.settings, endpoints) as made:
        yield made


@pytest.fixture(scope="module")
def foreign_args(engine, known, story):
    """The arguments of jobs that speak of the first company's connection, order and document."""
    acme = engine.store.tenant_id("acme")
    work = Work(engine.env, acme, {}, Lease(None), actor="test")
    with work.read() as uow:
        connection = uow.connections.by_name("trendyol")
        ledger = uow.connections.by_name("logo")
        order = uow.orders.find("F-1")[0]
        document = uow.documents.recent(limit=1)[0]
    return {
        "connection": str(connection.id),
        "ledger": str(ledger.id),
        "order": str(order.id),
        "document": str(document.id),
        "external_id": order.external_id,
        "kind": "order",
    }


@pytest.mark.parametrize("kind", HANDLERS)
def test_a_job_that_mixes_companies_does_nothing(engine, rival, foreign_args, unchanged, kind):
    """As if a message or a row had been put together from two companies' data."""
    work = Work(engine.env, engine.store.tenant_id(rival), foreign_args, Lease(None), actor="test")
    calls = []
    guarded = replace(work, env=replace(work.env, limiter=Counting(calls)))
    try:
        HANDLERS[kind].run(guarded)
    except Exception as error:  # noqa: BLE001 - what matters is what it did
        assert type(error).__module__.startswith("kopru.") or isinstance(error, (LookupError, ValueError)), (
            error
        )
    assert calls == [], "a remote of another company was called"
    with engine.store.tenant(engine.store.tenant_id(rival)) as uow:
        assert uow.orders.recent() == []
        assert uow.documents.recent() == []


class Counting:
    """A limiter that notes each call that is about to be made."""

    def __init__(self, calls):
        self.calls = calls

    def acquire(self, scope, quota):
        self.calls.append((scope, quota.name))

    def penalize(self, scope, quota, retry_after):
        raise AssertionError("nobody was called")


def test_a_job_is_of_the_company_its_row_says(engine, rival):
    """A message holds a number and nothing else; who it is about stands in the row, under the row's key."""
    rival_id = engine.store.tenant_id(rival)
    acme_id = engine.store.tenant_id("acme")
    with engine.store.tenant(rival_id) as uow:
        uow.jobs.add(NewJob("orders.pull", {"tenant": str(acme_id)}, "mixed", delay=3600.0))
        (job,) = [each for each in uow.jobs.recent() if each.args.get("tenant")]
    with engine.store.tenant(acme_id) as uow:
        assert uow.jobs.get(job.id) is None
        assert not uow.jobs.retry(job.id)
        moved = uow.db.execute(
            sa.text("update job set tenant_id = :t where id = :id"), {"t": acme_id, "id": job.id}
        )
        assert moved.rowcount == 0
    with (
        pytest.raises(sa.exc.ProgrammingError, match="row-level security"),
        engine.store.tenant(rival_id) as uow,
    ):
        uow.db.execute(sa.text("update job set tenant_id = :t where id = :id"), {"t": acme_id, "id": job.id})


# A wall taken down


@pytest.fixture
def owner(fresh_database_url):
    engine = make_engine(fresh_database_url)
    yield engine
    engine.dispose()


OPENINGS = {
    "row-level security off": 'alter table "order" disable row level security',
    "not for the owner": 'alter table "order" no force row level security',
    "policy for everything": 'alter policy tenant_rows on "order" using (true)',
    "one more policy": 'create policy more on "order" to kopru_tenant using (true)',
    "a table without any": "create table leak (tenant_id uuid); grant select on leak to kopru_tenant",
}


def test_a_sound_database_has_no_opening(owner):
    with owner.begin() as db:
        assert db.execute(sa.text(access.OPENINGS)).scalars().all() == []


@pytest.mark.parametrize("how", OPENINGS)
def test_a_wall_that_was_taken_down_is_noticed(owner, how):
    with owner.begin() as db:
        for statement in OPENINGS[how].split(";"):
            db.execute(sa.text(statement))
        db.execute(sa.text("set local role kopru_engine"))
        expected = "leak" if "leak" in OPENINGS[how] else "order"
        assert db.execute(sa.text(access.OPENINGS)).scalars().all() == [expected]
