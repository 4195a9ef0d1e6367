"""``kopru jobs``: what waits, runs, waits for someone, or gave up."""

from enum import StrEnum
from typing import Annotated

import typer

from kopru.cli.common import DryRun, Json, Limit, Tenant, session
from kopru.cli.output import Exit, say, show, show_one
from kopru.flows.records import JobRow
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
JobId = Annotated[int, typer.Argument(help="The job's number.")]


@app.command("list")
def list_(
    context: typer.Context, tenant: Tenant, state: State = None, limit: Limit = 50, json: Json = False
) -> None:
    """List jobs, newest first."""
    with session(context, tenant) as at, at.work.read() as uow:
        rows = [_row(job, at.language) for job in uow.jobs.recent(state=state, limit=limit)]
        show(rows, as_json=json, columns=("id", "kind", "state", "run_at", "tries", "problem"))


@app.command("show")
def show_(context: typer.Context, job: JobId, tenant: Tenant, json: Json = False) -> None:
    """Show one job with its last problem."""
    with session(context, tenant) as at, at.work.read() as uow:
        found = uow.jobs.get(job)
        if found is None:
            say(Text(tr=f"{job} numaralı iş yok.", en=f"There is no job {job}."), at.language, style="red")
            raise typer.Exit(Exit.FAILED)
        show_one(_row(found, at.language), as_json=json)


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


def _row(job: JobRow, language: Language) -> dict[str, object]:
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
        "problem": job.error.text.of(language) if job.error else "",
        "code": job.error.code if job.error else "",
        "detail": job.error.detail if job.error else "",
    }
