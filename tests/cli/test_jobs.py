"""The commands about what runs by itself, shares and limits, on a real installation."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from kopru.cli import app
from kopru.documents import EXAMPLE_TENANT
from kopru.runtime.host import RuntimeHost
from kopru.runtime.servers import connect, down
from kopru.settings import Settings

ACME = ("--tenant", "acme")
ORDERS = (
    "Sipariş No;Sipariş Tarihi;Stok Kodu;Ürün Adı;Adet;Birim Fiyat;KDV Oranı;Alıcı;İl;İlçe;Adres\n"
    "J-1;01.11.2026;A;Kupa;1;120,00;20;Ayşe Denemeoğlu;İstanbul;Kadıköy;Deneme Sok. 1\n"
)


@pytest.fixture(scope="module")
def home():
    folder = Path(tempfile.mkdtemp(prefix="kopru-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "home"
    down(Settings(home=folder / "home"))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def kopru(home, tmp_path_factory):
    """One installation with two folders of orders, for all tests of this file."""
    settings = Settings.from_environment(
        {"KOPRU_HOME": str(home), "HOME": str(home.parent), "KOPRU_LANGUAGE": "en"}
    )

    def run(*words):
        return CliRunner().invoke(app, list(words), obj=RuntimeHost(settings))

    def done(*words):
        result = run(*words)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout) if "--json" in words else result

    with connect(settings) as endpoints:
        run.done, run.database = done, sa.create_engine(endpoints.database_url, poolclass=sa.NullPool)
        file = tmp_path_factory.mktemp("files") / "acme.toml"
        file.write_text(EXAMPLE_TENANT, "utf-8")
        done("tenant", "add", "acme")
        done("tenant", "apply", str(file), *ACME)
        done("plugin", "allow", "orderfile")
        done("plugin", "enable", "orderfile", *ACME)
        for name in ("east", "west"):
            folder = tmp_path_factory.mktemp(name)
            (folder / "orders.csv").write_text(ORDERS, "utf-8")
            done(
                *("connection", "add", "orderfile", *ACME, "--no-ask", "--name", name),
                *("--set", f"folder={folder}"),
            )
            done("connection", "check", name, *ACME)
        yield run


def schedules(kopru, connection="east"):
    rows = kopru.done("jobs", "schedules", *ACME, "--json")
    return {row["kind"]: row for row in rows if row["connection"] == connection}


def jobs(kopru):
    return kopru.done("jobs", "list", *ACME, "--json")


def test_the_list_says_what_runs_when(kopru):
    found = schedules(kopru)["orders.pull"]
    assert (found["every"], found["on"], found["catch_up"]) == ("0:05:00", True, "once")


def test_a_schedule_is_changed_turned_off_and_set_back(kopru):
    change = ("jobs", "schedule", "orders.pull", *ACME, "--connection", "east")
    assert kopru.done(*change, "--every", "90s", "--json")["every"] == "0:01:30"
    found = schedules(kopru)["orders.pull"]
    assert (found["every"], found["changed"]) == ("0:01:30", True)
    assert schedules(kopru, "west")["orders.pull"]["every"] == "0:05:00"
    kopru.done("connection", "check", "east", *ACME)
    assert schedules(kopru)["orders.pull"]["every"] == "0:01:30", "a check keeps what a person chose"
    assert kopru.done(*change, "--at", "06:30", "--catch-up", "skip", "--json")["every"] == "06:30"
    off = kopru.done(*change, "--off", "--json")
    assert (off["on"], off["every"], off["catch_up"]) == (False, "06:30", "skip")
    kopru.done(*change, "--usual")
    found = schedules(kopru)["orders.pull"]
    assert (found["every"], found["on"], found["changed"]) == ("0:05:00", True, False)


def test_a_dry_run_changes_no_schedule(kopru):
    before = schedules(kopru)
    change = ("jobs", "schedule", "orders.pull", *ACME, "--connection", "east", "--dry-run", "--json")
    assert kopru.done(*change, "--every", "2h")["every"] == "2:00:00"
    assert schedules(kopru) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("orders.pull", "--every", "2h"), "--connection"),
        (("stock.push",), "jobs schedules"),
        (("orders.pull", "--connection", "nowhere", "--off"), "jobs schedules"),
        (("orders.pull", "--connection", "east", "--every", "5s"), "10 seconds"),
        (("orders.pull", "--connection", "east", "--every", "soon"), "10 seconds"),
        (("orders.pull", "--connection", "east", "--at", "25:00"), "HH:MM"),
        (("orders.pull", "--connection", "east", "--every", "2h", "--at", "03:00"), "--at"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(kopru, words, says):
    before = schedules(kopru)
    result = kopru("jobs", "schedule", *words, *ACME)
    assert result.exit_code in (1, 2)
    assert says in " ".join(result.output.split())
    assert schedules(kopru) == before


def test_a_run_by_hand_is_the_job_of_the_schedule(kopru):
    run = ("jobs", "run", "orders.pull", *ACME, "--connection", "west")
    assert kopru.done(*run, "--dry-run", "--json")["queued"] is False
    assert jobs(kopru) == []
    first = kopru.done(*run, "--json")
    kopru.done(*run)
    (job,) = jobs(kopru)
    assert (job["kind"], job["state"]) == ("orders.pull", "queued")
    with kopru.database.begin() as db:
        db.execute(sa.text("update schedule set next_at = clock_timestamp() where enabled"))
    from kopru.storage.queue import Queue
    from kopru.storage.secrets import KeyRing, MasterKey
    from kopru.storage.store import Store, make_engine

    engine = make_engine(kopru.database.url.render_as_string(hide_password=False))
    Queue(Store(engine, KeyRing(MasterKey.generate()))).fire()
    engine.dispose()
    with kopru.database.begin() as db:
        keys = db.execute(sa.text("select count(*) from job where key = :key"), first).scalar_one()
    assert keys == 1, "the scheduler's fire meets the one that waits"


def test_shares_and_limits(kopru):
    kopru.done("jobs", "weight", "3", *ACME)
    kopru.done("connection", "limit", "east", *ACME, "--jobs", "2")
    kopru.done("connection", "limit", "east", *ACME, "--jobs", "7", "--dry-run")
    with kopru.database.begin() as db:
        assert db.execute(sa.text("select weight from tenant")).scalars().all() == [3]
        assert db.execute(sa.text("select at_once from gate")).scalars().all() == [2]
    assert kopru.done("connection", "show", "east", *ACME, "--json")["jobs_at_once"] == 2
    kopru.done("connection", "limit", "east", *ACME, "--jobs", "0")
    assert kopru.done("connection", "show", "east", *ACME, "--json")["jobs_at_once"] == ""


def test_a_remote_that_rests_is_shown(kopru):
    kopru.done("connection", "limit", "west", *ACME, "--jobs", "2")
    with kopru.database.begin() as db:
        db.execute(
            sa.text(
                "update gate set failures = 9, trips = 1, code = 'http.timeout', opened_at = '2026-03-02 10:00Z',"
                " until = clock_timestamp() + interval '1 minute'"
                " from connection where connection.id = connection_id and name = 'west'"
            )
        )
    listed = {row["name"]: row for row in kopru.done("connection", "list", *ACME, "--json")}
    assert listed["west"]["circuit"] == "open since 2026-03-02 10:00Z (http.timeout)"
    assert listed["east"]["circuit"] == ""
    checks = kopru("doctor", "--json").stdout
    (remotes,) = (row for row in json.loads(checks) if row["check"] == "remotes")
    assert not remotes["ok"]
    assert "acme/west" in remotes["message"]
