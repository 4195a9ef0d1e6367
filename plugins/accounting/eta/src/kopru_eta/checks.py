"""The connection check: each step says what works, or in plain words what to do. It only reads."""

from collections.abc import Callable, Iterator

from kopru.model import Text
from kopru.sdk import AuthError, CheckItem, CheckResult, ConfigError, ConnectorError
from kopru.toolkit import rows
from kopru_eta import definitions, lookup
from kopru_eta.client import Client
from kopru_eta.config import PurchaseMode, SalesMode
from kopru_eta.mapping.cards import name_of
from kopru_eta.texts import TEXTS

_NEEDED = {
    "CARKART": ("CARKOD", "CARUNVAN", "CARVERHESNO"),
    "STKKART": ("STKKOD", "STKCINSI", "STKBIRIM", "STKBAKIYE"),
    "STKBARKOD": ("STKBARKOD", "STKBARSTKKOD", "STKBARITEMNO"),
    "STKFIYAT": ("STKFIYSTKKOD", "STKFIYNO", "STKFIYTUTAR", "STKFIYKDVNO"),
    "FATFIS": (
        "FATFISREFNO",
        "FATFISTAR",
        "FATFISEVRAKNO1",
        "FATFISCARKOD",
        "FATFISGENTOPLAM",
        "FATFISSTKREFNO",
        "FATFISCARREFNO",
        "FATFISMUHREFNO",
    ),
    "FATHAR": ("FATHARREFNO",),
}
"""Columns without which nothing could be read or found again."""


def check(client: Client) -> CheckResult:
    """Look at login, every year's database, columns, types, procedures, templates, cards and the folder."""
    login = _tried("login", lambda: _login(client))
    if not login.ok:
        return CheckResult((login,))
    return CheckResult((login, *_steps(client)))


def _steps(client: Client) -> Iterator[CheckItem]:
    config = client.config
    yield _tried("columns", lambda: _columns(client))
    yield _tried("lists", lambda: _lists(client))
    yield _tried("cards", lambda: _cards(client))
    if config.purchases is PurchaseMode.PROCEDURES:
        yield _tried("procedures", lambda: _procedures(client))
    if config.experimental:
        yield _tried("templates", lambda: _templates(client))
    if config.sales is SalesMode.FILE:
        yield _tried("folder", lambda: _folder(client))


def _login(client: Client) -> CheckItem:
    """Open every year's database; without this year's nothing of today can be written."""
    for _, database in client.config.latest_first():
        client.read("warehouses", database=database)
    years = ", ".join(str(year) for year, _ in client.config.latest_first())
    if client.today.year not in client.config.databases:
        return _wrong("login", "eta.check.no_year", "eta.check.fix.year", year=client.today.year, years=years)
    return _fine("login", "eta.check.login", user=client.config.username, years=years)


def _columns(client: Client) -> CheckItem:
    there = {(_upper(row, "table_name"), _upper(row, "column_name")) for row in client.read("columns")}
    needed = {(table, name) for table, names in _NEEDED.items() for name in names}
    needed.add(("FATHAR", client.config.key_column))
    missing = sorted(f"{table}.{name}" for table, name in needed - there)
    if missing:
        return _wrong("columns", "eta.check.no_columns", "eta.check.fix.columns", names=", ".join(missing))
    return _fine("columns", "eta.check.columns")


def _lists(client: Client) -> CheckItem:
    """Compare the numbers and codes of the settings with ETA's lists."""
    config = client.config
    types = {each.code: each.name for each in definitions.entries(client, "invoice_types", "invoice_type")}
    warehouses = {each.code for each in definitions.entries(client, "warehouses", "warehouse")}
    chosen = config.invoice_types.model_dump().values()
    missing = [str(number) for number in chosen if number is not None and str(number) not in types]
    if config.warehouse and config.warehouse not in warehouses:
        missing.append(config.warehouse)
    shown = ", ".join(f"{code} {name}" for code, name in types.items())[:300]
    if missing:
        names = ", ".join(missing)
        return _wrong("lists", "eta.check.no_list", "eta.check.fix.list", names=names, known=shown)
    return _fine("lists", "eta.check.lists", known=shown or "-")


def _cards(client: Client) -> CheckItem:
    config = client.config
    codes = sorted({config.shipping_item, config.fee_item, config.templates.item} - {""})
    found = client.read("items_by_code", {"codes": f"|{'|'.join(codes)}|"}) if codes else []
    missing = sorted(set(codes) - {name_of(row, "item_code") for row in found})
    party = config.templates.party
    if party and lookup.party_by_code(client, party) is None:
        missing.append(party)
    if missing:
        return _wrong("cards", "eta.check.no_card", "eta.check.fix.card", codes=", ".join(missing))
    return _fine("cards", "eta.check.cards", codes=", ".join(codes) or "-")


def _procedures(client: Client) -> CheckItem:
    there = {name_of(row, "name").lower() for row in client.read("routines")}
    wanted = client.config.procedures.model_dump().values()
    missing = sorted(name for name in wanted if name.rpartition(".")[2].lower() not in there)
    if missing:
        names = ", ".join(missing)
        return _wrong("procedures", "eta.check.no_procedure", "eta.check.fix.procedure", names=names)
    return _fine("procedures", "eta.check.procedures")


def _templates(client: Client) -> CheckItem:
    templates = client.config.templates
    numbers = (templates.sale, templates.sales_return, templates.purchase, templates.purchase_return)
    missing = []
    for number in filter(None, numbers):
        found = client.read("invoices_by_number", {"number": number})
        if len(found) != 1 or not rows.integer(found[0], "line_count"):
            missing.append(number)
    if missing:
        return _wrong(
            "templates", "eta.check.no_template", "eta.check.fix.template", names=", ".join(missing)
        )
    return _fine("templates", "eta.check.templates", names=", ".join(filter(None, numbers)) or "-")


def _folder(client: Client) -> CheckItem:
    client.ctx.files.list("*")
    return _fine("folder", "eta.check.folder", folder=client.config.folder)


def _tried(name: str, step: Callable[[], CheckItem]) -> CheckItem:
    try:
        return step()
    except ConnectorError as error:
        return CheckItem(name, ok=False, message=error.message, fix=_fix(name, error))
    except ValueError:
        return _wrong(name, "eta.answer", "eta.check.fix.columns")


def _fix(name: str, error: ConnectorError) -> Text:
    if isinstance(error, AuthError):
        return TEXTS["eta.check.fix.login"]
    if name == "folder":
        return TEXTS["eta.check.fix.folder"]
    if isinstance(error, ConfigError):
        return TEXTS["eta.check.fix.rights"]
    return TEXTS["eta.check.fix.reach"]


def _upper(row: rows.Row, name: str) -> str:
    return name_of(row, name).upper()


def _fine(step: str, code: str, /, **values: object) -> CheckItem:
    return CheckItem(step, ok=True, message=TEXTS.text(code, **values))


def _wrong(step: str, code: str, fix: str, /, **values: object) -> CheckItem:
    return CheckItem(step, ok=False, message=TEXTS.text(code, **values), fix=TEXTS[fix])
