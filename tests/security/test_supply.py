"""What is installed is what was looked at: every library pinned and hashed, no place of download in the files."""

import re
import tomllib
from pathlib import Path

import pytest

from kopru.hooks import ports
from kopru.hooks.errors import Unsupported
from kopru.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
ENTRY = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;]+)( ; [^\\]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n?", re.M
)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_library_is_pinned_and_hashed():
    left = ENTRY.sub("", LOCK)
    assert [line for line in left.splitlines() if line.strip() and not line.lstrip().startswith("#")] == []
    assert len(ENTRY.findall(LOCK)) > 30


def test_the_lock_names_no_place_to_download_from():
    assert not re.search(r"://|--(?:extra-)?index" + r"-url|--find-links|--trusted-host| @ ", LOCK)


def test_every_dependency_is_locked():
    locked = {normal(entry[0]) for entry in ENTRY.findall(LOCK)}
    for file in (ROOT / "pyproject.toml", *ROOT.glob("plugins/*/*/pyproject.toml")):
        project = tomllib.loads(file.read_text("utf-8"))["project"]
        wanted = {normal(re.split(r"[\s\[<>=!~;]", each)[0]) for each in project["dependencies"]}
        assert {each for each in wanted if each != "kopru"} <= locked, file


def test_installing_insists_on_the_hashes():
    assert '--require-hashes -r "$root/requirements.lock"' in (ROOT / "run").read_text("utf-8")


@pytest.mark.parametrize(
    ("allowed", "enabled"),
    [((), ()), (("trendyol",), ()), ((), ("trendyol",)), (("logo",), ("trendyol",))],
    ids=["neither", "not enabled", "not allowed", "another one allowed"],
)
def test_a_plugin_is_called_only_when_operator_and_company_want_it(allowed, enabled):
    registry = Registry.installed()
    assert registry.for_tenant(["trendyol"], ["trendyol"]).use("trendyol", ports.ChecksConnection)
    with pytest.raises(Unsupported) as refused:
        registry.for_tenant(allowed, enabled).use("trendyol", ports.ChecksConnection)
    assert refused.value.code == "plugin.not_enabled"
