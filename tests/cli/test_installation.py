"""What an operator sets up and keeps in order: plugins, settings, numbers, keys, health."""

import base64
import json
import secrets

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from typer.testing import CliRunner

from kopru.cli import app
from kopru.flows.env import Lease, Work
from kopru.runtime.anchors import keep
from kopru.runtime.host import RuntimeHost
from kopru.runtime.servers import connect
from kopru.settings import Settings
from kopru.storage.audit import Sealer


@pytest.fixture
def settings(home):
    return Settings.from_environment(
        {"KOPRU_HOME": str(home), "HOME": str(home.parent), "KOPRU_LANGUAGE": "en"}
    )


@pytest.fixture
def kopru(settings):
    """Run commands against one installation; settings may differ from command to command."""

    def run(*words, **changed):
        host = RuntimeHost(settings.model_copy(update=changed))
        return CliRunner().invoke(app, list(words), obj=host)

    with connect(settings):
        assert run("tenant", "add", "acme").exit_code == 0
        yield run


@pytest.fixture
def stored(settings):
    """Return the secrets of a connection as the engine reads them."""

    def read(name, **changed):
        with RuntimeHost(settings.model_copy(update=changed)).open() as engine:
            work = Work(engine.env, engine.store.tenant_id("acme"), {}, Lease(None))
            with work.read() as uow:
                row = uow.connections.by_name(name)
                return row.config, uow.connections.secrets(row.id)

    return read


@pytest.fixture
def logo(kopru):
    for words in ("allow logo", "enable logo --tenant acme"):
        assert kopru("plugin", *words.split()).exit_code == 0
    sets = ("url=https://logo.example:32001", "username=u", "password=first-secret", "firm=7")
    added = kopru(
        "connection", "add", "logo", "--tenant", "acme", *(each for pair in sets for each in ("--set", pair))
    )
    assert added.exit_code == 0, added.output


def test_a_plugin_is_enabled_only_after_it_was_allowed(kopru):
    refused = kopru("plugin", "enable", "orderfile", "--tenant", "acme")
    assert refused.exit_code == 1
    assert "kopru plugin allow orderfile" in refused.output
    kopru("plugin", "allow", "orderfile")
    assert kopru("plugin", "enable", "orderfile", "--tenant", "acme").exit_code == 0
    rows = json.loads(kopru("plugin", "list", "--tenant", "acme", "--json").stdout)
    states = {row["name"]: (row["allowed"], row["enabled"]) for row in rows}
    assert states["orderfile"] == (True, True)
    assert states["logo"] == (False, False)


def test_changing_one_setting_leaves_the_others(kopru, logo, stored):
    changed = kopru("connection", "add", "logo", "--tenant", "acme", "--set", "firm=9")
    assert changed.exit_code == 0, changed.output
    config, hidden = stored("logo")
    assert (config["firm"], config["username"], hidden["password"]) == (9, "u", "first-secret")


def test_a_wrong_change_is_refused_also_in_a_dry_run(kopru, logo, stored):
    for flags in ((), ("--dry-run",)):
        refused = kopru("connection", "add", "logo", "--tenant", "acme", "--set", "firm=none", *flags)
        assert refused.exit_code == 1
        assert "firm" in refused.output
    assert stored("logo")[0]["firm"] == 7


def test_secrets_survive_a_new_master_key(kopru, logo, stored, settings, home):
    old = SecretStr((home / "master.key").read_text("ascii"))
    new = SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
    locked = kopru("connection", "add", "logo", "--tenant", "acme", "--set", "firm=8", master_key=new)
    assert locked.exit_code == 1
    assert "master key" in locked.output
    both = {"master_key": new, "old_master_keys": (old,)}
    assert "1 companies" in kopru("db", "rekey", "--dry-run", **both).output
    assert "1 companies" in kopru("db", "rekey", **both).output
    assert "0 companies" in kopru("db", "rekey", **both).output
    assert stored("logo", master_key=new)[1]["password"] == "first-secret"


def test_a_lost_master_key_is_not_replaced(kopru, home):
    (home / "master.key").rename(home / "aside")
    told = kopru("tenant", "list")
    assert told.exit_code == 1
    assert "Restore it from a backup" in told.output
    assert not (home / "master.key").exists()
    (home / "aside").rename(home / "master.key")
    assert kopru("tenant", "list").exit_code == 0


@pytest.mark.parametrize(("language", "word"), [("en", "unknown: KOPRU_DATABSE_URL"), ("tr", "bilinmeyen")])
def test_the_doctor_names_a_misspelt_variable(kopru, language, word):
    told = kopru("doctor", "--json", unknown=("KOPRU_DATABSE_URL",), language=language)
    rows = {row["check"]: row for row in json.loads(told.stdout)}
    assert not rows["settings"]["ok"]
    assert word in rows["settings"]["message"]
    assert rows["settings"]["fix"]
    assert rows["database"]["ok"]
    assert not rows["workers"]["ok"]
    assert told.exit_code == 1


def test_a_wall_that_was_taken_down_stops_the_engine(kopru, settings):
    with connect(settings) as endpoints:
        database = sa.create_engine(endpoints.database_url)
        with database.begin() as db:
            db.execute(sa.text('alter table "order" disable row level security'))
        told = kopru("tenant", "list")
        assert told.exit_code == 1
        assert "Row-level security is off or altered on: order" in told.output
        with database.begin() as db:
            db.execute(sa.text('alter table "order" enable row level security'))
        database.dispose()
    assert kopru("tenant", "list").exit_code == 0


def test_a_chain_that_was_cut_off_is_shown_by_the_heads_kept_outside(kopru, settings, home):
    kopru("plugin", "allow", "orderfile")
    kopru("plugin", "enable", "orderfile", "--tenant", "acme")
    with RuntimeHost(settings).open() as engine:
        sealer = Sealer(engine.store)
        while not sealer.turn():
            pass
        assert keep(engine.store, home) == 1
        assert keep(engine.store, home) == 0, "one head a day"
        assert kopru("audit", "verify", "--tenant", "acme").exit_code == 0
        with connect(settings) as endpoints:
            database = sa.create_engine(endpoints.database_url)
            with database.begin() as db:
                db.execute(sa.text("delete from event_seal"))
                db.execute(sa.text("delete from event"))
            database.dispose()
    told = kopru("audit", "verify", "--tenant", "acme", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)[0]["heads_missing"] == 1
    assert "cut off" in told.stderr
