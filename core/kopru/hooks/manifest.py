"""What a plugin states about itself: facts the engine, the simulator, the kit and the docs all read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from kopru.hooks.io import SqlServer
from kopru.hooks.types import Operation
from kopru.model import InvoiceKind, Profile, Text

HOOK_API = 1
"""Version of the hook contract. A plugin outside its stated range is skipped with a reason."""


class PluginKind(StrEnum):
    """What a plugin connects to. POS systems are shops; settlement sources are accounting.

    Advisers help to find the own item of a line; most connect to nothing.
    """

    SHOP = "shop"
    MARKETPLACE = "marketplace"
    ACCOUNTING = "accounting"
    EINVOICE_FORMAT = "einvoice_format"
    EINVOICE_CHANNEL = "einvoice_channel"
    ADVISER = "adviser"


class Repeat(StrEnum):
    """How a write may be repeated after an unknown outcome.

    ``native_key``: the target takes our key; sending again with it is safe.
    ``natural_unique``: the target refuses a repeat (409, "already exists").
    ``query_by_ref``: the target would store it twice; ``locate`` must say absent first.
    ``absolute``: the write sets a state; repeating is harmless and the newest wins.
    ``none``: nothing protects a repeat; a person decides.
    """

    NATIVE_KEY = "native_key"
    NATURAL_UNIQUE = "natural_unique"
    QUERY_BY_REF = "query_by_ref"
    ABSOLUTE = "absolute"
    NONE = "none"


class Serial(StrEnum):
    """What may not run twice at the same time."""

    NO = "no"
    CONNECTION = "connection"
    ENTITY = "entity"


@dataclass(frozen=True, slots=True)
class Write:
    """Facts about one write operation.

    ``serial`` is what the target cannot take twice at a time: ``connection`` lets one write of the operation
    run at a time on a connection; a single record (``entity``) is never written twice at a time anyway.
    ``quiet`` is how long after a lost answer the target may still commit; "absent" counts only later.
    ``repeat_after`` is the span in which the target refuses an identical request. The plugin raises
    ``Conflict`` then; the engine tries again until the span is over, or a changed value makes it another one.
    ``asynchronous`` says that the answer is only an acceptance and ``fetch_receipts`` has the final word. The
    plugin says it with each answer (``ReceiptState.ACCEPTED``), and by that the engine goes.
    """

    repeat: Repeat
    batch: int = 1
    asynchronous: bool = False
    serial: Serial = Serial.NO
    quiet: timedelta = timedelta(seconds=60)
    repeat_after: timedelta | None = None
    timeout: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Stream:
    """Facts about one read.

    ``token_mode`` reads by the source's own position instead of time. ``span`` is the longest window one
    query may cover, ``reach`` how far back the source remembers, ``overlap`` how much each run reads again.
    ``poll_every`` is how often the engine asks by itself; without it as often as is usual for the kind.
    """

    largest_page: int
    token_mode: bool = False
    sorted_by_time: bool = False
    overlap: timedelta = timedelta(minutes=10)
    span: timedelta | None = None
    reach: timedelta | None = None
    poll_every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit the remote states: ``calls`` per ``period`` over all paths that match ``path``.

    ``method`` and ``path`` are a method name or ``*`` and a regular expression on the request path.
    ``scope`` says what shares the quota: one connection (``connection``) or all connections to one remote
    account (``account``; ``Manifest.account_of`` tells which is which).
    """

    name: str
    calls: int
    period: timedelta
    method: str = "*"
    path: str = ".*"
    scope: str = "connection"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A plugin's statement about itself. Capabilities are the hooks it implements; these are the facts."""

    name: str
    kind: PluginKind
    title: Text
    version: str
    config: type[BaseModel]
    hook_api: tuple[int, int] = (HOOK_API, HOOK_API)
    config_version: int = 1
    migrate_config: Callable[[int, dict[str, Any]], dict[str, Any]] | None = None
    streams: Mapping[str, Stream] = field(default_factory=dict)
    writes: Mapping[Operation, Write] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    quotas_for: Callable[[Any], tuple[Quota, ...]] | None = None
    """Reads the quotas where they differ between accounts; ``quotas`` then states the strictest."""
    account_of: Callable[[Any], str] | None = None
    """Reads what the connections to one remote account have in common, for quotas of scope ``account``."""
    base_url: Callable[[Any], str] | None = None
    """Reads the remote's base address from the config; required for plugins that use ``ctx.http``."""
    hosts: Callable[[Any], tuple[str, ...]] | None = None
    """Reads the addresses of the remote's further servers, which are called by absolute address."""
    local_network: Callable[[Any], bool] | None = None
    """Says whether the config names a server in the tenant's own network (plain HTTP, private address)."""
    verify_tls: Callable[[Any], bool] | None = None
    folder: Callable[[Any], str] | None = None
    """Reads the connection's folder from the config; required for plugins that use ``ctx.files``."""
    sql_server: Callable[[Any], SqlServer] | None = None
    """Reads server and login from the config; required for plugins that use ``ctx.sql``."""
    statements: str = ""
    """The package whose folder ``statements`` holds the files that ``ctx.sql`` runs."""
    formats: tuple[tuple[InvoiceKind, Profile], ...] = ()
    """Invoice kinds and profiles a format plugin renders."""
    profiles: tuple[Profile, ...] = ()
    """Profiles a channel accepts."""
    documents: tuple[InvoiceKind, ...] = ()
    """Invoice kinds an accounting target can book."""
    removable: tuple[Operation, ...] = ()
    """Writes whose records ``cancel_document`` takes out again so that ``locate`` finds them no more. With
    ``post_order`` among them, ``connection check --write-test`` works."""
