"""Plugins that do harm when they are imported: they stay outside, the reason is told, all others work."""

import json
import subprocess
import sys

import pytest
import structlog
from typer.testing import CliRunner

from kopru.cli import app
from kopru.hooks import ports
from kopru.hooks.errors import Unsupported
from kopru.registry import Registry, Status
from kopru.runtime.host import RuntimeHost
from kopru.runtime.plugins import tell_skipped
from kopru.runtime.servers.locks import wait_until
from kopru.settings import Settings

SECONDS = 2.0
"""What an import may take here; many times what the good ones need."""

MEMORY = 256 << 20

ENDLESS = "import time\nwhile True: time.sleep(60)\n"
BABBLE = """
import os
for descriptor in range(3, 30):
    try:
        os.write(descriptor, b"{}\\n")
    except OSError:
        pass
os._exit(5)
"""
TRAP = """
class Trap:
    @property
    def manifest(self):
        raise SystemExit("trap")
plugin = Trap()
"""
TROUBLE = {
    "error": ({"before": "raise ValueError('broken')\n"}, Status.FAILED, "ValueError('broken')"),
    "lacking": ({"before": "import a_library_nobody_has\n"}, Status.FAILED, "a_library_nobody_has"),
    "garbled": ({"before": "this is no Python\n"}, Status.FAILED, "SyntaxError"),
    "exits": ({"before": "raise SystemExit(3)\n"}, Status.FAILED, "SystemExit(3)"),
    "interrupts": ({"before": "raise KeyboardInterrupt\n"}, Status.FAILED, "KeyboardInterrupt()"),
    "odd": ({"before": "class E(BaseException): pass\nraise E('odd')\n"}, Status.FAILED, "E('odd')"),
    "leaves": ({"before": "import os; os._exit(0)\n"}, Status.FAILED, " 0)"),
    "leaves_mute": (
        {"before": "import os; os.closerange(3, 99); os._exit(7)\n"},
        Status.FAILED,
        " 7)",
    ),
    "crashes": (
        {"before": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n"},
        Status.FAILED,
        "SIGSEGV",
    ),
    "babbles": ({"before": BABBLE}, Status.FAILED, " 5)"),
    "eats": (
        {"before": "hoard = []\nwhile True: hoard.append(bytearray(8 << 20))\n"},
        Status.FAILED,
        "256 MB",
    ),
    "sleeps": ({"before": ENDLESS}, Status.FAILED, "KOPRU_PLUGIN_SECONDS"),
    "slow": ({"before": "import time; time.sleep(300)\n"}, Status.FAILED, "KOPRU_PLUGIN_SECONDS"),
    "deaf": (
        {
            "before": "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "os.closerange(3, 99)\nwhile True: pass\n"
        },
        Status.FAILED,
        "KOPRU_PLUGIN_SECONDS",
    ),
    "futuristic": ({"hook_api": (98, 99)}, Status.INCOMPATIBLE, "98"),
    "unmarked": ({"after": "plugin = object()\n"}, Status.INVALID, "manifest"),
    "misnamed": ({"code": "other = 1\n"}, Status.FAILED, "AttributeError"),
    "trap": ({"code": TRAP}, Status.FAILED, "SystemExit('trap')"),
}


@pytest.fixture(scope="module")
def report(open_site):
    """What a worker finds where every kind of trouble is installed between two good plugins."""
    with open_site() as site:
        site.install("a_good")
        for name, (options, _, _) in TROUBLE.items():
            site.install(name, **options)
        site.install("z_good")
        found = site.discover(seconds=SECONDS, memory=MEMORY)
        assert not {f"kopru_{name}" for name in TROUBLE} & set(sys.modules)
    return found


@pytest.mark.parametrize("name", TROUBLE)
def test_trouble_is_left_out_and_the_reason_told_in_both_languages(report, name):
    _, status, reason = TROUBLE[name]
    entry = report[name]
    assert (entry.status, entry.plugin, entry.distribution) == (status, None, f"kopru-{name}")
    assert reason in entry.reason.en
    assert reason in entry.reason.tr
    assert entry.reason.en != entry.reason.tr


def test_the_others_load_and_work(report):
    names = frozenset(report)
    assert names - set(TROUBLE) == {"a_good", "z_good"}
    plugins = Registry(report.values()).for_tenant(names, names)
    for name in ("a_good", "z_good"):
        assert plugins.use(name, ports.ChecksConnection).check_connection(None).ok
    with pytest.raises(Unsupported) as refused:
        plugins.use("sleeps", ports.ChecksConnection)
    assert refused.value.code == "plugin.missing"


def test_the_trace_of_an_error_is_kept(report):
    assert 'kopru_error/__init__.py", line 1' in report["error"].trace


@pytest.mark.parametrize(("language", "reason"), [("tr", "çıkış kodu 9"), ("en", "exit code 9")])
def test_the_command_line_tells_the_reason(site, tmp_path, language, reason):
    site.install("bad", before="import os; os._exit(9)\n")
    home = tmp_path / "home"
    host = RuntimeHost(Settings(home=home, language=language))
    listed = CliRunner().invoke(app, ["plugin", "list", "--json"], obj=host)
    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert reason in rows["bad"]["reason"]
    assert rows["trendyol"]["status"] == "loaded"
    why = CliRunner().invoke(app, ["plugin", "why", "bad", "--json"], obj=host)
    assert why.exit_code == 1
    assert reason in json.loads(why.stdout)[-1]["what"]
    assert not home.exists(), "a look makes no data directory"


def test_a_process_logs_what_it_does_without(report):
    with structlog.testing.capture_logs() as lines:
        tell_skipped(Registry(report.values()))
    assert {line["plugin"] for line in lines} == set(TROUBLE)
    assert all(line["event"] == "plugin.skipped" and line["reason"] for line in lines)


def test_what_a_probe_started_does_not_outlive_it(site, tmp_path):
    note = tmp_path / "pid"
    site.install(
        "litters",
        before=f"""
        import pathlib, subprocess, sys
        started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path({str(note)!r}).write_text(str(started.pid))
        raise ValueError("broken")
        """,
    )
    assert site.discover()["litters"].status is Status.FAILED
    assert wait_until(lambda: _has_ended(int(note.read_text())), 10)


def _has_ended(pid):
    """Whether a process is gone, or dead and only not yet collected."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return not state.stdout.strip() or state.stdout.startswith("Z")


def test_two_packages_of_one_name_are_both_left_out(site):
    site.install("shop")
    site.install("shop", package="another-shop")
    site.install("good")
    report = site.discover()
    assert report["shop"].status is Status.INVALID
    assert "another-shop, kopru-shop" in report["shop"].reason.en
    assert report["good"].status is Status.LOADED


def test_a_probe_is_told_no_secrets(site, monkeypatch):
    monkeypatch.setenv("KOPRU_MASTER_KEY", "secret")
    site.install(
        "curious", before="import os\nif 'KOPRU_MASTER_KEY' in os.environ: raise ValueError('it was told')\n"
    )
    # The probe is content, and only then is it imported here, where the variable is.
    assert "it was told" in site.discover()["curious"].reason.en
    monkeypatch.delenv("KOPRU_MASTER_KEY")
    assert site.discover()["curious"].status is Status.LOADED


def test_a_plugin_that_fails_only_the_second_time_is_told_like_any_other(site, tmp_path):
    site.install(
        "fickle",
        before=f"""
        import pathlib
        mark = pathlib.Path({str(tmp_path / "mark")!r})
        if mark.exists():
            raise SystemExit("the second time")
        mark.touch()
        """,
    )
    site.install("good")
    report = site.discover()
    assert report["fickle"].status is Status.FAILED
    assert "the second time" in report["fickle"].reason.en
    assert report["good"].status is Status.LOADED


def test_a_probe_process_that_does_not_work_lets_nothing_in(site, monkeypatch):
    site.install("good")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nonexistent/python")
        refused = site.discover()["good"]
    assert refused.status is Status.FAILED
    assert "could not be tried" in refused.reason.en
    assert "/nonexistent/python" in refused.trace
    assert site.discover()["good"].status is Status.LOADED
