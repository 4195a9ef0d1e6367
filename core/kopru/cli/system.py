"""``kopru up``, ``down``, ``demo``, ``doctor``, ``db`` and ``audit``: the installation itself."""

from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Tenant, desk, session
from kopru.cli.host import host
from kopru.cli.output import Exit, err, out, say, show, telling
from kopru.flows import restoring
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


@db.command()
def rekey(context: typer.Context, dry_run: DryRun = False) -> None:
    """Encrypt every company's key under the present master key.

    Set the new key in KOPRU_MASTER_KEY or KOPRU_MASTER_KEY_FILE and the one before in KOPRU_OLD_MASTER_KEYS,
    restart, run this, and unset KOPRU_OLD_MASTER_KEYS.
    """
    with desk(context) as (owner, opened):
        changed = opened.store.rotate_master_key(dry_run=dry_run)
        say(
            Text(
                tr=f"{changed} firmanın anahtarı önceki ana anahtarla şifreli; değiştirilmedi."
                if dry_run
                else f"{changed} firmanın anahtarı yeni ana anahtarla şifrelendi.",
                en=f"The keys of {changed} companies are under an older master key; nothing was changed."
                if dry_run
                else f"The keys of {changed} companies are now under the present master key.",
            ),
            owner.language,
        )


@db.command()
def restored(
    context: typer.Context,
    tenant: Tenant,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Go on although the channels were not asked; you compared.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """After a backup was restored: learn which numbers the channels hold, then let invoices leave again.

    The engine does this by itself; run it when its job waits for you.
    """
    with session(context, tenant, dry_run=dry_run) as at:
        with at.work.read() as uow:
            waiting = uow.settings.restored_at()
        if waiting is not None and not dry_run:
            if confirm:
                restoring.settle(at.work, confirmed=True)
            else:
                restoring.reconcile(at.work)
        say(
            Text(tr="Bekleyen bir şey yok.", en="Nothing waits for this.")
            if waiting is None
            else Text(tr="Belgeler yeniden gönderilebilir.", en="Documents may leave again."),
            at.language,
        )


@audit.callback()
def audit_start() -> None:
    """The tamper-evident story of every effect."""


@audit.command()
def verify(context: typer.Context, tenant: Tenant, json: Json = False) -> None:
    """Check that nothing in a company's story was changed, removed or put in between.

    The heads that were kept outside the database, one a day, must still be part of the chain.
    """
    from kopru.storage.audit import check_anchor  # noqa: PLC0415 - help must not wait for it
    from kopru.storage.audit import verify as verify_chain  # noqa: PLC0415 - help must not wait for it

    kept = host(context).heads(tenant)
    with session(context, tenant) as at:
        report = verify_chain(at.desk.store, at.work.tenant_id)
        missing = [each for each in kept if not check_anchor(at.desk.store, at.work.tenant_id, each)]
        show([{**report.to_row(), "heads_kept": len(kept), "heads_missing": len(missing)}], as_json=json)
        if report.broken:
            err.print(f"✗ {report.problem.of(at.language)}", style="red", markup=False)
        if missing:
            told = Text(
                tr=f"Zincir {missing[0][:16]}… başını artık içermiyor: sonu kesilmiş ya da yeniden yazılmış.",
                en=f"The chain no longer holds the head {missing[0][:16]}…: it was cut off or written anew.",
            )
            err.print(f"✗ {told.of(at.language)}", style="red", markup=False)
        if report.broken or missing:
            raise typer.Exit(Exit.FAILED)


def _runner(role: str):  # type: ignore[no-untyped-def]
    def run(context: typer.Context) -> None:
        owner = host(context)
        with telling(owner.language):
            owner.run(role)

    return run
