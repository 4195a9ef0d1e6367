"""The processes of an installation: each runs one part until it is told to stop."""

import logging
import signal
import sys
import threading
from types import FrameType

import structlog

from kopru.jobs.relay import Relay, Scheduler
from kopru.jobs.worker import JobWorker
from kopru.runtime import lifeline
from kopru.runtime.compose import Engine, compose, prepare_database
from kopru.runtime.servers import connect
from kopru.settings import Settings

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
    """Fire schedules, seal the audit chain, tidy up."""
    Scheduler(engine.queue, engine.store).run(stopping)


def run_web(engine: Engine, stopping: threading.Event) -> None:
    """Answer webhooks and health questions."""
    from kopru.web.server import serve  # noqa: PLC0415 - only this process needs a web server

    serve(
        engine.env, engine.store.find_connection, engine.settings.web_host, engine.settings.web_port, stopping
    )


_RUN = {"worker": run_worker, "relay": run_relay, "scheduler": run_scheduler, "web": run_web}


def configure_log(settings: Settings) -> None:
    """Write structured log lines to standard error."""
    console = sys.stderr
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=console),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("dramatiq").setLevel(logging.CRITICAL)


def _stop_on_signals(stopping: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
