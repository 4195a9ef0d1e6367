"""A minute of everything going wrong: nothing is lost, nothing is there twice; and the table can turn red."""

import shutil
import tempfile
from pathlib import Path

import pytest

from kopru.runtime.chaos.plan import Plan
from kopru.runtime.chaos.run import run
from kopru.settings import Settings
from kopru.testing.chaos.verdict import judge

SEED = 167


@pytest.fixture(scope="module")
def outcome():
    """One run, for all tests of this file."""
    folder = Path(tempfile.mkdtemp(prefix="kopru-smoke-", dir="/tmp"))
    folder.chmod(0o711)
    settings = Settings.from_environment({"KOPRU_HOME": str(folder), "HOME": str(folder)})
    said = []
    yield run(Plan(SEED, 0.75, tenants=3, orders=180, per_minute=32.0), settings, folder / "run", said.append)
    shutil.rmtree(folder, ignore_errors=True)


def test_every_invariant_holds(outcome):
    report, _ = outcome
    assert report.holds, report.text()


def test_it_really_was_chaos(outcome):
    report, case = outcome
    assert sum(report.strikes.values()) >= 8, report.text()
    assert sum(report.faults.values()) > 0, report.text()
    assert len(case.ground.placed) >= 180
    assert report.orders["done"] >= 0.75 * len(case.ground.placed), report.text()


def test_each_planted_violation_is_found_in_its_evidence(outcome, plants):
    _, case = outcome
    for plant, line in plants.items():
        broken = {row.invariant for row in judge(plant(case)) if row.violations}
        assert line in broken, plant.__name__
