"""The host of the command line: settings, servers and engine for each command."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from kopru.hooks.errors import ConfigError, ConnectorError
from kopru.model import Language, Text
from kopru.registry import Registry
from kopru.runtime import anchors, doctor, processes, up
from kopru.runtime.compose import Engine, compose, prepare_database
from kopru.runtime.demo import Outcome, demo
from kopru.runtime.plugins import find_plugins
from kopru.runtime.problems import RuntimeProblem
from kopru.runtime.servers import connect, down
from kopru.settings import Settings
from kopru.storage import access, migrate
from kopru.storage.store import UNAVAILABLE

if TYPE_CHECKING:
    from kopru.testing.chaos.report import Report


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
        processes.configure_log(self.settings, quiet=True)
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

    def chaos(
        self, say: Callable[[str], None], folder: Path | None, *, show: bool, **size: Any
    ) -> "Report | None":
        """Run chaos in a data directory of its own, or only print its schedule.

        Raises:
            ValueError: a family of faults or a number in ``only`` does not exist.
        """
        from kopru.runtime.chaos.plan import Plan  # noqa: PLC0415 - only this command needs it
        from kopru.runtime.chaos.run import run  # noqa: PLC0415 - only this command needs the suite

        plan = Plan(**size)
        strikes = plan.strikes()
        if show:
            for strike in strikes:
                say(str(strike))
            return None
        processes.configure_log(self.settings.model_copy(update={"log_level": "error"}))
        with _explained():
            place = folder or self.settings.home / "chaos" / f"seed-{plan.seed}"
            report, _ = run(plan, self.settings, place.absolute(), say)
        return report

    def upgrade(self, *, show_sql: bool) -> str:
        """Bring the database to the present schema, or return the SQL that makes its roles."""
        if show_sql:
            return access.make_roles()
        with _explained(), connect(self.settings) as endpoints:
            return migrate.upgrade(endpoints.database_url)

    def installed(self, *, afresh: str = "") -> Registry:
        """Return what is installed; ``afresh`` names a plugin that is tried again."""
        return find_plugins(self.settings, afresh=afresh)

    def heads(self, tenant: str) -> list[str]:
        """Return the heads of a company's audit chain that were kept outside the database."""
        return anchors.kept(self.settings.home, tenant)

    def diagnose(self) -> list[dict[str, Any]]:
        """Look at everything that must be well."""
        checks = doctor.look_around(self.settings, self.installed())
        try:
            with self.open() as engine:
                checks += doctor.look_inside(engine)
        except ConnectorError as error:
            checks.append(
                doctor.Check("servers", False, error.message, Text(tr=error.detail, en=error.detail))
            )
        return [self._shown(check) for check in checks]

    def _shown(self, check: doctor.Check) -> dict[str, Any]:
        fix = "" if check.ok else check.fix.of(self.language)
        return {"check": check.name, "ok": check.ok, "message": check.message.of(self.language), "fix": fix}


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
