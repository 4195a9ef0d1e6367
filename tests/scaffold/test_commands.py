"""`plugin new`, `check` and `why`: what they say to somebody who writes a plugin."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kopru.cli import app
from kopru.hooks.manifest import PluginKind
from kopru.model import Text
from kopru.registry import Loaded, Registry, Status
from kopru.runtime.host import RuntimeHost
from kopru.runtime.servers import connect
from kopru.settings import Settings
from kopru.testing import contract
from kopru.testing.broken.plain_adviser import plain_adviser
from kopru.testing.contract import Check, Report, Verdict, contract_of, run_class, run_contract

ROOT = Path(__file__).parents[2]
REASON = Text(tr="Sebep budur.", en="This is the reason.")


class Host:
    """An installation with certain plugins."""

    def __init__(self, language="en", found=()):
        self.language = language
        self.found = found

    def installed(self, *, afresh=""):
        return Registry(self.found) if self.found else Registry.installed()


def run(*words, **host):
    return CliRunner().invoke(app, ["plugin", *words], obj=Host(**host))


def skipped(status, trace=""):
    return Loaded("pazar", "", status, REASON, trace=trace)


NEW = ("new", "--kind", "shop", "--name", "pazar", "--transport", "http")


def test_a_new_plugin_is_written_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = run(*NEW)
    assert made.exit_code == 0
    assert "kopru-pazar/src/kopru_pazar/hooks.py" in made.stdout
    assert "pip install -e" in made.output
    assert (tmp_path / "kopru-pazar" / "src" / "kopru_pazar" / "hooks.py").exists()
    again = run(*NEW)
    assert again.exit_code == 1
    assert "not empty" in again.output


def test_a_dry_run_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = run(*NEW, "--dry-run", "--folder", "elsewhere")
    assert shown.exit_code == 0
    assert "elsewhere/pyproject.toml" in shown.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "language, words", [("en", "did you mean “fetch_orders”"), ("tr", "“fetch_orders” mi")]
)
def test_a_wrong_capability_is_told_in_both_languages(language, words):
    told = run(*NEW, "--capabilities", "fetch_order, fetch_oders", language=language)
    assert told.exit_code == 1
    assert words in " ".join(told.output.split())


def test_every_kind_is_in_the_help():
    shown = CliRunner().invoke(app, ["plugin", "new", "--help"], env={"COLUMNS": "300"})
    assert [kind for kind in PluginKind if kind not in shown.output] == []


def test_why_of_a_loaded_plugin_says_where_it_is_from():
    told = run("why", "ikas", "--json")
    steps = json.loads(told.stdout)
    assert told.exit_code == 0
    assert [step["step"] for step in steps] == ["installed", "switched on", "imported", "version", "contract"]
    assert all(step["ok"] for step in steps)
    assert "kopru-ikas 0.1.0, from" in steps[0]["what"]
    assert "fetch_orders" in steps[-1]["what"]


@pytest.mark.parametrize(
    "status, step",
    [
        (Status.SWITCHED_OFF, "switched on"),
        (Status.FAILED, "imported"),
        (Status.INCOMPATIBLE, "version"),
        (Status.INVALID, "contract"),
    ],
)
def test_why_of_a_skipped_plugin_ends_at_the_step_that_failed(status, step):
    told = run("why", "pazar", "--json", found=[skipped(status)])
    last = json.loads(told.stdout)[-1]
    assert told.exit_code == 1
    assert (last["step"], last["ok"]) == (step, False)
    assert "This is the reason." in last["what"]
    assert ("KOPRU_PLUGINS_DISABLED" in last["what"]) == (status is Status.SWITCHED_OFF)


def test_every_way_of_being_skipped_has_its_step():
    from kopru.cli.explaining import steps_of

    for status in Status:
        ends = [ok for _, ok, _ in steps_of("pazar", skipped(status), [])]
        assert all(ends) == (status is Status.LOADED)


def test_why_shows_the_traceback_of_an_import():
    told = run("why", "pazar", found=[skipped(Status.FAILED, trace="File codes.py, line 3\nNameError: X\n")])
    assert "File codes.py, line 3" in told.output


def test_why_of_a_missing_plugin_knows_its_neighbours():
    near, far = run("why", "ikass"), run("why", "qqqq")
    assert (near.exit_code, far.exit_code) == (1, 1)
    assert "did you mean “ikas”" in " ".join(near.output.split()).replace("Did", "did")
    assert "pip install kopru-qqqq" in far.output


def test_why_notices_a_package_without_its_entry_point(tmp_path, monkeypatch):
    info = tmp_path / "kopru_tezgah-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kopru-tezgah\nVersion: 1.0\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    told = run("why", "tezgah", "--json")
    assert told.exit_code == 1
    assert "kopru.plugins" in json.loads(told.stdout)[0]["what"]


def test_why_goes_on_to_what_a_company_may_use(home):
    settings = Settings.from_environment(
        {"KOPRU_HOME": str(home), "HOME": str(home.parent), "KOPRU_LANGUAGE": "en"}
    )

    def kopru(*words):
        return CliRunner().invoke(app, list(words), obj=RuntimeHost(settings))

    def gates():
        told = kopru("plugin", "why", "orderfile", "--tenant", "acme", "--json")
        return told.exit_code, [step["ok"] for step in json.loads(told.stdout)[-2:]]

    with connect(settings):
        kopru("tenant", "add", "acme")
        assert gates() == (1, [False, False])
        kopru("plugin", "allow", "orderfile")
        assert gates() == (1, [True, False])
        kopru("plugin", "enable", "orderfile", "--tenant", "acme")
        assert gates() == (0, [True, True])


def report(monkeypatch, *checks):
    asked = {}

    def run_contract(name, **options):
        asked.update(options, name=name)
        return Report(name, checks)

    monkeypatch.setattr(contract, "run_contract", run_contract)
    return asked


def test_check_tells_each_cause_once(monkeypatch):
    pending = "fetch_orders is not written yet. orders.py, fetch_orders: Return one page."
    report(
        monkeypatch,
        *(Check(f"test_{n}", Verdict.FAILED, pending, "Fails when …") for n in range(6)),
        Check("test_alone", Verdict.FAILED, "Codes differ.", "Look at codes.py."),
        Check("test_bare", Verdict.LEFT_OUT, "The simulator has no receive(…)."),
        Check("test_fine", Verdict.PASSED),
    )
    told = run("check", "ikas")
    assert told.exit_code == 1
    assert told.output.count(pending) == 1
    assert "test_0, test_1, test_2, test_3, … (6)" in told.output
    assert "Look at codes.py." in told.output
    assert "Fails when" not in told.output
    assert "no receive" in told.output
    assert "1 passed, 7 failed, 1 not run" in told.output


def test_check_is_green_for_a_plugin_that_keeps_the_contract(monkeypatch):
    report(monkeypatch, Check("test_fine", Verdict.PASSED))
    told = run("check", "ikas")
    assert told.exit_code == 0
    assert "keeps the contract" in told.output


def test_check_gives_programs_every_check(monkeypatch):
    report(
        monkeypatch, Check("test_fine", Verdict.PASSED), Check("test_alone", Verdict.FAILED, "No.", "Look.")
    )
    rows = json.loads(run("check", "ikas", "--json").stdout)
    assert [(row["check"], row["verdict"], row["note"]) for row in rows] == [
        ("test_fine", "passed", ""),
        ("test_alone", "failed", "No."),
    ]


@pytest.mark.parametrize("plugin", ["orderfile", str(ROOT / "plugins" / "shops" / "orderfile")])
def test_check_takes_a_name_or_a_folder_and_finds_the_authors_tests(monkeypatch, plugin):
    asked = report(monkeypatch, Check("test_fine", Verdict.PASSED))
    assert run("check", plugin).exit_code == 0
    assert asked["name"] == "orderfile"
    assert asked["tests"] == ROOT / "plugins" / "shops" / "orderfile" / "tests"


def test_check_of_a_folder_without_a_plugin_says_what_is_missing(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n', "utf-8")
    told = run("check", str(tmp_path))
    assert told.exit_code == 1
    assert "kopru.plugins" in told.output


def test_check_of_a_skipped_plugin_tells_the_reason():
    told = run("check", "pazar", found=[skipped(Status.INVALID)])
    assert told.exit_code == 1
    assert "This is the reason." in told.output


def test_the_authors_contract_class_counts():
    only = {"test_orders_add_up"}
    tests = ROOT / "plugins" / "shops" / "orderfile" / "tests"
    assert run_contract("orderfile", only=only).checks == ()
    (check,) = run_contract("orderfile", only=only, tests=tests).checks
    assert check.verdict is Verdict.PASSED


def test_a_hook_that_is_not_written_is_told_as_that(monkeypatch):
    def unwritten(self, ctx, batch):
        raise NotImplementedError("advice.py, map_line: say what speaks for an item.")

    monkeypatch.setattr(type(plain_adviser).map_line, "__code__", unwritten.__code__)
    checks = run_class(contract_of(plain_adviser)).of(Verdict.FAILED)
    assert checks
    assert {check.note for check in checks} <= {
        "map_line is not written yet. advice.py, map_line: say what speaks for an item.",
        "Not written yet. advice.py, map_line: say what speaks for an item.",
    }
