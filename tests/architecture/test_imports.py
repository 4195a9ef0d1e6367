"""Who may import whom: the contracts hold, and each of them notices a breach."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
PLUGINS = sorted(path.parent.parent for path in ROOT.glob("plugins/*/*/src/kopru_*/__init__.py"))

BREACHES = {
    "A core module imports only what lies below it; modules of one level do not import each other": [
        ("core/kopru/matching/exact.py", "import kopru.documents"),
        ("core/kopru/flows/orders.py", "import kopru.storage.store"),
        ("core/kopru/a_new_module.py", ""),
    ],
    "Settings import nothing of ours": [("core/kopru/settings.py", "import kopru.model")],
    "Only the runtime reads the settings": [("core/kopru/jobs/relay.py", "import kopru.settings")],
    "The testing kit stands on the contract and the transport alone": [
        ("core/kopru/testing/faults.py", "import kopru.registry")
    ],
    "The engine at work does not need the testing kit": [
        ("core/kopru/web/server.py", "import kopru.testing.world")
    ],
    "The core imports no plugin": [("core/kopru/runtime/up.py", "import kopru_logo")],
    "Plugins do not import each other": [
        ("plugins/accounting/logo/src/kopru_logo/codes.py", "import kopru_nilvera.codes")
    ],
    "Plugins import kopru.sdk, kopru.model and kopru.toolkit; their simulators kopru.testing as well": [
        ("plugins/einvoice/nilvera/src/kopru_nilvera/codes.py", "import kopru.transport.http"),
        ("plugins/shops/orderfile/src/kopru_orderfile/hooks.py", "import kopru.testing.world"),
    ],
    "Only the registry and the markers know pluggy": [("core/kopru/hooks/types.py", "import pluggy")],
    "Only the jobs know Dramatiq": [("core/kopru/storage/queue.py", "import dramatiq")],
    "Only the storage knows SQLAlchemy and Alembic": [("core/kopru/jobs/worker.py", "import sqlalchemy")],
    "Rules are pure: no database, network or framework": [
        ("core/kopru/documents/compose.py", "import httpx"),
        ("core/kopru/model/order.py", "import redis"),
    ],
}


def lint(folder):
    """Check the contracts on the sources below a folder, and return the exit code and what was said."""
    sources = [folder / "core", *(folder / path.relative_to(ROOT) for path in PLUGINS)]
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sources)), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return checked.returncode, checked.stdout + checked.stderr


def test_the_contracts_hold():
    code, said = lint(ROOT)
    assert code == 0, said


def test_every_package_is_under_contract():
    packages = {path.name for plugin in PLUGINS for path in plugin.glob("kopru_*")}
    assert set(CONTRACTS["root_packages"]) == {"kopru"} | packages


@pytest.fixture(scope="module")
def breached(tmp_path_factory):
    """What is said of a copy in which each contract is broken."""
    folder = tmp_path_factory.mktemp("breached")
    ignored = shutil.ignore_patterns("__pycache__", "migrations", "tests")
    for path in ("core", "plugins"):
        shutil.copytree(ROOT / path, folder / path, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for breaches in BREACHES.values():
        for path, line in breaches:
            with (folder / path).open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")
    return lint(folder)


@pytest.mark.parametrize("name", [contract["name"] for contract in CONTRACTS["contracts"]])
def test_a_breach_is_noticed(breached, name):
    code, said = breached
    assert code == 1
    assert f"{name} BROKEN" in " ".join(said.split()), said
    for path, line in BREACHES[name]:
        module = ".".join(Path(path).with_suffix("").parts).split("src.")[-1].removeprefix("core.")
        broken = line.removeprefix("import ") if line else module
        assert f"{module} -> {broken}" in said or not line, said
