"""Every kind by every transport: what `plugin new` writes is clean, loads, and fails only where work is left."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import PluginKind
from kopru.scaffold import Plan, Transport, hooks, make_plan, render, write

WITHOUT_REMOTE = {PluginKind.EINVOICE_FORMAT, PluginKind.ADVISER}
PAIRS = [
    (kind, transport)
    for kind in PluginKind
    for transport in Transport
    if transport is not Transport.NONE or kind in WITHOUT_REMOTE
]
WITH_KIT = {
    (PluginKind.SHOP, Transport.HTTP),
    (PluginKind.EINVOICE_CHANNEL, Transport.SOAP),
    (PluginKind.ACCOUNTING, Transport.SQL),
    (PluginKind.SHOP, Transport.FILE),
    (PluginKind.EINVOICE_FORMAT, Transport.NONE),
    (PluginKind.ADVISER, Transport.NONE),
}
"""For these the contract kit is run as well, one for each transport and for each plugin without remote."""

UNWRITTEN = re.compile(r"(?:NotImplementedError: |not written yet\. )(\w+\.py), (\w+): \S")


@dataclass(frozen=True)
class Written:
    """A plugin in its folder."""

    plan: Plan
    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "src" / self.plan.package

    def pretend_installed(self, environment: Path) -> None:
        """Do what `pip install -e` comes to: a path, and the entry points of the project."""
        (packages,) = environment.glob("lib/*/site-packages")
        (packages / f"{self.plan.package}.pth").write_text(f"{self.folder / 'src'}\n", "utf-8")
        info = packages / f"{self.plan.package}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {self.plan.distribution}\nVersion: 0.1.0\n"
        )
        points = f"[kopru.plugins]\n{self.plan.name} = {self.plan.package}:plugin\n"
        if self.plan.simulated:
            points += f"[kopru.simulators]\n{self.plan.name} = {self.plan.package}.simulator:simulator\n"
        (info / "entry_points.txt").write_text(points, "utf-8")


@dataclass(frozen=True)
class Result:
    """One test of a new plugin; ``failure`` is empty when it passed."""

    name: str
    file: str
    failure: str


def plan_of(kind: PluginKind, transport: Transport) -> Plan:
    return make_plan(
        kind.value, f"{kind.value.replace('einvoice_', 'e')}_{transport.value}", (), transport.value
    )


def every_hook(transport: Transport) -> Plan:
    return make_plan(
        "adviser", f"every_hook_{transport.value}", list(hooks()), transport.value, title="Her Şey"
    )


@pytest.fixture(scope="module")
def plugins(tmp_path_factory) -> dict[str, Written]:
    """A plugin of every kind by every transport, and for each transport one with every hook."""
    folder = tmp_path_factory.mktemp("plugins")
    plans = [plan_of(*pair) for pair in PAIRS]
    plans += [every_hook(transport) for transport in Transport]
    found = {}
    for plan in plans:
        write(plan, folder / plan.name)
        found[plan.name] = Written(plan, folder / plan.name)
    return found


@pytest.fixture(scope="module")
def results(plugins, environment) -> dict[str, list[Result]]:
    """What the tests of all these plugins said, run at once where they are installed."""
    for each in plugins.values():
        each.pretend_installed(environment.folder)
    with_kit = {plan_of(*pair).name for pair in WITH_KIT}
    left = [f"--deselect={name}/tests/test_contract.py" for name in plugins if name not in with_kit]
    folder = next(iter(plugins.values())).folder.parent
    report = folder / "report.xml"
    options = ["-q", "-c", "/dev/null", "--rootdir=.", "--import-mode=importlib", "-p", "no:cacheprovider"]
    done = environment.run(
        "pytest", *options, "--tb=no", f"--junit-xml={report}", *left, *plugins, cwd=folder
    )
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-3000:]
    found: dict[str, list[Result]] = {name: [] for name in plugins}
    for case in ET.parse(report).iter("testcase"):
        name, _, file, *_ = case.attrib["classname"].split(".")
        troubles = [*case.findall("failure"), *case.findall("error")]
        found[name].append(
            Result(case.attrib["name"], file, "".join(each.attrib["message"] for each in troubles))
        )
    return found


def test_what_is_written_passes_linter_and_formatter(plugins):
    folder = next(iter(plugins.values())).folder.parent
    for words in (["check"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--no-cache", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]


def test_what_is_written_is_typed(plugins, tmp_path, monkeypatch):
    """For each transport the one with every hook."""
    names = [every_hook(transport).name for transport in Transport]
    monkeypatch.setenv("MYPYPATH", ":".join(str(plugins[name].folder / "src") for name in names))
    packages = [word for name in names for word in ("-p", plugins[name].plan.package)]
    config = plugins[names[0]].folder / "pyproject.toml"
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, "--cache-dir", tmp_path / "mypy", *packages],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_a_new_plugin_loads(plugins, environment, results):
    program = (
        "import json; from kopru.registry import Registry; "
        "print(json.dumps({e.name: [e.status, e.reason.en, sorted(e.hooks)] for e in Registry.installed().report}))"
    )
    done = environment.run("python", "-c", program)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name, written in plugins.items():
        assert found[name] == ["loaded", "Loaded.", sorted(hook.name for hook in written.plan.hooks)]


@pytest.mark.parametrize("kind, transport", PAIRS)
def test_its_tests_fail_only_where_work_is_left(kind, transport, plugins, results):
    written = plugins[plan_of(kind, transport).name]
    assert_only_work_is_left(written, results[written.plan.name])
    if (kind, transport) in WITH_KIT:
        kit = [each for each in results[written.plan.name] if each.file == "test_contract"]
        assert any(each.failure for each in kit)
        assert any(not each.failure for each in kit)


@pytest.mark.parametrize("transport", Transport)
def test_every_hook_can_be_begun_with(transport, plugins, results):
    written = plugins[every_hook(transport).name]
    assert {hook.name for hook in written.plan.hooks} == set(hooks())
    assert_only_work_is_left(written, results[written.plan.name])


def assert_only_work_is_left(written: Written, results: list[Result]) -> None:
    # Where there is a login, nothing can be called before that is written.
    logs_in = written.plan.simulated and written.plan.has("refresh_credentials")
    checked = written.plan.connects and not logs_in
    ready = {"check_connection"} if checked else set()
    failed = {each.name for each in results if each.failure and each.file == "test_hooks"}
    assert failed == {f"test_{hook.name}" for hook in written.plan.hooks if hook.name not in ready}
    assert [each for each in results if each.failure and each.file in ("test_plugin", "test_simulator")] == []
    for each in results:
        if each.failure:
            told = UNWRITTEN.search(each.failure)
            assert told, f"{written.plan.name}: {each.name} does not say what to write: {each.failure}"
            file, function = told.groups()
            paths = [
                path for path in (written.source / file, written.folder / "tests" / file) if path.exists()
            ]
            assert f"def {function}(" in paths[0].read_text("utf-8")


def test_a_new_plugin_has_what_its_neighbours_have(plugins):
    for written in plugins.values():
        for name in ("README.md", "pyproject.toml", f"docs/{written.plan.name}.md", "tests/test_contract.py"):
            assert (written.folder / name).stat().st_size > 100
        for name in ("__init__.py", "py.typed", "manifest.py", "config.py", "hooks.py"):
            assert (written.source / name).exists()
        assert (written.source / "simulator.py").exists() == written.plan.simulated


def test_no_place_of_a_template_is_left_open():
    for pair in PAIRS:
        for name, text in render(plan_of(*pair)).items():
            assert not re.search(r"\$\{?[a-z]", text), name


@pytest.mark.parametrize(
    "asked, code",
    [
        ({"kind": "shpo"}, "scaffold.kind.unknown"),
        ({"transport": "htp"}, "scaffold.transport.unknown"),
        ({"transport": "none"}, "scaffold.transport.needed"),
        ({"capabilities": ["orders"]}, "scaffold.capability.unknown"),
        ({"name": "Pazar"}, "scaffold.name"),
        ({"name": "class"}, "scaffold.name"),
        ({"name": "../pazar"}, "scaffold.name"),
        ({"name": "a" * 25}, "scaffold.name"),
        ({"title": 'Pa"zar'}, "scaffold.title"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(asked, code):
    with pytest.raises(ConfigError) as refused:
        make_plan(**{"kind": "shop", "name": "pazar", **asked})
    assert refused.value.code == code


def test_a_wrong_hook_is_told_with_the_one_that_was_meant():
    with pytest.raises(ConfigError) as refused:
        make_plan("shop", "pazar", ["fetch_order_s"])
    assert "“fetch_orders”" in refused.value.message.en


def test_hooks_that_others_need_come_by_themselves():
    hooks = {hook.name for hook in make_plan("accounting", "defter", ["post_invoice"]).hooks}
    assert hooks == {"post_invoice", "locate", "check_connection"}


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(ConfigError) as refused:
        write(plan_of(PluginKind.SHOP, Transport.HTTP), tmp_path)
    assert refused.value.code == "scaffold.taken"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
