"""The parts of ``check_connection``: each looks at one thing and tells the fix in plain words."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kopru.model import Text
from kopru.sdk import AuthError, CheckItem, ConnectorError, Definition
from kopru.toolkit import dates
from kopru_nilvera.codes import Side
from kopru_nilvera.config import NilveraConfig
from kopru_nilvera.mapping import Row
from kopru_nilvera.texts import TEXTS

SIDE_NAMES = {Side.E_INVOICE: "e-Fatura", Side.E_ARCHIVE: "e-Arşiv"}


def of_error(name: str, error: ConnectorError) -> CheckItem:
    """Return the item for a look that failed."""
    if isinstance(error, AuthError):
        # These texts say themselves what to do in the portal.
        return CheckItem(name, False, error.message, fix=error.message)
    return CheckItem(name, False, error.message, fix=TEXTS["nilvera.check.unreachable.fix"])


def of_key() -> CheckItem:
    """Return the item for a key that works."""
    return CheckItem("key", True, TEXTS["nilvera.check.key"])


def of_company(config: NilveraConfig, data: Any) -> CheckItem:
    """Judge the company the key belongs to."""
    company = data if isinstance(data, dict) else {}
    name, tax_number = str(company.get("Name") or "?"), str(company.get("TaxNumber") or "?")
    if config.tax_number and tax_number != config.tax_number:
        return _failed("company", "nilvera.check.company_other", name=name, tax_number=tax_number)
    if company.get("IsActive") is False or company.get("IsDeleted") is True:
        return _failed("company", "nilvera.check.company_inactive", name=name)
    return _passed("company", "nilvera.check.company", name=name, tax_number=tax_number)


def of_credits(data: Any, now: datetime, zone: ZoneInfo) -> CheckItem:
    """Judge the credit packages: one usable package is enough to send something."""
    rows = [row for row in (data if isinstance(data, list) else ()) if isinstance(row, dict)]
    usable = [row for row in rows if _remaining(row) > 0 and not _is_over(row, now, zone)]
    if not usable:
        return _failed("credits", "nilvera.check.credits_none")
    credits = ", ".join(f"{row.get('Name') or '?'} {_remaining(row)}" for row in usable)
    return _passed("credits", "nilvera.check.credits", credits=credits)


def of_series(side: Side, series: tuple[Definition, ...], config: NilveraConfig) -> CheckItem:
    """Judge the number series of a side."""
    name, words = f"series.{side}", SIDE_NAMES[side]
    active = [each.code for each in series if each.extra.get("active") == "true"]
    if active:
        return _passed(name, "nilvera.check.series", side=words, series=", ".join(active))
    if config.create_missing_series:
        return _passed(name, "nilvera.check.series_made_on_demand", side=words)
    return _failed(name, "nilvera.check.series_none", side=words)


def of_template(side: Side, code: str, templates: tuple[Definition, ...]) -> CheckItem:
    """Judge the view template chosen in the settings."""
    name, words = f"template.{side}", SIDE_NAMES[side]
    for each in templates:
        if each.code.lower() == code.lower() and each.extra.get("active") == "true":
            return _passed(name, "nilvera.check.template", side=words, name=each.name)
    return _failed(name, "nilvera.check.template_missing", side=words)


def _passed(item: str, code: str, **values: str) -> CheckItem:
    return CheckItem(item, True, _filled(code, values))


def _failed(item: str, code: str, **values: str) -> CheckItem:
    return CheckItem(item, False, _filled(code, values), fix=_filled(f"{code}.fix", values))


def _filled(code: str, values: dict[str, str]) -> Text:
    return TEXTS.text(code, **{key: value[:300] for key, value in values.items()})


def _remaining(row: Row) -> int:
    value = row.get("RemainingCredit")
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _is_over(row: Row, now: datetime, zone: ZoneInfo) -> bool:
    end = row.get("EndDate")
    if row.get("DurationType") == "Indefinite" or not isinstance(end, str) or end.startswith("0001-"):
        return False
    try:
        return dates.parse(end, zone=zone) < now
    except ConnectorError:
        return False
