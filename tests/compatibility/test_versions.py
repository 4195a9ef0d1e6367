"""What a plugin states about versions: of the core it works with, of the contract, of its own settings."""

import importlib.util
import json
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import distribution, entry_points, version
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from packaging.requirements import Requirement
from packaging.version import Version
from pydantic import ValidationError

from kopru.flows.connections import migrated
from kopru.flows.records import ConnectionRow, ConnectionState
from kopru.hooks.manifest import HOOK_API
from kopru.registry import Registry, Status
from kopru.registry.discovery import examine
from kopru.storage.tables import metadata

_SPEC = importlib.util.spec_from_file_location("stored", Path(__file__).with_name("stored.py"))
stored = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(stored)

ROOT = Path(__file__).parents[2]
PROJECTS = sorted((ROOT / "plugins").glob("*/*/pyproject.toml"))
REGISTRY = Registry.installed()
POINTS = {point.name: point for point in entry_points(group="kopru.plugins")}
CORE = Version(version("kopru"))


def core_range(requirements):
    """The requirement on the core among others, with its bounds; extras for tests do not count."""
    every = [Requirement(each) for each in requirements]
    (found,) = [each for each in every if each.name == "kopru" and "extra" not in str(each.marker)]
    return found


def check_range(requirement):
    bounds = {each.operator: Version(each.version) for each in requirement.specifier}
    assert set(bounds) == {">=", "<"}, f"{requirement}: give a lower and an upper bound, as kopru>=0.1,<0.2"
    assert bounds[">="] <= CORE < bounds["<"], f"{requirement} leaves out the core of this tree, {CORE}"
    following = (CORE.major + 1,) if CORE.major else (0, CORE.minor + 1)
    assert bounds["<"] <= Version(".".join(map(str, following))), f"{requirement} promises too much"


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_a_plugin_says_which_core_it_works_with(project):
    data = tomllib.loads(project.read_text("utf-8"))["project"]
    check_range(core_range(data["dependencies"]))
    assert re.fullmatch(r">=3\.\d+", data["requires-python"])


@pytest.mark.parametrize("name", sorted(POINTS))
def test_an_installed_wheel_says_which_core_it_works_with(name):
    """What counts is what stands in the wheel, whoever built it."""
    built = distribution(POINTS[name].dist.name)
    check_range(core_range(built.requires or ()))
    assert REGISTRY.manifest(name).version == built.version, "manifest and wheel name different versions"


def test_every_plugin_of_the_tree_is_installed():
    stated = set()
    for project in PROJECTS:
        data = tomllib.loads(project.read_text("utf-8"))["project"]
        stated |= set(data["entry-points"]["kopru.plugins"])
    assert stated <= set(POINTS), "install it: pip install --no-deps -e plugins/KIND/NAME"


# The contract's version


def test_the_hook_api_is_one_whole_number():
    assert isinstance(HOOK_API, int) and HOOK_API >= 1


@pytest.mark.parametrize("name", sorted(REGISTRY.manifests))
def test_a_plugin_states_a_range_of_the_hook_api(name):
    low, high = REGISTRY.manifest(name).hook_api
    assert isinstance(low, int) and isinstance(high, int)
    assert low <= HOOK_API <= high


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ((HOOK_API, HOOK_API), Status.LOADED),
        ((1, HOOK_API + 5), Status.LOADED),
        ((HOOK_API + 1, HOOK_API + 2), Status.INCOMPATIBLE),
        ((0, HOOK_API - 1), Status.INCOMPATIBLE),
    ],
)
def test_a_plugin_outside_the_range_is_skipped_with_the_reason(stated, status):
    honest = POINTS["history"].load()
    other = type("Other", (type(honest),), {"manifest": replace(honest.manifest, hook_api=stated)})()
    found = examine("history", "kopru-history", other)
    assert found.status is status
    if status is Status.INCOMPATIBLE:
        assert str(HOOK_API) in found.reason.en and str(stated[0]) in found.reason.tr


# Stored settings


def versions():
    """Every version that a plugin's settings ever had."""
    manifests = REGISTRY.manifests.items()
    return [(name, n) for name, manifest in manifests for n in range(1, manifest.config_version + 1)]


@pytest.mark.parametrize(("name", "stored_version"), versions())
def test_settings_stored_by_any_version_are_read_by_this_one(name, stored_version):
    """A field that was renamed, narrowed or dropped needs a higher ``config_version`` and a migration."""
    manifest, path = REGISTRY.manifest(name), stored.path_of(name, stored_version)
    assert path.exists(), f"write an example: python tests/compatibility/stored.py {name}"
    data = json.loads(path.read_text("utf-8"))
    assert data["config_version"] == stored_version
    values = data["config"]
    if stored_version < manifest.config_version:
        values = manifest.migrate_config(stored_version, dict(values))
    hint = (
        f"{path.name} is not read any more; if no release stored such settings, delete it and write it anew"
    )
    try:
        config = manifest.config.model_validate(values | data["secrets"])
    except ValidationError as error:
        raise AssertionError(f"{hint}: {error}") from error
    if stored_version == manifest.config_version:
        kept = config.model_dump(mode="json", exclude=set(data["secrets"]))
        assert {field: kept.get(field) for field in values} == values, hint


def test_the_engine_brings_stored_settings_up_to_date_when_it_reads_them():
    """By the version stored with them; what is of this version is left alone."""
    calls = []

    def migrate(version, values):
        calls.append(version)
        return {"folder": values["ordner"]}

    manifest = replace(REGISTRY.manifest("orderfile"), config_version=3, migrate_config=migrate)
    assert migrated(manifest, row(2, {"ordner": "/siparisler"})) == {"folder": "/siparisler"}
    assert calls == [2]
    assert migrated(manifest, row(3, {"folder": "/siparisler"})) == {"folder": "/siparisler"}
    assert calls == [2]


def row(config_version, config):
    now = datetime.now(UTC)
    return ConnectionRow(
        uuid4(), "datei", "orderfile", ConnectionState.ACTIVE, config, config_version, now, "secret"
    )


# Tables


def test_no_plugin_has_tables():
    """What a plugin keeps goes through the contract; the engine's tables are the engine's alone."""
    names = {f"kopru_{name}" for name in POINTS} | set(POINTS)
    assert not [table for table in metadata.tables if any(table.startswith(f"{name}_") for name in names)]
    assert isinstance(metadata, sa.MetaData)
