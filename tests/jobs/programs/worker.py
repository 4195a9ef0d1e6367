"""A worker process with jobs of a test: ``worker.py DATABASE_URL REDIS_URL MASTER_KEY SECONDS_TO_STOP``."""

import os
import signal
import sys
import threading
import time

from kopru.flows.env import Env
from kopru.jobs.broker import make_broker
from kopru.jobs.handlers import Handler
from kopru.jobs.worker import JobWorker
from kopru.registry import Registry
from kopru.storage.queue import Queue
from kopru.storage.secrets import KeyRing, MasterKey
from kopru.storage.store import Store, make_engine
from kopru.transport.limiter import NoLimiter


def tell(work, action):
    with work.write() as uow:
        uow.events.add(
            "worker", "job", f"job {work.job_id}", action, pid=os.getpid(), attempt=work.attempt_no
        )


def sleep(work):
    tell(work, "started")
    time.sleep(work.args["seconds"])
    tell(work, "ended")


def die(work):
    tell(work, "started")
    os.kill(os.getpid(), signal.SIGKILL)


def told(work, reason):
    tell(work, f"told {reason.code}")


def main(database_url, redis_url, master_key, seconds):
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.set())
    store = Store(make_engine(database_url), KeyRing(MasterKey.from_text(master_key)))
    env = Env(store=store, registry=Registry([]), limiter=NoLimiter())
    handlers = {"sleep": Handler(sleep, told), "die": Handler(die, told)}
    worker = JobWorker(env, Queue(store), make_broker(redis_url), 2, handlers)
    worker.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    stopping.wait()
    worker.stop(float(seconds))


main(*sys.argv[1:])
