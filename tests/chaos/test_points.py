"""Workers die exactly where they are told to, and only once."""

import json
import os
import signal
import subprocess
import sys

import pytest

from kopru.runtime.chaos.points import ARMED, DOOMED, FIRED
from kopru.testing.chaos.nemesis import OPERATIONS, POINTS

CODE = """
import sys
from pathlib import Path
from kopru.runtime.chaos.points import Points
points = Points(Path(sys.argv[1]))
points.reach("answered", "post_invoice")
points.reach("uncertain", "submit_invoice")
print("passed", flush=True)
"""


@pytest.fixture
def folder(tmp_path):
    for name in (ARMED, FIRED, DOOMED):
        (tmp_path / name).mkdir()
    return tmp_path


def reach(folder):
    return subprocess.run(
        [sys.executable, "-c", CODE, str(folder)], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_worker_passes_points_nobody_armed(folder):
    assert reach(folder).stdout == "passed\n"


def test_an_armed_point_kills_the_first_who_gets_there_and_nobody_else(folder):
    (folder / ARMED / "uncertain.submit_invoice").write_text(json.dumps({"act": "kill"}))
    assert reach(folder).returncode == -signal.SIGKILL
    assert [path.name.split(".")[:2] for path in (folder / FIRED).iterdir()] == [
        ["uncertain", "submit_invoice"]
    ]
    assert reach(folder).stdout == "passed\n"


def test_an_armed_point_can_stop_a_worker_for_a_while(folder):
    (folder / ARMED / "answered.post_invoice").write_text(json.dumps({"act": "pause"}))
    process = subprocess.Popen([sys.executable, "-c", CODE, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        assert process.communicate(timeout=60)[0] == "passed\n"
    finally:
        process.kill()
        process.wait()


WRAPPED = """
import sys
from pathlib import Path
from kopru.flows import booking, changing, effects, invoicing, linking
from kopru.hooks.types import Operation
from kopru.runtime.chaos.points import Points
begin = effects.begin
Points(Path(sys.argv[1])).install(0.1)
for flow in (booking, changing, effects, invoicing, linking):
    assert flow.begin is not begin, flow
print("watched", flush=True)
"""


def test_every_flow_that_writes_is_watched(folder):
    done = subprocess.run(
        [sys.executable, "-c", WRAPPED, str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "watched\n", done.stderr


def test_points_are_the_borders_of_every_operation_of_the_main_job():
    assert {
        "before_sending",
        "after_sending",
        "bytes_out",
        "answered",
        "before_settled",
        "after_settled",
    } <= set(POINTS)
    assert {"submit_invoice", "post_invoice", "update_order_status"} <= set(OPERATIONS)
