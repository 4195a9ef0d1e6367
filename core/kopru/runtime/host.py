"""The host of the command line: settings, servers and engine for each command."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from rich.console import Console

from kopru.hooks.errors import ConfigError, ConnectorError
from kopru.model import Language, Text
from kopru.registry import Registry, Status
from kopru.runtime import processes, up
from kopru.runtime.compose import Engine, compose, prepare_database
from kopru.runtime.demo import Outcome, demo
from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers import connect, down
from kopru.settings import Settings
from kopru.storage import access, migrate
from kopru.storage.store import UNAVAILABLE

LOW_DISK = 1_000_000_000
CLOCK_GAP = 5.0
OLD_WORK = 300


class RuntimeHost:
    """One installation, as its settings say."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings."""
        self.settings = settings

    @property
    def language(self) -> Language:
        """Return the language of messages."""
        return self.settings.language

    @contextmanager
    def open(self) -> Iterator[Engine]:
        """Use the installation's servers for one command."""
        with _explained(), connect(self.settings) as endpoints:
            prepare_database(self.settings, endpoints.database_url)
            with compose(self.settings, endpoints) as engine:
                yield engine

    def up(self, ready: Callable[[], None]) -> None:
        """Run everything until told to stop."""
        processes.configure_log(self.settings)
        with _explained():
            up.up(self.settings, ready)

    def down(self) -> list[str]:
        """Stop everything."""
        with _explained():
            return down(self.settings)

    def run(self, role: str) -> None:
        """Run one role until told to stop."""
        with _explained():
            processes.run(role, self.settings)

    def demo(self, console: Console, orders: int) -> Outcome:
        """Run the demo."""
        quiet = self.settings.model_copy(update={"log_level": "error"})
        os.environ["KOPRU_LOG_LEVEL"] = "error"
        processes.configure_log(quiet)
        with _explained():
            return demo(quiet, console, orders=orders)

    def upgrade(self, *, show_sql: bool) -> str:
        """Bring the database to the present schema, or return the SQL that makes its roles."""
        if show_sql:
            return access.make_roles()
        with _explained(), connect(self.settings) as endpoints:
            return migrate.upgrade(endpoints.database_url)

    def installed(self) -> Registry:
        """Return what is installed."""
        return Registry.installed(self.settings.plugins_disabled)

    def diagnose(self) -> list[dict[str, Any]]:
        """Look at everything that must be well."""
        rows = [self._disk(), self._key(), self._plugins()]
        try:
            with self.open() as engine:
                rows += _look(engine)
        except ConnectorError as error:
            rows.append(_row("servers", False, error.message.of(self.language), error.detail))
        return rows

    def _disk(self) -> dict[str, Any]:
        home = self.settings.home if self.settings.home.exists() else self.settings.home.parent
        free = shutil.disk_usage(home).free
        return _row(
            "disk", free > LOW_DISK, f"{free // 1_000_000} MB free at {home}", "Free some disk space."
        )

    def _key(self) -> dict[str, Any]:
        apart = self.settings.master_key is not None or self.settings.master_key_file is not None
        message = "The master key is kept apart." if apart else "The master key lies beside the data."
        return _row("master key", True, message, "" if apart else "For production set KOPRU_MASTER_KEY.")

    def _plugins(self) -> dict[str, Any]:
        skipped = [entry for entry in self.installed().report if entry.status is not Status.LOADED]
        names = ", ".join(entry.name for entry in skipped)
        return _row(
            "plugins", not skipped, f"skipped: {names}" if skipped else "all loaded", "kopru plugin list"
        )


def _look(engine: Engine) -> list[dict[str, Any]]:
    with engine.store.engine() as db:
        now = db.execute(sa.text("select clock_timestamp()")).scalar_one()
        risky = db.execute(
            sa.text(
                "select rolname from pg_roles where rolname like 'kopru_%' and (rolsuper or rolbypassrls)"
            )
        ).scalars()
        workers = db.execute(
            sa.text("select count(*) from worker where seen_at > clock_timestamp() - interval '30 seconds'")
        ).scalar_one()
        oldest = db.execute(
            sa.text(
                "select extract(epoch from clock_timestamp() - min(run_at)) from job"
                " where state = 'queued' and run_at < clock_timestamp()"
            )
        ).scalar_one()
        aside = db.execute(sa.text("select count(*) from job where state in ('parked', 'dead')")).scalar_one()
        bad = list(risky)
    gap = abs((now - datetime.now(UTC)).total_seconds())
    waiting = float(oldest or 0)
    return [
        _row("database", True, "answers", ""),
        _redis(engine),
        _row(
            "roles",
            not bad,
            ", ".join(bad) or "restricted",
            "A working role must not be superuser or bypass RLS.",
        ),
        _row("clock", gap < CLOCK_GAP, f"{gap:.1f} s from the database's", "Set this machine's clock (NTP)."),
        _row("workers", workers > 0, f"{workers} at work", "Start them: kopru up"),
        _row(
            "oldest work",
            waiting < OLD_WORK,
            f"{waiting:.0f} s overdue",
            "Are workers and Redis running? kopru up",
        ),
        _row(
            "set aside",
            aside == 0,
            f"{aside} jobs wait for someone",
            "kopru jobs list --state parked, --state dead",
        ),
    ]


def _redis(engine: Engine) -> dict[str, Any]:
    try:
        engine.bell.ping()
    except ConnectionError as error:
        return _row("queue", False, str(error)[:200], "Check KOPRU_REDIS_URL and the server.")
    return _row("queue", True, "answers", "")


def _row(name: str, ok: bool, message: str, fix: str) -> dict[str, Any]:
    return {"check": name, "ok": ok, "message": message, "fix": "" if ok and name != "master key" else fix}


@contextmanager
def _explained() -> Iterator[None]:
    """Let trouble with the servers reach the user like every other error."""
    try:
        yield
    except RuntimeProblem as problem:
        raise ConfigError(problem.code, problem.message, detail=problem.detail) from problem
    except UNAVAILABLE as error:
        text = Text(
            tr="Veritabanına ulaşılamıyor. KOPRU_DATABASE_URL adresini ve sunucuyu denetleyin.",
            en="The database cannot be reached. Check KOPRU_DATABASE_URL and the server.",
        )
        raise ConfigError("storage.unreachable", text, detail=str(error).splitlines()[0]) from error
