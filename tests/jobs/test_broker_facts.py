"""What Dramatiq and Valkey do to jobs that they alone look after. The reasons why a job is a row in PostgreSQL.

These are no wishes: each test states a fact that was measured, in the short form that fits into a test run. One
that fails after an upgrade says that a reason has gone, or that the engine's settings no longer work.
"""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import dramatiq
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker

from kopru.runtime.servers.valkey import _program

PROGRAM = Path(__file__).parent / "programs" / "facts.py"


class Bench:
    """A Valkey that keeps what it has confirmed, and workers on it."""

    def __init__(self, folder, eventually):
        self.folder, self.eventually = folder, eventually
        self.url = f"unix://{folder}/valkey.sock?db=0"
        self.log = folder / "log"
        self.log.touch()
        self.server = None
        self.workers = []

    def start_server(self):
        options = ("--port", "0", "--unixsocket", "valkey.sock", "--save", "")
        kept = ("--appendonly", "yes", "--appendfsync", "always")
        self.server = subprocess.Popen(
            [str(_program()), *options, *kept], cwd=self.folder, stdout=subprocess.DEVNULL
        )
        self.eventually(self._answers)

    def _answers(self):
        try:
            with redis.from_url(self.url) as client:
                return client.ping()
        except redis.RedisError:
            return False

    def stop_server(self):
        self.server.terminate()
        self.server.wait()

    def worker(self, *, heartbeat=60_000, ahead=0):
        """Start a worker process and return it once it takes messages."""
        ready = self.lines().count("ready")
        arguments = (self.url, str(self.log), str(heartbeat), str(ahead))
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments], stderr=subprocess.DEVNULL, cwd=self.folder
        )
        self.workers.append(process)
        self.eventually(lambda: self.lines().count("ready") > ready)
        return process

    def send(self, actor, *args):
        with redis.from_url(self.url) as client:
            broker = RedisBroker(client=client, middleware=[])
            broker.declare_queue("default")
            broker.enqueue(dramatiq.Message("default", actor, args, {}, {}))

    def lines(self):
        return self.log.read_text("utf-8").splitlines()

    def saw(self, line, times=1, seconds=20.0):
        """Wait until a line stands in the log so many times."""
        self.eventually(lambda: self.lines().count(line) >= times, seconds=seconds)

    def messages(self, name):
        """Return how many messages about a job there are anywhere: waiting, delayed or dead."""
        with redis.from_url(self.url) as client:
            kept = [
                each for end in ("", ".DQ", ".XQ") for each in client.hvals(f"dramatiq:default{end}.msgs")
            ]
        return sum(dramatiq.Message.decode(each).args[0] == name for each in kept)

    def close(self):
        for process in (*self.workers, self.server):
            if process is not None:
                process.kill()
                process.wait()


@pytest.fixture
def bench(eventually):
    # Under /tmp, because the path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="kf-", dir="/tmp") as folder:
        made = Bench(Path(folder), eventually)
        try:
            made.start_server()
            yield made
        finally:
            made.close()


def test_job_that_fails_while_the_broker_is_away_is_lost(bench):
    """The retry cannot be stored, and the message is acknowledged all the same once the broker is back."""
    bench.worker()
    bench.send("failing", "retried", 0)
    bench.saw("try retried", times=2)
    bench.send("failing", "lost", 1.5)
    bench.saw("try lost")
    bench.stop_server()
    bench.saw("fail lost")
    time.sleep(0.5)
    bench.start_server()
    bench.eventually(lambda: bench.messages("lost") == 0)
    time.sleep(2)
    assert bench.lines().count("try lost") == 1, "Dramatiq no longer loses it: see the reasons in the docs"
    assert bench.messages("lost") == 0, "and it is in no dead-letter queue either"


def test_job_of_a_killed_worker_comes_back_after_the_heartbeat_time(bench):
    """With orphans looked for at every poll, as the engine asks for; by default it takes minutes."""
    first = bench.worker(heartbeat=10_000)
    bench.send("slow", "job", 1)
    bench.saw("start job")
    first.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    bench.worker(heartbeat=10_000)
    bench.saw("start job", times=2, seconds=24.0)
    assert time.monotonic() - killed > 5, "a heartbeat time of 10 s is not kept"
    bench.saw("end job")


def test_clock_that_is_ahead_hands_a_running_job_out_again(bench):
    """Dramatiq judges heartbeats by the worker's own clock; the engine uses the database's."""
    bench.worker()
    bench.send("slow", "job", 6)
    bench.saw("start job")
    bench.worker(ahead=70_000)
    bench.saw("start job", times=2)
    assert "end job" not in bench.lines()
    bench.saw("end job", times=2)
