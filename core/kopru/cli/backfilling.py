"""``kopru orders backfill``: read a range of the past besides the live stream."""

import time
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from kopru.cli.common import DryRun, Json, Session, Tenant, Yes, session
from kopru.cli.days import moment
from kopru.cli.orders import app
from kopru.cli.output import confirmed, say, show, show_one
from kopru.documents import ISTANBUL
from kopru.flows import backfill as flow
from kopru.flows.proofs import Backfill
from kopru.flows.records import ConnectionRow
from kopru.hooks.errors import ConfigError
from kopru.model import Text

_COLUMNS = ("connection", "state", "since", "until", "records", "expected", "changed", "percent", "invoices")


@app.command()
def backfill(
    context: typer.Context,
    tenant: Tenant,
    connection: Annotated[str, typer.Option("--connection", help="The shop's connection.")],
    since: Annotated[str | None, typer.Option("--since", help="First day to read (2026-01-01).")] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Last day to read; default: up to the connection's first.")
    ] = None,
    forecast: Annotated[bool, typer.Option("--forecast", help="Count and tell; read nothing in.")] = False,
    start: Annotated[bool, typer.Option("--start", help="Begin to read.")] = False,
    pause: Annotated[bool, typer.Option("--pause", help="Stop for now.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where it stopped.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Give it up; what was read stays.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Show how far it is; the default.")] = False,
    percent: Annotated[
        int, typer.Option("--percent", min=1, max=100, help="Share of each call quota to use.")
    ] = flow.PERCENT,
    invoice: Annotated[
        bool, typer.Option("--invoice", help="Invoice old orders too: the connection's first day moves back.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Read orders of the past, after live work and within a share of the call quotas.

    Orders placed before the connection's first day stay left out unless --invoice is given.
    """
    asked = [name for name, given in _asked(forecast, start, pause, resume, cancel, status) if given]
    with session(context, tenant, dry_run=dry_run) as at:
        if len(asked) > 1:
            raise ConfigError(
                "backfill.one_thing",
                Text(
                    tr=f"Yalnız birini verin: {', '.join(asked)}.",
                    en=f"Give only one of {', '.join(asked)}.",
                ),
            )
        row = at.connection(connection)
        if forecast or start:
            first, last = _range(since, until)
            seen = flow.forecast(
                at.work, row.id, first, last, percent=percent, invoices=invoice, wait=time.sleep
            )
            show_one(_forecast_row(seen), as_json=json)
            if forecast or dry_run or not _agreed(at, row, seen, invoice=invoice, yes=yes):
                return
            flow.start(at.work, row.id, first, last, percent=percent, invoices=invoice, expected=seen.records)
            text = Text(
                tr=f"Başladı. Durumu: kopru orders backfill --connection {row.name} --tenant {tenant}",
                en=f"Begun. How far: kopru orders backfill --connection {row.name} --tenant {tenant}",
            )
            say(text, at.language)
            return
        _turn(at, row, pause=pause, resume=resume, cancel=cancel)
        with at.work.read() as uow:
            rows = [_row(each, row.name) for each in uow.backfills.recent(row.id)]
        show(rows, as_json=json, columns=_COLUMNS)


def _asked(*given: bool) -> list[tuple[str, bool]]:
    names = ("--forecast", "--start", "--pause", "--resume", "--cancel", "--status")
    return list(zip(names, given, strict=True))


def _turn(at: Session, row: ConnectionRow, *, pause: bool, resume: bool, cancel: bool) -> None:
    if at.work.dry_run:
        return
    if pause:
        flow.pause(at.work, row.id)
    elif resume:
        flow.resume(at.work, row.id)
    elif cancel:
        flow.cancel(at.work, row.id)


def _range(since: str | None, until: str | None) -> tuple[datetime, datetime | None]:
    if since is None:
        raise ConfigError(
            "backfill.no_since",
            Text(
                tr="İlk günü verin: --since 2026-01-01",
                en="Give the first day: --since 2026-01-01",
            ),
        )
    return moment(since), moment(until) + timedelta(days=1) if until else None


def _agreed(at: Session, row: ConnectionRow, seen: flow.Forecast, *, invoice: bool, yes: bool) -> bool:
    """Ask before old orders get invoices; reading alone needs no question."""
    if not invoice:
        return True
    count = "?" if seen.new is None else seen.new
    question = Text(
        tr=(
            f"“{row.name}” bağlantısının ilk günü {_day(seen.since)} olacak ve {count} yeni siparişe "
            "kurallara göre fatura kesilecek. Başka bir program kesmediyse sürdürün. Başlasın mı?"
        ),
        en=(
            f"The first day of “{row.name}” becomes {_day(seen.since)}, and {count} new orders are invoiced "
            "as the rules say. Go on only if no other program invoiced them. Begin?"
        ),
    )
    return confirmed(question, at.language, yes=yes)


def _forecast_row(seen: flow.Forecast) -> dict[str, Any]:
    return {
        "since": _day(seen.since),
        "until": _day(seen.until - timedelta(microseconds=1)),
        "orders": seen.records,
        "here_already": seen.held,
        "new": seen.new,
        "left_out_before_first_day": seen.before_start,
        "calls": seen.calls,
        "minutes": None if seen.seconds is None else round(seen.seconds / 60, 1),
        "first_page_would_be": dict(seen.sample),
    }


def _row(row: Backfill, name: str) -> dict[str, Any]:
    return {
        "connection": name,
        "state": row.state.value,
        "since": row.since,
        "until": row.until,
        "read_to": row.place.since,
        "pages": row.pages,
        "records": row.records,
        "expected": row.expected,
        "changed": row.changed,
        "percent": row.percent,
        "invoices": row.invoices,
        "started_by": row.started_by,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
    }


def _day(moment: datetime) -> str:
    return moment.astimezone(ISTANBUL).date().isoformat()
