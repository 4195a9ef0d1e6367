"""``kopru chaos run``: the schedule beforehand, the table afterwards, and an exit code for scripts."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from kopru.cli import app
from kopru.runtime.host import RuntimeHost
from kopru.settings import Settings
from kopru.testing.chaos.report import Report
from kopru.testing.chaos.verdict import judge


class Host:
    """Returns a report instead of making one."""

    language = "en"

    def __init__(self, report):
        self.report = report
        self.size = {}

    def chaos(self, say, folder, *, show, **size):
        self.size = size
        say("at work")
        return self.report


@pytest.fixture
def report(good_case):
    return Report("kopru chaos run --seed 7", 7, 1.0, 2, judge(good_case), {}, {}, {}, {"done": 4}, {})


def run(host, *arguments):
    return CliRunner().invoke(app, ["chaos", "run", *arguments], obj=host)


def test_a_run_that_went_well_ends_with_zero_and_is_added_to_the_report(report, tmp_path):
    file = tmp_path / "report.md"
    file.write_text("before\n")
    host = Host(report)
    done = run(host, "--seed", "7", "--faults", "redis, point", "--only", "3,7-9", "--report", str(file))
    assert done.exit_code == 0
    assert "every invariant holds" in done.output
    assert host.size["seed"] == 7
    assert (host.size["families"], host.size["only"]) == (("redis", "point"), "3,7-9")
    assert file.read_text().startswith("before\n### Seed 7")


def test_a_violation_makes_the_exit_code_say_so(report, good_case, plants):
    spoiled = next(plant for plant, line in plants.items() if line == "I2")(good_case)
    done = run(Host(replace(report, rows=judge(spoiled))))
    assert done.exit_code == 1
    assert "BROKEN" in done.output


@pytest.fixture
def host(tmp_path):
    return RuntimeHost(Settings.from_environment({"KOPRU_HOME": str(tmp_path), "HOME": str(tmp_path)}))


def test_the_schedule_can_be_seen_beforehand_and_is_the_same_each_time(host, tmp_path):
    shown = run(host, "--seed", "4", "--minutes", "2", "--dry-run")
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) == 48
    assert run(host, "--seed", "4", "--minutes", "2", "--dry-run").output == shown.output
    picked = run(host, "--seed", "4", "--minutes", "2", "--only", "3,7-9", "--dry-run").output.splitlines()
    assert picked == [shown.output.splitlines()[n - 1] for n in (3, 7, 8, 9)]
    assert list(tmp_path.iterdir()) == [], "nothing was started"


@pytest.mark.parametrize(("option", "value"), [("--faults", "weather"), ("--only", "three")])
def test_options_that_mean_nothing_are_refused(host, option, value):
    done = run(host, option, value, "--dry-run")
    assert done.exit_code == 2
    assert value in done.output
