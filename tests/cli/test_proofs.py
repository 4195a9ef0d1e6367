"""The commands that count twice, compare, read the past and make orders anew, on a real installation."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from kopru.cli import app
from kopru.documents import EXAMPLE_TENANT
from kopru.runtime.host import RuntimeHost
from kopru.runtime.servers import connect
from kopru.settings import Settings

HEAD = "Sipariş No;Sipariş Tarihi;Stok Kodu;Ürün Adı;Adet;Birim Fiyat;KDV Oranı;Alıcı;İl;İlçe;Adres\n"


def line(number, day, price="120,00"):
    return f"{number};{day};A;Kupa;1;{price};20;Ayşe Denemeoğlu;İstanbul;Kadıköy;Deneme Sok. 1\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    import shutil
    import tempfile
    from pathlib import Path

    from kopru.runtime.servers import down

    folder = Path(tempfile.mkdtemp(prefix="kopru-test-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder / "home"
    down(Settings(home=folder / "home"))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def kopru(home, tmp_path_factory):
    """One installation with a folder of orders that were read, for all tests of this file."""
    settings = Settings.from_environment(
        {"KOPRU_HOME": str(home), "HOME": str(home.parent), "KOPRU_LANGUAGE": "en"}
    )

    def run(*words, language="en"):
        host = RuntimeHost(settings.model_copy(update={"language": language}))
        return CliRunner().invoke(app, list(words), obj=host)

    def done(*words):
        result = run(*words)
        assert result.exit_code == 0, result.output
        return result

    with connect(settings):
        files = tmp_path_factory.mktemp("files")
        run.folder = tmp_path_factory.mktemp("drop")
        run.today = datetime.now(UTC).strftime("%d.%m.%Y")
        run.file = lambda name, *lines: (run.folder / name).write_text(HEAD + "".join(lines), "utf-8")
        run.file("a.csv", line("W-1", run.today), line("W-2", run.today))
        (files / "items.csv").write_text("kod;ad;kdv\nA;Kupa;20\n", "utf-8")
        (files / "acme.toml").write_text(EXAMPLE_TENANT, "utf-8")
        done("tenant", "add", "acme")
        done("tenant", "apply", str(files / "acme.toml"), "--tenant", "acme")
        for plugin in ("orderfile", "ubltr"):
            done("plugin", "allow", plugin)
            done("plugin", "enable", plugin, "--tenant", "acme")
        done("items", "import", str(files / "items.csv"), "--tenant", "acme")
        done(
            *("connection", "add", "orderfile", "--tenant", "acme", "--no-ask"),
            *("--since", "2026-01-01", "--set", f"folder={run.folder}"),
        )
        done("connection", "check", "orderfile", "--tenant", "acme")
        done("orders", "pull", "--tenant", "acme", "--now")
        run.done = done
        yield run


def rows(result):
    return json.loads(result.stdout)


def test_both_sides_hold_the_same_and_the_connection_says_so(kopru):
    listed = rows(kopru.done("orders", "verify", "--tenant", "acme", "--json"))
    assert {row["connection"] for row in listed} == {"orderfile"}
    assert sum(row["remote"] for row in listed) == sum(row["ours"] for row in listed) == 2
    assert all(row["complete"] for row in listed)
    stored = rows(kopru.done("orders", "verify", "--list", "--tenant", "acme", "--json"))
    assert {row["day"] for row in stored} == {row["day"] for row in listed}
    (connection,) = rows(kopru.done("connection", "list", "--tenant", "acme", "--json"))
    newest = max(stored, key=lambda row: row["day"])
    assert connection["proof"] == f"{newest['day']}: {newest['ours']}/{newest['remote']}"
    shown = rows(kopru.done("connection", "show", "orderfile", "--tenant", "acme", "--json"))
    assert connection["proof"] in shown["proofs"]


def test_a_missing_order_is_named_and_the_exit_code_tells(kopru):
    kopru.file("b.csv", line("W-3", kopru.today))
    told = kopru("orders", "verify", "--tenant", "acme", "--dry-run")
    assert told.exit_code == 3
    assert "W-3" in told.output and "missing" in told.output
    counted = rows(kopru("orders", "verify", "--tenant", "acme", "--json", "--connection", "orderfile"))
    gaps = [each for row in counted for each in row["differences"]]
    assert [(each["gap"], each["number"]) for each in gaps] == [("missing", "W-3")]
    jobs = rows(kopru.done("jobs", "list", "--tenant", "acme", "--json"))
    assert "orders.reread" in {job["kind"] for job in jobs}
    kopru.done("orders", "pull", "--tenant", "acme", "--now")
    kopru.done("orders", "verify", "--tenant", "acme")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("orders verify --day yesterday", "no day"),
        ("orders verify --day 2020-01-01", "was not read"),
        ("orders verify --connection nobody", "no connection"),
        ("documents verify", "no active connection"),
        ("stock verify", "no active connection"),
        ("documents verify --connection orderfile", "cannot list the documents"),
        ("stock verify --connection orderfile", "takes no stock"),
        ("orders backfill --connection orderfile --start", "first day"),
        ("orders backfill --connection orderfile --start --pause --since 2025-01-01", "only one"),
        ("orders backfill --connection orderfile --pause", "No backfill"),
        ("orders backfill --connection orderfile --forecast --since 2999-01-01", "empty"),
        ("orders replay --from stored", "Name one order"),
        ("orders replay W-1 --from stored --state held", "Name one order"),
        ("orders replay W-1 --from fresh", "--from stored"),
        ("orders replay W-99 --from stored", "no order"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_do(kopru, words, told):
    result = kopru(*words.split(), "--tenant", "acme")
    assert result.exit_code == 1, result.output
    assert told in result.output


def test_an_empty_history_is_an_empty_list(kopru):
    shown = kopru.done("orders", "backfill", "--connection", "orderfile", "--tenant", "acme", "--json")
    assert rows(shown) == []


def test_a_backfill_is_forecast_begun_paused_resumed_and_given_up(kopru):
    words = ("orders", "backfill", "--connection", "orderfile", "--tenant", "acme")
    forecast = rows(kopru.done(*words, "--forecast", "--since", "2025-06-01", "--json"))
    assert (forecast["since"], forecast["until"]) == ("2025-06-01", "2025-12-31")
    assert forecast["orders"] >= 2 and forecast["new"] == 0
    assert rows(kopru.done(*words, "--json")) == []
    kopru.done(*words, "--start", "--since", "2025-06-01", "--dry-run")
    assert rows(kopru.done(*words, "--json")) == []
    kopru.done(*words, "--start", "--since", "2025-06-01", "--percent", "10")
    for option, state in (("--pause", "paused"), ("--resume", "running"), ("--cancel", "cancelled")):
        (row,) = rows(kopru.done(*words, option, "--json"))
        assert (row["state"], row["percent"], row["invoices"]) == (state, 10, False)


def test_invoicing_the_past_needs_a_word(kopru):
    words = ("orders", "backfill", "--connection", "orderfile", "--tenant", "acme")
    refused = kopru(*words, "--start", "--since", "2025-06-01", "--invoice")
    assert refused.exit_code == 2
    assert "--yes" in refused.output
    assert [row["state"] for row in rows(kopru.done(*words, "--json"))] == ["cancelled"]
    shown = rows(kopru.done("connection", "show", "orderfile", "--tenant", "acme", "--json"))
    assert shown["since"].startswith("2025-12-31T21:00") or shown["since"].startswith("2026-01-01")
    kopru.done(*words, "--start", "--since", "2025-06-01", "--invoice", "--yes")
    shown = rows(kopru.done("connection", "show", "orderfile", "--tenant", "acme", "--json"))
    assert shown["since"].startswith("2025-0")
    kopru.done(*words, "--cancel")


def test_a_replay_shows_what_would_come_of_it(kopru):
    seen = rows(kopru.done("orders", "replay", "W-1", "--from", "stored", "--tenant", "acme", "--json"))
    assert (seen["code"], seen["fields"]) == ("replay.nothing", [])
    rules = rows(
        kopru.done("orders", "replay", "W-1", "--from", "rules", "--tenant", "acme", "--dry-run", "--json")
    )
    assert rules["code"].startswith("replay.")
    assert rules["document_now"] == {}


def test_many_are_counted_before_they_are_asked_for(kopru):
    words = ("orders", "replay", "--from", "stored", "--tenant", "acme", "--since", "2020-01-01", "--json")
    (row,) = rows(kopru.done(*words))
    held = rows(kopru.done("orders", "list", "--tenant", "acme", "--json"))
    assert held
    assert (row["code"], row["orders"]) == ("replay.nothing", len(held))
    assert rows(kopru.done(*words[:-1], "--state", "done", "--json")) == []


def test_an_order_that_would_change_is_asked_about_and_queued(kopru):
    """Orders of a file were never decided here, for no worker runs: the rules would take them now."""
    words = ("orders", "replay", "W-1", "--from", "rules", "--tenant", "acme")
    seen = kopru(*words)
    assert seen.exit_code == 2 and "--yes" in seen.output
    kopru.done(*words, "--yes")
    jobs = rows(kopru.done("jobs", "list", "--tenant", "acme", "--json"))
    assert "order.replay" in {job["kind"] for job in jobs}


def test_people_are_masked_in_what_a_replay_shows(kopru):
    from kopru.cli.replays import _field
    from kopru.flows.replaying import FieldChange

    class Order:
        buyer, body = "Ayşe Denemeoğlu", None

    shown = _field(FieldChange("buyer.first_name", "Ayşe", "Deniz"), Order(), reveal=False)
    assert shown == {"field": "buyer.first_name", "now": "A***", "then": "D****"}
    note = _field(FieldChange("note", "", "Ayşe Denemeoğlu için"), Order(), reveal=False)
    assert "Denemeoğlu" not in note["then"]
    assert _field(FieldChange("buyer.first_name", "Ayşe", "x"), Order(), reveal=True)["now"] == "Ayşe"
