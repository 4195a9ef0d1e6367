"""Logo's own lists that settings refer to."""

from collections.abc import Iterator, Mapping

from kopru.sdk import Definition, Rejected, TransientError
from kopru.toolkit.rows import Row, integer, text
from kopru_logo import sql
from kopru_logo.client import NOT_FOUND, Client
from kopru_logo.codes import repaired
from kopru_logo.reading import children
from kopru_logo.texts import TEXTS

MOST = 20_000
"""Longest list that is read, so that a server which ignores the offset cannot keep us for ever."""

_CODED = (
    ("payment_plan", "paymentPlans", "DESCRIPTION"),
    ("salesman", "salesmen", "NAME"),
    ("project", "projects", "NAME"),
    ("service", "soldServices", "DESCRIPTION"),
)


def definitions(client: Client) -> tuple[Definition, ...]:
    """Return warehouses, divisions, currencies, units, payment plans, salesmen, projects and services.

    Lists of the query door are left out where it is closed; a list this Logo edition does not serve is too.
    """
    try:
        found = [*_units(client)]
        if client.config.sql_door:
            found += [*_warehouses(client), *_divisions(client), *_currencies(client)]
        for kind, resource, name in _CODED:
            found += _coded(client, kind, resource, name)
    except ValueError as error:
        raise TransientError("logo.answer", TEXTS["logo.answer"], detail=str(error)[:300]) from error
    return tuple(found)


def warehouse_rows(client: Client) -> list[Row]:
    """Return the firm's warehouses."""
    return _all_rows(client, "L_CAPIWHOUSE", ("NR", "NAME", "DIVISNR", "FACTNR", "COSTGRP"))


def period_rows(client: Client) -> list[Row]:
    """Return the firm's periods."""
    return _all_rows(client, "L_CAPIPERIOD", ("NR", "BEGDATE", "ENDDATE", "ACTIVE"))


def _warehouses(client: Client) -> Iterator[Definition]:
    for row in warehouse_rows(client):
        extra = {
            "division": text(row, "DIVISNR"),
            "factory": text(row, "FACTNR"),
            "cost_group": text(row, "COSTGRP"),
        }
        yield _definition(client, "warehouse", text(row, "NR"), text(row, "NAME"), extra)


def _divisions(client: Client) -> Iterator[Definition]:
    for row in _all_rows(client, "L_CAPIDIV", ("NR", "NAME")):
        yield _definition(client, "division", text(row, "NR"), text(row, "NAME"))


def _currencies(client: Client) -> Iterator[Definition]:
    for row in _all_rows(client, "L_CURRENCYLIST", ("CURTYPE", "CURCODE", "CURNAME")):
        extra = {"number": text(row, "CURTYPE")}
        yield _definition(client, "currency", text(row, "CURCODE"), text(row, "CURNAME"), extra)


def _units(client: Client) -> Iterator[Definition]:
    for unit_set in _all_records(client, "unitSets", full=True):
        code = text(unit_set, "CODE")
        yield _definition(client, "unit_set", code, text(unit_set, "DESCRIPTION"))
        for unit in children(unit_set, "UNITS"):
            extra = {"unit_set": code, "ubl": text(unit, "GLOBAL_CODE")}
            yield _definition(client, "unit", text(unit, "CODE"), text(unit, "NAME"), extra)


def _coded(client: Client, kind: str, resource: str, name: str) -> list[Definition]:
    """Return the entries of a coded list; an edition that does not serve the list has none."""
    try:
        rows = _all_records(client, resource)
    except Rejected as error:
        if error.code != NOT_FOUND:
            raise
        client.ctx.log.info("logo.list_missing", resource=resource)
        return []
    return [_definition(client, kind, text(row, "CODE"), text(row, name)) for row in rows]


def _definition(
    client: Client, kind: str, code: str, name: str, extra: Mapping[str, str] | None = None
) -> Definition:
    shown = repaired(name) if client.config.repair_letters else name
    return Definition(kind, code, shown or code, extra or {})


def _all_rows(client: Client, table: str, columns: tuple[str, ...]) -> list[Row]:
    found: list[Row] = []
    after = 0
    while len(found) < MOST:
        rows = [
            row
            for row in client.query(sql.of_firm(client.config, table, columns, after))
            if isinstance(row, dict) and integer(row, "LOGICALREF") > after
        ]
        if not rows:
            break
        found += rows
        after = max(integer(row, "LOGICALREF") for row in rows)
    return found


def _all_records(client: Client, resource: str, *, full: bool = False) -> list[Row]:
    found: list[Row] = []
    while len(found) < MOST:
        rows = client.page(resource, offset=len(found), full=full)
        if not rows:
            break
        found += [row for row in rows if isinstance(row, dict)]
    return found
