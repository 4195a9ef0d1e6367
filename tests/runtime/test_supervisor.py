"""A supervisor keeps its children alive, ends them in order, and does not outlive its own death in them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kopru.runtime import lifeline
from kopru.runtime.servers.locks import wait_until
from kopru.runtime.supervisor import Child, Supervisor

PROGRAMS = Path(__file__).parent / "programs"


class Running:
    """A supervisor in a process of its own."""

    def __init__(self, folder: Path, *children: str, grace: float = 20.0) -> None:
        self.folder = folder
        self.names = [child.partition(":")[2] for child in children]
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAMS / "supervise.py"), str(folder), str(grace), *children],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def notes(self, name: str) -> list[str]:
        """Return what a child wrote down, without the process ids."""
        return [note for note, _ in self._notes(name)]

    def child(self, name: str) -> int:
        """Return the newest process of a child."""
        return [pid for note, pid in self._notes(name) if note == "started"][-1]

    def wait_started(self, name: str, times: int = 1) -> bool:
        return wait_until(lambda: self.notes(name).count("started") >= times, 20)

    def _notes(self, name: str) -> list[tuple[str, int]]:
        path = self.folder / f"{name}.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(note, int(pid)) for note, _, pid in (line.rpartition(" ") for line in lines)]


@pytest.fixture
def run(tmp_path):
    started = []

    def start(*children: str, grace: float = 20.0) -> Running:
        started.append(Running(tmp_path, *children, grace=grace))
        for name in started[-1].names:
            assert started[-1].wait_started(name)
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


def test_a_killed_child_is_started_again_and_its_neighbour_is_left_alone(run, kill):
    running = run("plain:a", "plain:b")
    kill(running.child("a"))
    assert running.wait_started("a", times=2)
    kill(running.child("a"))
    assert running.wait_started("a", times=3)
    assert running.notes("b") == ["started"]


def test_a_child_that_keeps_failing_is_tried_again_with_growing_pauses(run):
    running = run("failing:a", "plain:b")
    assert running.wait_started("a", times=4)
    assert running.process.poll() is None
    assert running.notes("b") == ["started"]


def to_the_process(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)


def to_all_of_the_terminal(pid: int) -> None:
    """Send what Ctrl-C sends."""
    os.killpg(pid, signal.SIGINT)


@pytest.mark.parametrize("send", [to_the_process, to_all_of_the_terminal])
def test_a_signal_ends_every_child_and_then_the_supervisor(run, send, ends):
    running = run("plain:a", "plain:b")
    pids = [running.child("a"), running.child("b")]
    send(running.process.pid)
    assert running.process.wait(20) == 0
    assert all(ends(pid, 0) for pid in pids)
    assert running.notes("a") == running.notes("b") == ["started", "told to end"]


def test_a_child_that_does_not_end_is_killed_after_the_grace(run, ends):
    running = run("stubborn:a", grace=0.5)
    pid = running.child("a")
    running.process.terminate()
    assert running.process.wait(20) == 0
    assert ends(pid, 0)


def test_a_second_signal_ends_the_grace(run, ends):
    running = run("stubborn:a", grace=300)
    pid = running.child("a")
    running.process.terminate()
    time.sleep(0.5)
    assert running.process.poll() is None
    running.process.terminate()
    assert running.process.wait(20) == 0
    assert ends(pid, 0)


def test_children_end_at_once_when_their_supervisor_is_killed(run, ends):
    running = run("plain:a", "graceful:b", "stubborn:c")
    pids = [running.child(name) for name in "abc"]
    running.process.kill()
    running.process.wait()
    assert all(ends(pid, 5.0) for pid in pids)
    assert running.notes("b") == ["started", "lifeline lost"]


def test_a_child_without_lifeline_would_stay(run, ends, kill):
    running = run("loner:a")
    pid = running.child("a")
    running.process.kill()
    assert not ends(pid, 1.0)
    kill(pid)


def test_a_process_without_supervisor_has_no_lifeline(monkeypatch):
    monkeypatch.delenv(lifeline.VARIABLE, raising=False)
    assert not lifeline.hold()


def test_children_of_a_child_do_not_inherit_the_lifeline(tmp_path):
    script = (
        "import os, subprocess, sys\n"
        "from kopru.runtime import lifeline\n"
        "fd = int(os.environ[lifeline.VARIABLE])\n"
        "assert lifeline.hold()\n"
        "code = 'import os, sys; os.fstat(int(sys.argv[1]))'\n"
        "inner = subprocess.run([sys.executable, '-c', code, str(fd)], close_fds=False, stderr=subprocess.DEVNULL)\n"
        f"open({str(tmp_path / 'said')!r}, 'w').write(f'{{inner.returncode}} {{lifeline.VARIABLE in os.environ}}')\n"
        "import time; time.sleep(60)\n"
    )
    with Supervisor([Child("a", (sys.executable, "-c", script))], grace=5):
        assert wait_until(lambda: (tmp_path / "said").exists() and (tmp_path / "said").read_text() != "", 20)
    assert (tmp_path / "said").read_text() == "1 False"


def test_states_tell_what_runs_and_how_often_it_was_started(tmp_path, kill):
    child = Child("a", (sys.executable, str(PROGRAMS / "child.py"), "plain", str(tmp_path), "a"))
    missing = Child("b", ("/no/such/program",))
    with Supervisor([child, missing], grace=10) as supervisor:
        first, absent = supervisor.states()
        assert (first.name, first.restarts, absent.pid) == ("a", 0, None)
        assert first.pid is not None
        os.kill(first.pid, 0)
        kill(first.pid)
        assert wait_until(lambda: supervisor.states()[0].restarts == 1, 20)
        assert supervisor.states()[0].pid != first.pid
    assert [state.pid for state in supervisor.states()] == [None, None]


def test_a_child_gets_its_own_variables_on_top_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "1")
    code = f"import os; open({str(tmp_path / 'said')!r}, 'w').write(os.environ['OURS'] + os.environ['THEIRS'] + '\\n')"
    with Supervisor([Child("a", (sys.executable, "-c", code), {"THEIRS": "2"})]):
        assert wait_until(
            lambda: (tmp_path / "said").exists() and "\n" in (tmp_path / "said").read_text(), 20
        )
    assert (tmp_path / "said").read_text() == "12\n"
