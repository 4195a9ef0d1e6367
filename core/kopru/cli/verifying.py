"""``kopru orders verify``, ``documents verify``, ``stock verify``: both sides counted and compared."""

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

import typer

from kopru.cli.common import DryRun, Json, Limit, Session, Tenant, session
from kopru.cli.days import day as parse_day
from kopru.cli.documents import app as documents
from kopru.cli.items import stock
from kopru.cli.orders import app as orders
from kopru.cli.output import Exit, out, say, show
from kopru.cli.privacy import covered
from kopru.documents import istanbul_date
from kopru.flows import completeness, drift, stockdrift
from kopru.flows.backfill import patiently
from kopru.flows.proofs import Area, Drift, DriftCheck, OrderCheck
from kopru.flows.records import ConnectionRow, ConnectionState
from kopru.hooks.errors import ConfigError, Unsupported
from kopru.model import Text

Connection = Annotated[str | None, typer.Option("--connection", help="Only this one.")]
Day = Annotated[str | None, typer.Option("--day", help="Only this day (2026-11-20), in Istanbul.")]
Stored = Annotated[bool, typer.Option("--list", help="Show the last results; ask nobody.")]

_ORDER_COLUMNS = (
    "connection",
    "day",
    "remote",
    "ours",
    "missing",
    "behind",
    "extra",
    "differing",
    "unread",
    "recovered",
    "complete",
    "checked_at",
)
_CHECK_COLUMNS = ("connection", "day", "ours", "remote", "differences", "checked_at")
_DRIFT_COLUMNS = ("connection", "day", "subject", "what", "command", "since")


@orders.command("verify")
def verify_orders(
    context: typer.Context,
    tenant: Tenant,
    connection: Connection = None,
    day: Day = None,
    stored: Stored = False,
    limit: Limit = 50,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Count the orders of each day a second way: what the shop lists, what we hold; missing ones are fetched.

    Without --day the last three days. Days are those of the orders' last change.
    """
    with session(context, tenant, dry_run=dry_run) as at:
        rows = _connections(at, connection, lambda hooks: {"fetch_orders", "fetch_refs"} <= hooks)
        if stored:
            checks = _stored_checks(at, rows, limit)
        else:
            checks = [check for row in rows for check in _count(at, row, parse_day(day) if day else None)]
        names = {row.id: row.name for row in rows}
        show(
            [_order_row(check, names[check.connection_id]) for check in checks],
            as_json=json,
            columns=_ORDER_COLUMNS,
        )
        if not json:
            _show_gaps(checks)
        if any(not check.complete for check in checks):
            raise typer.Exit(Exit.PARTLY)


@documents.command("verify")
def verify_documents(
    context: typer.Context,
    tenant: Tenant,
    connection: Connection = None,
    day: Day = None,
    stored: Stored = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """Compare the documents of each day with what the e-invoice channel and the ledger hold; correct nothing.

    Without --day the last three days of issue.
    """
    with session(context, tenant) as at:
        rows = _connections(
            at,
            connection,
            lambda hooks: "fetch_refs" in hooks and bool(hooks & {"submit_invoice", "post_invoice"}),
        )
        checks: Sequence[DriftCheck]
        if stored:
            checks = _stored_comparisons(at, rows, Area.DOCUMENTS, limit)
        else:
            days = [parse_day(day)] if day else _last_days(at, drift.DAYS)
            checks = [
                check for row in rows for check in _compare(at, row, days, named=connection is not None)
            ]
        _show_drift(at, rows, Area.DOCUMENTS, checks, as_json=json)


@stock.command("verify")
def verify_stock(
    context: typer.Context,
    tenant: Tenant,
    connection: Connection = None,
    stored: Stored = False,
    limit: Limit = 50,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Compare the stock each channel shows with what it last took from us; other values are sent again."""
    with session(context, tenant, dry_run=dry_run) as at:
        rows = _connections(at, connection, lambda hooks: {"push_stock", "fetch_products"} <= hooks)
        found: list[Drift] | None = None
        if stored:
            checks = _stored_comparisons(at, rows, Area.STOCK, limit)
        else:
            if not dry_run:
                for row in rows:
                    stockdrift.read_orders_first(at.work, row.id)
            comparisons = [stockdrift.compare(at.work, row.id) for row in rows]
            checks = [each.check for each in comparisons]
            found = [row for each in comparisons for row in each.found] if dry_run else None
        _show_drift(at, rows, Area.STOCK, checks, as_json=json, found=found)


def _count(at: Session, row: ConnectionRow, day: date | None) -> list[OrderCheck]:
    checks = []
    for each in [day] if day else _last_days(at, completeness.DAYS):
        try:
            count = partial(completeness.verify, at.work, row.id, each)
            checks.append(patiently(_waiting(at), count))
        except ConfigError as error:
            if day is not None or error.code != "verify.not_covered":
                raise
    return checks


def _compare(at: Session, row: ConnectionRow, days: Sequence[date], *, named: bool) -> list[DriftCheck]:
    """Compare one connection's documents; one that offers no listing is passed over, unless it was named."""
    try:
        return [patiently(_waiting(at), partial(drift.compare, at.work, row.id, day)) for day in days]
    except Unsupported as error:
        if named:
            raise
        say(Text(tr=f"{row.name}: {error.message.tr}", en=f"{row.name}: {error.message.en}"), at.language)
        return []


def _waiting(at: Session) -> Callable[[float], None]:
    """Return what waits for a free call and says so."""

    def wait(seconds: float) -> None:
        if seconds >= 1:
            text = Text(
                tr=f"Çağrı kotası dolu; {seconds:.0f} sn bekleniyor.",
                en=f"The call quota is spent; waiting {seconds:.0f} s.",
            )
            say(text, at.language, style="dim")
        time.sleep(seconds)

    return wait


def _last_days(at: Session, count: int) -> list[date]:
    with at.work.read() as uow:
        today = istanbul_date(uow.now)
    return [today - timedelta(days=n) for n in range(count)]


def _connections(
    at: Session, name: str | None, able: Callable[[frozenset[str]], bool]
) -> list[ConnectionRow]:
    """Return the active connections that can be compared, or the one named.

    Raises:
        ConfigError: there is none.
    """
    with at.work.read() as uow:
        rows = uow.connections.every()
    if name is not None:
        return [at.connection(name)]
    found = [
        row
        for row in rows
        if row.state is ConnectionState.ACTIVE and able(at.desk.env.registry.hooks(row.plugin))
    ]
    if not found:
        raise ConfigError(
            "verify.no_connection",
            Text(
                tr="Karşılaştırılabilecek etkin bir bağlantı yok. Bakın: kopru connection list",
                en="There is no active connection to compare with. See: kopru connection list",
            ),
        )
    return found


def _stored_checks(at: Session, rows: Sequence[ConnectionRow], limit: int) -> list[OrderCheck]:
    with at.work.read() as uow:
        return [check for row in rows for check in uow.proofs.recent(row.id, limit)]


def _stored_comparisons(
    at: Session, rows: Sequence[ConnectionRow], area: Area, limit: int
) -> list[DriftCheck]:
    with at.work.read() as uow:
        return [check for row in rows for check in uow.drifts.checks(area, row.id, limit)]


def _order_row(check: OrderCheck, name: str) -> dict[str, Any]:
    return {
        "connection": name,
        "day": check.day.isoformat(),
        "state": check.state.value,
        "remote": check.remote,
        "ours": check.ours,
        "missing": check.missing,
        "behind": check.behind,
        "extra": check.extra,
        "differing": check.differing,
        "unread": check.unread,
        "recovered": check.recovered,
        "complete": check.complete,
        "checked_at": check.checked_at,
        "differences": [each.to_json() for each in check.differences],
    }


def _show_gaps(checks: Sequence[OrderCheck]) -> None:
    rows = [
        {
            "day": check.day.isoformat(),
            "what": each.gap.value,
            "order": each.number or each.external_id,
            "theirs": each.theirs,
            "ours": each.ours,
        }
        for check in checks
        for each in check.differences
    ]
    if rows:
        out.print()
        show(rows, as_json=False)


def _show_drift(
    at: Session,
    rows: Sequence[ConnectionRow],
    area: Area,
    checks: Sequence[DriftCheck],
    *,
    as_json: bool,
    found: Sequence[Drift] | None = None,
) -> None:
    """Print comparisons and the differences that are open; with any the command ends as partly done."""
    names = {row.id: row.name for row in rows}
    if found is None:
        with at.work.read() as uow:
            found = [each for row in rows for each in uow.drifts.open(area, row.id)]
    told = [_drift_row(each, names[each.connection_id], at) for each in found]
    shown = [_check_row(check, names[check.connection_id]) for check in checks]
    if as_json:
        for row, check in zip(shown, checks, strict=True):
            mine = (area is Area.STOCK, check.day.isoformat())
            row["open"] = [
                each
                for each in told
                if each["connection"] == row["connection"] and (mine[0] or each["day"] == mine[1])
            ]
        show(shown, as_json=True)
    else:
        show(shown, as_json=False, columns=_CHECK_COLUMNS)
        if told:
            out.print()
            show(told, as_json=False, columns=_DRIFT_COLUMNS)
    if told:
        raise typer.Exit(Exit.PARTLY)


def _check_row(check: DriftCheck, name: str) -> dict[str, Any]:
    return {
        "connection": name,
        "day": check.day.isoformat(),
        "ours": check.ours,
        "remote": check.remote,
        "differences": check.differences,
        "checked_at": check.checked_at,
    }


def _drift_row(row: Drift, name: str, at: Session) -> dict[str, Any]:
    return {
        "connection": name,
        "day": row.day.isoformat(),
        "subject": row.subject,
        "code": row.reason.code,
        "what": covered(row.reason.text.of(at.language)),
        "command": row.command,
        "since": row.first_seen_at,
        "data": dict(row.data),
    }
