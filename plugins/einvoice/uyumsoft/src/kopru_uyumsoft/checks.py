"""The parts of ``check_connection``: each looks at one thing and tells the fix in plain words."""

from typing import Any

from kopru.model import Text
from kopru.sdk import AuthError, CheckItem, ConfigError, ConnectorError
from kopru_uyumsoft import mapping
from kopru_uyumsoft.config import UyumsoftConfig
from kopru_uyumsoft.texts import TEXTS

SERVICES = {"HasEInvoice": "e-Fatura", "HasEarchive": "e-Arşiv"}


def of_error(name: str, error: ConnectorError) -> CheckItem:
    """Return the item for a look that failed."""
    if isinstance(error, AuthError):
        return CheckItem(name, False, error.message, fix=TEXTS["uyumsoft.check.login.fix"])
    if isinstance(error, ConfigError):
        # These texts say themselves what to do.
        return CheckItem(name, False, error.message, fix=error.message)
    return CheckItem(name, False, error.message, fix=TEXTS["uyumsoft.check.unreachable.fix"])


def of_login() -> CheckItem:
    """Return the item for a login that works."""
    return CheckItem("login", True, TEXTS["uyumsoft.check.login"])


def of_company(config: UyumsoftConfig, identity: Any) -> CheckItem:
    """Judge the company the login belongs to."""
    customer = identity.get("Customer") if isinstance(identity, dict) else None
    name = mapping.text(customer, "Name") or "?"
    tax_number = mapping.tax_number_of(identity) or "?"
    other = config.tax_number and tax_number != config.tax_number
    code = "uyumsoft.check.company_other" if other else "uyumsoft.check.company"
    return _item("company", code, ok=not other, name=name, tax_number=tax_number)


def of_services(identity: Any) -> CheckItem:
    """Judge the services the company has: one of both kinds of documents is enough to send something."""
    services = identity.get("Services") if isinstance(identity, dict) else None
    flags = services if isinstance(services, dict) else {}
    active = [name for flag, name in SERVICES.items() if flags.get(flag) is True]
    if not active:
        return _item("services", "uyumsoft.check.services_none", ok=False)
    return _item("services", "uyumsoft.check.services", ok=True, services=", ".join(active))


def _item(item: str, code: str, /, *, ok: bool, **values: str) -> CheckItem:
    return CheckItem(item, ok, _filled(code, values), fix=None if ok else _filled(f"{code}.fix", values))


def _filled(code: str, values: dict[str, str]) -> Text:
    return TEXTS.text(code, **{key: value[:300] for key, value in values.items()})
