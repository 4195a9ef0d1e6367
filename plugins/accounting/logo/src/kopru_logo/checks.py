"""The connection check: each step says what works, or in plain words what to do."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from kopru.model import Text
from kopru.sdk import AuthError, CheckItem, CheckResult, ConnectorError, Rejected
from kopru.toolkit import dates
from kopru.toolkit.rows import Row, integer, text
from kopru_logo import definitions, sql
from kopru_logo.client import Client, quoted
from kopru_logo.codes import ITEM
from kopru_logo.reading import day
from kopru_logo.texts import TEXTS


def check(client: Client) -> CheckResult:
    """Look at login, version, firm, licence, period, warehouse, service cards and a first read."""
    opened, item = _session(client)
    if opened is None:
        return CheckResult((item,))
    try:
        return CheckResult((item, *_steps(opened)))
    finally:
        if opened.credentials is not None:
            _leave(opened)


def _steps(client: Client) -> Iterator[CheckItem]:
    yield _informed(client, "version", "versions")
    yield _informed(client, "licence", "UserCount")
    if client.config.sql_door:
        door = _tried("query", lambda: _firm(client))
        yield door
        if door.ok:
            yield _tried("period", lambda: _period(client))
            yield _tried("warehouse", lambda: _warehouse(client))
    else:
        yield _tried("period", lambda: _current_period(client))
    yield _tried("services", lambda: _services(client))
    yield _tried("sample", lambda: _sample(client))


def _session(client: Client) -> tuple[Client | None, CheckItem]:
    """Return a client that is logged in: by the engine's session where it still works, else by a new one."""
    try:
        if client.ctx.credentials is not None:
            try:
                client.method("CurrentFirm")
                return client, _fine("login", "logo.check.login", user=client.config.username)
            except AuthError:
                pass
        opened = replace(client, credentials=client.login())
        return opened, _fine("login", "logo.check.login", user=client.config.username)
    except ConnectorError as error:
        return None, CheckItem("login", ok=False, message=error.message, fix=_fix("login", error))


def _leave(client: Client) -> None:
    try:
        client.logout()
    except ConnectorError as error:
        client.ctx.log.info("logo.logout_failed", code=error.code)


def _informed(client: Client, name: str, method: str) -> CheckItem:
    """Show what a service method says; not every service version has each, so none is required."""
    try:
        answer = client.method(method)
    except ConnectorError:
        return CheckItem(name, ok=True, message=TEXTS["logo.check.untold"])
    said = ", ".join(str(value) for value in answer.values()) if isinstance(answer, dict) else str(answer)
    return _fine(name, f"logo.check.{name}", value=said[:100])


def _tried(name: str, step: Callable[[], CheckItem]) -> CheckItem:
    try:
        return step()
    except ConnectorError as error:
        return CheckItem(name, ok=False, message=error.message, fix=_fix(name, error))
    except ValueError as error:
        text_ = TEXTS.text("logo.check.unreadable", detail=str(error)[:200])
        return CheckItem(name, ok=False, message=text_, fix=TEXTS["logo.check.fix.version"])


def _firm(client: Client) -> CheckItem:
    rows = client.query(sql.firm(client.config))
    if not rows or not isinstance(rows[0], dict):
        return _wrong("query", "logo.check.no_firm", "logo.check.fix.firm", firm=client.config.firm)
    return _fine("query", "logo.check.firm", firm=client.config.firm, name=text(rows[0], "NAME"))


def _period(client: Client) -> CheckItem:
    config, today = client.config, dates.local_date(client.ctx.now())
    rows = definitions.period_rows(client)
    own = next((row for row in rows if integer(row, "NR") == config.period), None)
    active = next((integer(row, "NR") for row in rows if integer(row, "ACTIVE") == 1), None)
    if own is None:
        return _wrong("period", "logo.check.no_period", "logo.check.fix.period", period=config.period)
    if active != config.period:
        return _wrong(
            "period",
            "logo.check.period_inactive",
            "logo.check.fix.period",
            period=config.period,
            active="?" if active is None else active,
        )
    start, end = day(own, "BEGDATE"), day(own, "ENDDATE")
    bounds = {"period": config.period, "start": start or "?", "end": end or "?"}
    if not _covers(start, end, today):
        return _wrong("period", "logo.check.period_over", "logo.check.fix.period_over", today=today, **bounds)
    return _fine("period", "logo.check.period", **bounds)


def _current_period(client: Client) -> CheckItem:
    config, active = client.config, str(client.method("CurrentPeriod"))
    if active != str(config.period):
        return _wrong(
            "period",
            "logo.check.period_inactive",
            "logo.check.fix.period",
            period=config.period,
            active=active[:20],
        )
    return _fine("period", "logo.check.period_number", period=config.period)


def _warehouse(client: Client) -> CheckItem:
    config = client.config
    rows = {integer(row, "NR"): row for row in definitions.warehouse_rows(client)}
    missing = sorted({config.warehouse, *config.stock_warehouses} - set(rows))
    if missing:
        return _wrong(
            "warehouse",
            "logo.check.no_warehouse",
            "logo.check.fix.warehouse",
            missing=", ".join(map(str, missing)),
            known=", ".join(f"{nr} {text(row, 'NAME')}".strip() for nr, row in sorted(rows.items()))[:300],
        )
    row = rows[config.warehouse]
    differs = _differences(client, row)
    if differs:
        return _wrong(
            "warehouse",
            "logo.check.warehouse_differs",
            "logo.check.fix.warehouse_differs",
            warehouse=config.warehouse,
            differences=differs,
        )
    return _fine("warehouse", "logo.check.warehouse", warehouse=config.warehouse, name=text(row, "NAME"))


def _differences(client: Client, row: Row) -> str:
    config = client.config
    wanted = {"DIVISNR": config.division, "FACTNR": config.factory, "COSTGRP": config.cost_group}
    return ", ".join(
        f"{name}: {integer(row, name)} ≠ {value}"
        for name, value in wanted.items()
        if integer(row, name) != value
    )


def _services(client: Client) -> CheckItem:
    config = client.config
    codes = {config.shipping_service, config.fee_service, config.rounding_service} - {""}
    missing = sorted(
        code for code in codes if not client.page("soldServices", where=f"CODE eq {quoted(code)}")
    )
    if missing:
        return _wrong("services", "logo.check.no_service", "logo.check.fix.service", codes=", ".join(missing))
    return _fine("services", "logo.check.services", codes=", ".join(sorted(codes)) or "–")


def _sample(client: Client) -> CheckItem:
    items = client.page(ITEM.resource, limit=1)
    if not items:
        return _wrong("sample", "logo.check.no_items", "logo.check.fix.items")
    shown = text(items[0], "CODE") if isinstance(items[0], dict) else "?"
    return _fine("sample", "logo.check.sample", given=shown)


def _covers(start: date | None, end: date | None, today: date) -> bool:
    return (start is None or start <= today) and (end is None or today <= end)


def _fine(step: str, text_code: str, /, **values: object) -> CheckItem:
    return CheckItem(step, ok=True, message=TEXTS.text(text_code, **values))


def _wrong(step: str, text_code: str, fix: str, /, **values: object) -> CheckItem:
    return CheckItem(step, ok=False, message=TEXTS.text(text_code, **values), fix=TEXTS[fix])


def _fix(name: str, error: ConnectorError) -> Text:
    by_code = {
        "logo.login.refused": "logo.check.fix.login",
        "logo.login.client": "logo.check.fix.client",
        "logo.login.firm": "logo.check.fix.firm",
        "logo.licence": "logo.check.fix.licence",
        "http.tls_local": "logo.check.fix.tls",
        "http.tls": "logo.check.fix.tls",
        "http.not_found": "logo.check.fix.address",
    }
    if error.code in by_code:
        return TEXTS[by_code[error.code]]
    if name == "query" and isinstance(error, Rejected):
        return TEXTS["logo.check.fix.query"]
    return TEXTS["logo.check.fix.rights" if name != "login" else "logo.check.fix.reach"]
