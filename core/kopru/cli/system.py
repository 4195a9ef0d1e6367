"""``kopru up``, ``down``, ``demo``, ``doctor``, ``db`` and ``audit``: the installation itself."""

from typing import Annotated

import typer

from kopru.cli.common import Json, Tenant, session
from kopru.cli.host import host
from kopru.cli.output import Exit, err, out, say, show, telling
from kopru.model import Text

db = typer.Typer(no_args_is_help=True)
audit = typer.Typer(no_args_is_help=True)

ROLES = ("worker", "scheduler", "web", "relay")


def register(app: typer.Typer) -> None:
    """Add the top-level commands."""
    app.command()(up)
    app.command()(down)
    app.command()(demo)
    app.command()(doctor)
    for role, text in (
        ("worker", "Run one worker process until told to stop."),
        ("scheduler", "Run the scheduler until told to stop."),
        ("web", "Run the webhook ingress until told to stop."),
        ("relay", "Run the relay until told to stop."),
    ):
        app.command(role, help=text)(_runner(role))


def up(context: typer.Context) -> None:
    """Run everything here: private servers, workers, relay, scheduler, webhook ingress."""
    owner = host(context)

    def ready() -> None:
        say(
            Text(tr="Köprü çalışıyor; durdurmak için Ctrl-C.", en="Köprü is running; stop it with Ctrl-C."),
            owner.language,
        )

    with telling(owner.language):
        owner.up(ready)


def down(context: typer.Context) -> None:
    """Stop everything that runs on this data directory."""
    owner = host(context)
    with telling(owner.language):
        stopped = owner.down()
    names = ", ".join(stopped)
    say(
        Text(tr=f"Durduruldu: {names}.", en=f"Stopped: {names}.")
        if stopped
        else Text(tr="Çalışan bir şey yoktu.", en="Nothing was running."),
        owner.language,
    )


def demo(
    context: typer.Context,
    orders: Annotated[int, typer.Option("--orders", min=3, max=2000, help="How many orders.")] = 60,
) -> None:
    """Watch the main job: made-up orders become sent and booked invoices, on real parts."""
    owner = host(context)
    with telling(owner.language):
        outcome = owner.demo(out, orders)
    out.print(
        f"\n{outcome.ordered} orders, {outcome.invoiced} e-documents, {outcome.booked} bookings, "
        f"{outcome.linked} links in {outcome.seconds:.0f} s; "
        f"doubled: {outcome.doubled}, number gaps: {outcome.gaps}."
    )
    out.print(f"Documents (XML, some PDF): {outcome.folder}")
    out.print("\nNext: try your own orders without any account:")
    out.print("  ./run payload preview --plugin orderfile YOUR-ORDERS.csv")
    out.print("then connect real systems: README.md, “Connect your accounts”.")
    raise typer.Exit(Exit.DONE if outcome.complete else Exit.FAILED)


def doctor(context: typer.Context, json: Json = False) -> None:
    """Look at database, queue, clock, disk, workers and waiting work, and say what to do."""
    owner = host(context)
    with telling(owner.language):
        rows = owner.diagnose()
    show(rows, as_json=json)
    raise typer.Exit(Exit.DONE if all(row["ok"] for row in rows) else Exit.FAILED)


@db.callback()
def db_start() -> None:
    """The database schema."""


@db.command()
def upgrade(
    context: typer.Context,
    sql: Annotated[bool, typer.Option("--sql", help="Only print the SQL that makes the roles.")] = False,
) -> None:
    """Bring the database to the schema of this version."""
    owner = host(context)
    with telling(owner.language):
        result = owner.upgrade(show_sql=sql)
    if sql:
        out.print(result, markup=False, highlight=False)
    else:
        say(Text(tr=f"Şema {result} sürümünde.", en=f"The schema is at {result}."), owner.language)


@audit.callback()
def audit_start() -> None:
    """The tamper-evident story of every effect."""


@audit.command()
def verify(context: typer.Context, tenant: Tenant, json: Json = False) -> None:
    """Check that nothing in a company's story was changed, removed or put in between."""
    from kopru.storage.audit import verify as verify_chain  # noqa: PLC0415 - help must not wait for it

    with session(context, tenant) as at:
        report = verify_chain(at.desk.store, at.work.tenant_id)
        show([report.to_row()], as_json=json)
        if report.broken:
            err.print(f"✗ {report.problem.of(at.language)}", style="red", markup=False)
            raise typer.Exit(Exit.FAILED)


def _runner(role: str):  # type: ignore[no-untyped-def]
    def run(context: typer.Context) -> None:
        owner = host(context)
        with telling(owner.language):
            owner.run(role)

    return run
