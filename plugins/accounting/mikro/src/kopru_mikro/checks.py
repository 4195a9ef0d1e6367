"""The connection check: each step says what works, or in plain words what to do. It only reads."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from kopru.model import Text
from kopru.sdk import AuthError, CheckItem, CheckResult, ConfigError, ConnectorError, TransientError
from kopru.toolkit import dates, rows, validation
from kopru_mikro import definitions, errors, sql, vat
from kopru_mikro.client import Client
from kopru_mikro.codes import PORTS
from kopru_mikro.config import MikroConfig, SecondKey
from kopru_mikro.texts import TEXTS

_NEEDED = {
    "CARI_HESAP_HAREKETLERI": (
        "cha_Guid",
        "cha_aciklama",
        "cha_belge_no",
        "cha_meblag",
        "cha_satir_no",
        "cha_iptal",
    ),
    "STOK_HAREKETLERI": ("sth_fat_uid",),
    "SIPARISLER": ("sip_Guid", "sip_satirno", "sip_vergi", "sip_teslim_miktar", "sip_iptal"),
    "EVRAK_ACIKLAMALARI": ("egk_dosyano", "egk_evr_seri", "egk_evr_sira", "egk_evracik1"),
}
"""Columns without which a document could not be found again."""


def check(client: Client) -> CheckResult:
    """Look at service, clock, login, SELECT, columns, VAT pointers, warehouse, cards and a first read."""
    health = _tried(client, "service", lambda: _service(client))
    if not health.ok:
        return CheckResult((health,))
    login = _tried(client, "login", lambda: _login(client))
    if not login.ok:
        return CheckResult((health, login))
    return CheckResult((health, login, *_steps(client)))


def _steps(client: Client) -> Iterator[CheckItem]:
    if not client.config.has_sql:
        yield _fine("sql", "mikro.check.no_sql")
        return
    reading = _tried(client, "sql", lambda: _sample(client))
    yield reading
    if reading.ok:
        yield _tried(client, "columns", lambda: _columns(client))
        yield _tried(client, "vat", lambda: _vat(client))
        yield _tried(client, "warehouse", lambda: _warehouse(client))
        yield _tried(client, "cards", lambda: _cards(client))


def _service(client: Client) -> CheckItem:
    """Ask the service for its state; its date shows whether the daily password would be valid there."""
    response = client.health()
    status = _status(validation.read_json(response.content))
    if status.lower() != "up":
        return _wrong("service", "mikro.check.down", "mikro.check.fix.service", status=status or "?")
    day = _day(response.headers.get("date", "")) or client.today
    if day != client.today:
        return _wrong("service", "mikro.check.clock", "mikro.check.fix.clock", there=day, here=client.today)
    return _fine("service", "mikro.check.service", version=client.config.version.value)


def _day(header: str) -> date | None:
    """Return the Turkish day of an HTTP date, ``None`` when it cannot be read."""
    try:
        moment = datetime.strptime(header, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None
    return dates.local_date(moment)


def _status(answer: Any) -> str:
    """Return ``ApiStatus`` wherever the answer has it; its envelope is not documented."""
    level = [answer]
    for _ in range(4):
        for each in level:
            if isinstance(each, dict) and isinstance(each.get("ApiStatus"), str):
                return str(each["ApiStatus"])
        level = [
            below
            for each in level
            for below in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
    return ""


def _login(client: Client) -> CheckItem:
    client.read("VergiListesiV2")
    return _fine("login", "mikro.check.login", user=client.config.username, firm=client.config.firm_code)


def _sample(client: Client) -> CheckItem:
    found = client.query(sql.items_after(client.config, "", 1))
    if not found:
        return _wrong("sql", "mikro.check.no_items", "mikro.check.fix.items")
    return _fine("sql", "mikro.check.sql", given=_text(found[0], "sto_kod"))


def _columns(client: Client) -> CheckItem:
    needed = {table: set(names) for table, names in _NEEDED.items()}
    for table, name in _own_columns(client.config):
        needed.setdefault(table, set()).add(name)
    there = {
        (_text(row, "TABLE_NAME"), _text(row, "COLUMN_NAME"))
        for row in client.query(sql.columns(sorted(needed)))
    }
    missing = sorted(
        f"{table}.{name}" for table in needed for name in needed[table] if (table, name) not in there
    )
    if missing:
        return _wrong(
            "columns", "mikro.check.no_columns", "mikro.check.fix.columns", names=", ".join(missing)
        )
    return _fine("columns", "mikro.check.columns")


def _own_columns(config: MikroConfig) -> Iterator[tuple[str, str]]:
    yield "BARKOD_TANIMLARI", config.barcode_column
    if config.tax_number_column:
        yield "CARI_HESAPLAR", config.tax_number_column
    if config.second_key is SecondKey.EXTERNAL_ID:
        yield "CARI_HESAP_HAREKETLERI", "cha_disyazilimid"
    if config.second_key is SecondKey.USER_COLUMN:
        for table in (config.invoice_user_table, config.order_user_table):
            yield table, config.user_link
            yield table, config.user_column


def _vat(client: Client) -> CheckItem:
    table = vat.rates(client)
    wrong = sorted(
        f"%{rate.normalize():f} → {pointer}"
        for rate, pointer in client.config.vat_pointers.items()
        if table.get(pointer) != rate
    )
    shown = ", ".join(f"{pointer}: %{rate.normalize():f}" for pointer, rate in table.items() if rate)
    if wrong or not shown:
        return _wrong(
            "vat",
            "mikro.check.vat_wrong",
            "mikro.check.fix.vat",
            wrong=", ".join(wrong) or "–",
            table=shown or "–",
        )
    return _fine("vat", "mikro.check.vat", table=shown)


def _warehouse(client: Client) -> CheckItem:
    config = client.config
    known = {each.code: each.name for each in definitions.entries(client, "warehouse")}
    used = {config.warehouse, *config.stock_warehouses, *config.channel_warehouses.values()}
    missing = sorted(number for number in used if str(number) not in known)
    if missing:
        return _wrong(
            "warehouse",
            "mikro.check.no_warehouse",
            "mikro.check.fix.warehouse",
            missing=", ".join(map(str, missing)),
            known=", ".join(f"{code} {name}" for code, name in known.items())[:300],
        )
    name = known[str(config.warehouse)]
    return _fine("warehouse", "mikro.check.warehouse", warehouse=config.warehouse, name=name)


def _cards(client: Client) -> CheckItem:
    config = client.config
    codes = sorted({config.shipping_item, config.fee_item, config.rounding_item} - {""})
    found = client.query(sql.items_by_code(config, codes)) if codes else []
    missing = sorted(set(codes) - {_text(row, "sto_kod") for row in found})
    if missing:
        return _wrong("cards", "mikro.check.no_card", "mikro.check.fix.card", codes=", ".join(missing))
    return _fine("cards", "mikro.check.cards", codes=", ".join(codes) or "–")


def _tried(client: Client, name: str, step: Callable[[], CheckItem]) -> CheckItem:
    try:
        return step()
    except ConnectorError as error:
        return CheckItem(name, ok=False, message=error.message, fix=_fix(client, name, error))


def _text(row: rows.Row, name: str) -> str:
    try:
        return rows.text(row, name)
    except ValueError as error:
        raise errors.unreadable(str(error)) from error


def _fine(step: str, code: str, /, **values: object) -> CheckItem:
    return CheckItem(step, ok=True, message=TEXTS.text(code, **values))


def _wrong(step: str, code: str, fix: str, /, **values: object) -> CheckItem:
    return CheckItem(step, ok=False, message=TEXTS.text(code, **values), fix=TEXTS[fix])


def _fix(client: Client, name: str, error: ConnectorError) -> Text:
    if isinstance(error, AuthError):
        return TEXTS["mikro.check.fix.login"]
    if isinstance(error, ConfigError):
        return TEXTS[
            "mikro.check.fix.licence" if error.code == "mikro.licence" else "mikro.check.fix.address"
        ]
    if name == "service" and isinstance(error, TransientError):
        other = next(port for version, port in PORTS.items() if version is not client.config.version)
        return TEXTS.text("mikro.check.fix.reach", address=client.config.address, other=other)
    return TEXTS["mikro.check.fix.rights"]
