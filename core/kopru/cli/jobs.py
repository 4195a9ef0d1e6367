"""``kopru jobs``: what waits, runs, waits for someone, or gave up; and what runs by itself, and when."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from kopru.cli.common import DryRun, Json, Limit, Tenant, session
from kopru.cli.host import host
from kopru.cli.output import Exit, say, show, show_one
from kopru.cli.privacy import covered, people_of_job
from kopru.flows import schedules as flow
from kopru.flows.ports import Uow
from kopru.flows.records import CatchUp, JobRow, ScheduleRow
from kopru.flows.texts_jobs import TEXTS
from kopru.model import Language, Text

app = typer.Typer(no_args_is_help=True)


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PARKED = "parked"
    DEAD = "dead"
    DONE = "done"


State = Annotated[JobState | None, typer.Option("--state", help="Only these.")]
Kind = Annotated[str, typer.Argument(help="The kind of work, such as orders.pull; see `jobs schedules`.")]
At = Annotated[
    str | None, typer.Option("--connection", "-c", help="Which connection, if several.", show_default=False)
]
JobId = Annotated[int, typer.Argument(help="The job's number.")]


@app.command("list")
def list_(
    context: typer.Context, tenant: Tenant, state: State = None, limit: Limit = 50, json: Json = False
) -> None:
    """List jobs, newest first."""
    with session(context, tenant) as at, at.work.read() as uow:
        rows = [_row(job, uow, at.language) for job in uow.jobs.recent(state=state, limit=limit)]
        show(rows, as_json=json, columns=("id", "kind", "state", "run_at", "tries", "problem"))


@app.command("show")
def show_(context: typer.Context, job: JobId, tenant: Tenant, json: Json = False) -> None:
    """Show one job with its last problem."""
    with session(context, tenant) as at, at.work.read() as uow:
        found = uow.jobs.get(job)
        if found is None:
            say(Text(tr=f"{job} numaralı iş yok.", en=f"There is no job {job}."), at.language, style="red")
            raise typer.Exit(Exit.FAILED)
        show_one(_row(found, uow, at.language), as_json=json)


@app.command()
def retry(context: typer.Context, job: JobId, tenant: Tenant, dry_run: DryRun = False) -> None:
    """Run a job again now: one that waits, is parked, or gave up."""
    with session(context, tenant, dry_run=dry_run) as at, at.work.write() as uow:
        found = uow.jobs.get(job)
        done = found is not None and (dry_run or uow.jobs.retry(job))
        text = (
            Text(tr=f"{job} numaralı iş sıraya alındı.", en=f"Job {job} is queued again.")
            if done
            else Text(
                tr=f"{job} numaralı iş yinelenemez: yok, çalışıyor, bitmiş ya da yenisi sırada.",
                en=f"Job {job} cannot be retried: unknown, running, done, or a newer one is waiting.",
            )
        )
        say(text, at.language)
        if not done:
            raise typer.Exit(Exit.FAILED)


@app.command()
def run(
    context: typer.Context,
    kind: Kind,
    tenant: Tenant,
    connection: At = None,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Run a kind of work now, exactly as if its time had come."""
    with session(context, tenant, dry_run=dry_run) as at:
        job = flow.start(at.work, kind, connection)
        show_one({"kind": job.kind, "key": job.key, "queued": not dry_run}, as_json=json)


@app.command()
def schedules(context: typer.Context, tenant: Tenant, json: Json = False) -> None:
    """List what runs by itself and when."""
    with session(context, tenant) as at, at.work.read() as uow:
        names: dict[UUID | None, str] = {row.id: row.name for row in uow.connections.every()}
        rows = [_schedule(row, names.get(row.connection_id, "")) for row in uow.jobs.schedules()]
        show(rows, as_json=json)


@app.command()
def schedule(
    context: typer.Context,
    kind: Kind,
    tenant: Tenant,
    connection: At = None,
    every: Annotated[
        str | None, typer.Option("--every", help="How often: 90s, 15m, 2h, 1d.", show_default=False)
    ] = None,
    at_time: Annotated[
        str | None, typer.Option("--at", help="Daily at this time in Istanbul (03:00).", show_default=False)
    ] = None,
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether it runs by itself.", show_default=False)
    ] = None,
    catch_up: Annotated[
        CatchUp | None,
        typer.Option(
            "--catch-up", help="Missed times: one run for all, none, or one each.", show_default=False
        ),
    ] = None,
    usual: Annotated[bool, typer.Option("--usual", help="Go back to the usual times.")] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Change when a kind of work runs by itself. It can still be run by hand: `jobs run`."""
    if every is not None and at_time is not None:
        both = Text(tr="--every ile --at birlikte verilmez.", en="Give --every or --at, not both.")
        raise typer.BadParameter(both.of(host(context).language))
    with session(context, tenant, dry_run=dry_run) as at:
        if usual:
            row = flow.reset(at.work, kind, connection)
        else:
            period = _period(every, at.language) if every is not None else None
            row = flow.change(
                at.work, kind, connection, every=period, at=at_time, enabled=on, catch_up=catch_up
            )
        show_one(_schedule(row, connection or ""), as_json=json)


@app.command()
def weight(
    context: typer.Context,
    weight: Annotated[int, typer.Argument(min=1, max=100, help="2 is twice the share of 1.")],
    tenant: Tenant,
    dry_run: DryRun = False,
) -> None:
    """Set a company's share of the workers when several want them; every company begins with 1."""
    with session(context, tenant, dry_run=dry_run) as at:
        if not dry_run:
            at.desk.queue.weigh(at.work.tenant_id, weight)
        say(Text(tr=f"{tenant}: ağırlık {weight}.", en=f"{tenant}: weight {weight}."), at.language)


def _period(text: str, language: Language) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})\s*([smhd])", text.strip().lower())
    if found is None:
        raise typer.BadParameter(TEXTS.text("schedule.period", text=text).of(language))
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    return timedelta(**{units[found[2]]: int(found[1])})


def _schedule(row: ScheduleRow, connection: str) -> dict[str, object]:
    return {
        "kind": row.kind,
        "connection": connection,
        "every": row.at_local or str(timedelta(seconds=row.every_seconds)),
        "on": row.enabled,
        "next": row.next_at if row.enabled else "",
        "last": row.last_at or "",
        "catch_up": row.catch_up.value,
        "changed": row.custom,
    }


def _row(job: JobRow, uow: Uow, language: Language) -> dict[str, object]:
    people = people_of_job(uow, job)
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "run_at": job.run_at,
        "tries": job.tries,
        "deaths": job.deaths,
        "args": dict(job.args),
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "problem": covered(job.error.text.of(language), people) if job.error else "",
        "code": job.error.code if job.error else "",
        "detail": covered(job.error.detail, people) if job.error else "",
    }
