"""What is asked for: kind, name, hooks and transport of a new plugin, checked before anything is written."""

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from kopru.hooks.errors import ConfigError
from kopru.hooks.manifest import PluginKind
from kopru.hooks.types import Operation
from kopru.scaffold.contract import Hook, hooks
from kopru.scaffold.texts import TEXTS

_LONGEST_NAME = 24
_LONGEST_TITLE = 40
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CORE = {"core", "sdk", "testing", "toolkit", "model"}


class Transport(StrEnum):
    """What a plugin reaches its remote by. Formats and most advisers need nothing."""

    HTTP = "http"
    SOAP = "soap"
    SQL = "sql"
    FILE = "file"
    NONE = "none"


DEFAULTS: dict[PluginKind, tuple[str, ...]] = {
    PluginKind.SHOP: ("fetch_orders", "fetch_order", "parse_orders", "update_order_status", "locate"),
    PluginKind.MARKETPLACE: (
        "fetch_orders",
        "fetch_order",
        "parse_orders",
        "fetch_returns",
        "push_stock",
        "update_order_status",
        "locate",
    ),
    PluginKind.ACCOUNTING: (
        "fetch_products",
        "fetch_stock",
        "upsert_party",
        "post_invoice",
        "cancel_document",
        "locate",
        "fetch_definitions",
    ),
    PluginKind.EINVOICE_FORMAT: ("render_invoice", "validate_invoice"),
    PluginKind.EINVOICE_CHANNEL: (
        "lookup_recipient",
        "submit_invoice",
        "locate",
        "fetch_receipts",
        "fetch_document",
    ),
    PluginKind.ADVISER: ("map_line",),
}
"""The hooks a kind begins with when none are named."""

_FROM_FILES = ("fetch_orders", "parse_orders")
"""What a shop that drops files can do: there is nobody to write back to."""

_WITHOUT_REMOTE = (PluginKind.EINVOICE_FORMAT, PluginKind.ADVISER)
_SETS_A_STATE = frozenset({Operation.PUSH_STOCK, Operation.PUSH_PRICES})


@dataclass(frozen=True, slots=True)
class Plan:
    """A plugin to be written."""

    kind: PluginKind
    name: str
    title: str
    hooks: tuple[Hook, ...]
    transport: Transport

    @property
    def package(self) -> str:
        """Return the name of the Python package."""
        return f"kopru_{self.name}"

    @property
    def distribution(self) -> str:
        """Return the name ``pip`` knows it by."""
        return f"kopru-{self.name.replace('_', '-')}"

    @property
    def cls(self) -> str:
        """Return the name of the plugin's class, such as ``CicekSepeti`` for ``cicek_sepeti``."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def connects(self) -> bool:
        """Whether there is a remote to connect to."""
        return self.transport is not Transport.NONE

    @property
    def simulated(self) -> bool:
        """Whether the remote is simulated; a folder needs no simulator."""
        return self.transport not in (Transport.NONE, Transport.FILE)

    def has(self, *names: str) -> bool:
        """Whether the plugin has all these hooks."""
        return {hook.name for hook in self.hooks}.issuperset(names)


def make_plan(
    kind: str, name: str, capabilities: Sequence[str] = (), transport: str = "", *, title: str = ""
) -> Plan:
    """Return what is to be written.

    Args:
        kind: a ``PluginKind``.
        name: lower-case identifier.
        capabilities: names of hooks; the usual ones of the kind when empty.
        transport: a ``Transport``; HTTP when empty, none for formats and advisers.
        title: the remote's own name; made from ``name`` when empty.

    Raises:
        ConfigError: one of these cannot be; the message says what can.
    """
    of_kind = PluginKind(_choice("kind", kind, [each.value for each in PluginKind]))
    usual = Transport.NONE if of_kind in _WITHOUT_REMOTE else Transport.HTTP
    by = Transport(_choice("transport", transport or usual, [each.value for each in Transport]))
    if by is Transport.NONE and of_kind not in _WITHOUT_REMOTE:
        raise ConfigError("scaffold.transport.needed", TEXTS.text("scaffold.transport.needed", kind=kind))
    chosen = tuple(capabilities) or _usual_hooks(of_kind, by)
    for each in chosen:
        _choice("capability", each, list(hooks()))
    return Plan(of_kind, _checked_name(name), _checked_title(title or name), _complete(chosen, by), by)


def repeat_of(operation: Operation) -> str:
    """Return the repeat mode a new plugin begins with: the careful one, unless the write sets a state."""
    return "ABSOLUTE" if operation in _SETS_A_STATE else "QUERY_BY_REF"


def _usual_hooks(kind: PluginKind, transport: Transport) -> tuple[str, ...]:
    from_files = transport is Transport.FILE and kind in (PluginKind.SHOP, PluginKind.MARKETPLACE)
    return _FROM_FILES if from_files else DEFAULTS[kind]


def _complete(chosen: Sequence[str], transport: Transport) -> tuple[Hook, ...]:
    """Return the chosen hooks in the contract's order, with those that others cannot do without."""
    wanted = set(chosen)
    if transport is not Transport.NONE:
        wanted.add("check_connection")
    careful = {each.value for each in Operation if each not in _SETS_A_STATE}
    if wanted & careful:
        wanted.add("locate")
    return tuple(hook for name, hook in hooks().items() if name in wanted)


def _choice(what: str, given: str, known: Sequence[str]) -> str:
    if given in known:
        return given
    near = get_close_matches(given, known, n=1, cutoff=0.4)
    code = f"scaffold.{what}.unknown"
    listed = ", ".join(known)
    raise ConfigError(code, TEXTS.text(code, given=given, near=near[0] if near else known[0], known=listed))


def _checked_name(name: str) -> str:
    fits = _NAME.fullmatch(name) and len(name) <= _LONGEST_NAME and not name.endswith("_")
    if not fits or keyword.iskeyword(name) or name in _CORE:
        raise ConfigError("scaffold.name", TEXTS.text("scaffold.name", name=name, most=_LONGEST_NAME))
    return name


def _checked_title(title: str) -> str:
    shown = title if title != title.lower() else " ".join(part.capitalize() for part in title.split("_"))
    if len(shown) > _LONGEST_TITLE or not shown.isprintable() or set(shown) & set("\"'\\{}$<>|`"):
        raise ConfigError("scaffold.title", TEXTS.text("scaffold.title", most=_LONGEST_TITLE))
    return shown
