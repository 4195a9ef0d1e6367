"""The processes of an installation: each runs one part until it is told to stop."""

import logging
import signal
import sys
import threading
from types import FrameType
from typing import TextIO, cast

import structlog

from kopru.flows.connections import complete_schedules
from kopru.flows.env import Lease, Work
from kopru.jobs.relay import Relay, Scheduler
from kopru.jobs.worker import JobWorker
from kopru.runtime import anchors, lifeline
from kopru.runtime.compose import Engine, compose, prepare_database
from kopru.runtime.plugins import tell_skipped
from kopru.runtime.servers import connect
from kopru.settings import Settings
from kopru.transport.redaction import mask_text

BELLS_PER_THREAD = 4
ROLES = ("worker", "relay", "scheduler", "web")


def run(role: str, settings: Settings) -> None:
    """Run one role in this process until SIGTERM, SIGINT or the loss of the supervisor."""
    configure_log(settings)
    stopping = threading.Event()
    _stop_on_signals(stopping)
    lifeline.hold(stopping.set, grace=1.0)
    with connect(settings) as endpoints:
        prepare_database(settings, endpoints.database_url)
        with compose(settings, endpoints, threads=settings.threads) as engine:
            tell_skipped(engine.registry)
            _RUN[role](engine, stopping)


def run_worker(engine: Engine, stopping: threading.Event) -> None:
    """Take and run jobs."""
    worker = JobWorker(engine.env, engine.queue, engine.broker, engine.settings.threads)
    worker.start()
    stopping.wait()
    worker.stop()


def run_relay(engine: Engine, stopping: threading.Event) -> None:
    """Ring for due jobs."""
    ahead = engine.settings.workers * engine.settings.threads * BELLS_PER_THREAD
    Relay(engine.queue, engine.broker, engine.bell, ahead=ahead).run(stopping)


def run_scheduler(engine: Engine, stopping: threading.Event) -> None:
    """Fire schedules, seal the audit chain and keep its heads, tidy up."""
    keeping = (engine.store, engine.settings.home, stopping)
    threading.Thread(target=anchors.keep_for_ever, args=keeping, name="anchors", daemon=True).start()
    Scheduler(engine.queue, engine.store, lambda: _complete_schedules(engine)).run(stopping)


def _complete_schedules(engine: Engine) -> None:
    for tenant_id, _ in engine.store.tenants():
        complete_schedules(Work(engine.env, tenant_id, {}, Lease(None)))


def run_web(engine: Engine, stopping: threading.Event) -> None:
    """Answer webhooks and health questions."""
    from kopru.web.server import serve  # noqa: PLC0415 - only this process needs a web server

    serve(
        engine.env, engine.store.find_connection, engine.settings.web_host, engine.settings.web_port, stopping
    )


_RUN = {"worker": run_worker, "relay": run_relay, "scheduler": run_scheduler, "web": run_web}


def configure_log(settings: Settings, *, quiet: bool = False) -> None:
    """Write structured log lines to standard error; a ``quiet`` process tells of nothing below a warning."""
    console = sys.stderr
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(max(level, logging.WARNING) if quiet else level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("dramatiq").setLevel(logging.CRITICAL)


class _StandardError:
    """Standard error as it is when a line is written; a logger outlives a stream that was put there."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def _mask(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Mask personal numbers and addresses, also in what errors and tracebacks quote."""
    return {name: mask_text(value) if isinstance(value, str) else value for name, value in event.items()}


def _stop_on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
