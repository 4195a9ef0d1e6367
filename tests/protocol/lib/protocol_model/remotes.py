"""Remotes that may do the work, or not, or later, whatever they answer; and the plugins that speak to them.

Ground truth is what ``Remote.records`` and ``Remote.log`` hold. The repeat mode of a remote is the one its
plugin's manifest states; a remote never does more than its manifest admits.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from types import SimpleNamespace

from pydantic import BaseModel, SecretStr

from kopru.hooks.errors import (
    AuthError,
    Conflict,
    OutcomeUnknown,
    PluginBug,
    RateLimited,
    Rejected,
    TransientError,
)
from kopru.hooks.manifest import Manifest, PluginKind, Repeat, Write
from kopru.hooks.markers import hookimpl
from kopru.hooks.types import (
    Absent,
    CannotTell,
    Credentials,
    Echo,
    Found,
    Operation,
    Receipt,
    ReceiptState,
)
from kopru.model import ExternalRef, InvoiceKind, Profile, Rendered, Text
from kopru.registry import Registry
from kopru.registry.discovery import examine
from kopru.testing.evidence import Action, Asked, Stored

QUIET, TIMEOUT = 60.0, 30.0
FACTS = {"quiet": timedelta(seconds=QUIET), "timeout": timedelta(seconds=TIMEOUT)}
TEXT = Text(tr="?", en="?")
SLOW = 25.0
"""Seconds a slow hook or a new login takes; the worker goes on renewing its lease."""

CLEAR = ("done", "slow", "expired", "unreachable", "bug_before", "limited", "refused")
"""What a send may meet that has a clear end; ``expired``: the login must be renewed first, which takes long."""

UNCLEAR = (
    "lost_before",
    "lost_after",
    "bug_after",
    "differs",
    "reset_late",
    "timeout_late",
    "slow_late",
    "expired_late",
    "lag",
)
"""What leaves the outcome open, or stores something else; ``late`` ones are carried out after we hung up."""


@dataclass
class Send:
    """How the next send goes; ``share`` places a late commit within the time the manifest admits."""

    kind: str = "done"
    share: float = 1.0


@dataclass
class Pending:
    """What was received and is carried out, or becomes visible, later."""

    at: float
    act: object


@dataclass
class Remote:
    """One remote system with one repeat mode."""

    world: object
    operation: Operation
    repeat: Repeat
    records: list = field(default_factory=list)
    log: list = field(default_factory=list)
    later: list = field(default_factory=list)
    sends: list = field(default_factory=list)
    lookups: list = field(default_factory=list)
    hidden: set = field(default_factory=set)

    def send(self, reference, number, total):
        """Receive a write."""
        how = self.sends.pop(0) if self.sends else Send()
        self.world.point("sending")
        if how.kind == "unreachable":
            raise TransientError("test.unreachable")
        if how.kind == "bug_before":
            raise PluginBug("test.bug")
        if how.kind in ("expired", "expired_late") and self.repeat is not Repeat.NONE:
            if how.kind == "expired_late":
                self.sends.append(Send("timeout_late", how.share))
            raise AuthError("test.expired")
        if how.kind in ("slow", "slow_late"):
            self.world.work_on(SLOW)
        lease = self.world.lease()
        lease.before_write()
        self._note(reference, Action.SEND, harmless=how.kind in ("limited", "refused"))
        if how.kind == "limited":
            raise RateLimited("test.limited", retry_after=5.0)
        if how.kind == "refused":
            raise Rejected("test.refused")
        if how.kind == "lost_before":
            self.world.point("sent")
            raise OutcomeUnknown("test.lost")
        if how.kind == "differs" and self.operation is Operation.POST_INVOICE:
            total += 1
        record = Stored("t", self.operation.value, reference, str(len(self.records) + 1), number, total)
        if how.kind in ("reset_late", "timeout_late", "slow_late"):
            return self._late(record, how, lease.remaining())
        stored = self._commit(record)
        if how.kind == "lag":
            self._hide(stored, lease.remaining() + how.share * QUIET)
        self.world.point("sent")
        if how.kind in ("lost_after", "lag"):
            raise OutcomeUnknown("test.lost")
        if how.kind == "bug_after":
            raise PluginBug("test.bug")
        return self._receipt(stored)

    def locate(self, reference):
        """Look a write up."""
        how = self.lookups.pop(0) if self.lookups else "works"
        self.world.point("locating")
        if how == "down":
            raise TransientError("test.down")
        if how == "cannot" and self.repeat in (Repeat.QUERY_BY_REF, Repeat.NONE):
            return CannotTell(TEXT)
        found = next((each for each in self.records if self._shows(each, reference)), None)
        self._note(reference, Action.LOCATE)
        self.world.point("located")
        if how == "slow":
            self.world.work_on(SLOW)
        return Found(self._receipt(found)) if found else Absent()

    def holds(self, reference):
        """Whether a look at the remote shows the record, as a person would see it."""
        return any(self._shows(each, reference) for each in self.records)

    def settle(self):
        """Do what is due by now."""
        due = sorted(
            (each for each in self.later if each.at <= self.world.clock.seconds), key=lambda each: each.at
        )
        self.later = [each for each in self.later if each not in due]
        for each in due:
            each.act()

    def _late(self, record, how, remaining):
        """Carry it out later: at most ``quiet`` after the answer was given up."""
        patience = remaining if how.kind == "timeout_late" else 0.0
        at = self.world.clock.seconds + remaining + how.share * QUIET
        self.later.append(Pending(at, lambda: self._commit_late(record)))
        self.world.point("sent")
        self.world.work_on(patience)
        raise OutcomeUnknown("test.late")

    def _commit_late(self, record):
        try:
            self._commit(record)
        except Conflict:
            return

    def _commit(self, record):
        earlier = next((each for each in self.records if each.reference == record.reference), None)
        if earlier is not None and self.repeat in (Repeat.NATIVE_KEY, Repeat.ABSOLUTE):
            return earlier
        if earlier is not None and self.repeat is Repeat.NATURAL_UNIQUE:
            raise Conflict("test.exists")
        self.records.append(record)
        return record

    def _hide(self, record, seconds):
        """Let reads see a record only later."""
        self.hidden.add(record.id)
        at = self.world.clock.seconds + seconds
        self.later.append(Pending(at, lambda: self.hidden.discard(record.id)))

    def _shows(self, record, reference):
        return record.reference == reference and record.id not in self.hidden

    def _receipt(self, record):
        echo = Echo(number=record.number, total=record.total)
        return Receipt(ReceiptState.DONE, ExternalRef(kind="record", id=record.id), record.number, echo)

    def _note(self, reference, action, *, harmless=False):
        self.log.append(Asked(self.world.clock.seconds, "t", reference, action, harmless))


# Plugins


class NoSettings(BaseModel):
    """A connection without settings."""


def _manifest(name, kind, **more):
    return Manifest(name=name, kind=kind, title=TEXT, version="1", config=NoSettings, **more)


WORLD = SimpleNamespace(now=None)
"""The world that plugins of this process speak to."""


class Target:
    """What channel and ledger have in common: a look-up and a login that can be renewed."""

    @hookimpl
    def locate(self, ctx, operation, key, hint):
        remote = WORLD.now.remotes[operation]
        return remote.locate(_reference(operation, key, hint))

    @hookimpl
    def refresh_credentials(self, ctx):
        return WORLD.now.sign_in()


def _reference(operation, key, hint):
    return hint.id if operation is Operation.SUBMIT_INVOICE and hint else key.short


class Channel:
    """Hands documents over; the ETTN is their identity."""

    @hookimpl
    def submit_invoice(self, ctx, key, submission):
        invoice = submission.invoice
        remote = WORLD.now.remotes[Operation.SUBMIT_INVOICE]
        return remote.send(str(invoice.id), invoice.number, invoice.totals.payable)


class Ledger:
    """Books documents under our short reference."""

    @hookimpl
    def post_invoice(self, ctx, key, invoice):
        remote = WORLD.now.remotes[Operation.POST_INVOICE]
        return remote.send(key.short, invoice.invoice.number, invoice.invoice.totals.payable)


class Shop:
    """Where the orders came from; invoices are not given back to it."""

    manifest = _manifest("shop", PluginKind.SHOP)


class Form:
    """Renders a document as its number and total."""

    manifest = _manifest("form", PluginKind.EINVOICE_FORMAT, formats=((InvoiceKind.SALE, Profile.ARCHIVE),))

    @hookimpl
    def render_invoice(self, config, invoice):
        text = f"{invoice.id} {invoice.number} {invoice.totals.payable}"
        return Rendered(content=text.encode(), filename=f"{invoice.number}.xml")

    @hookimpl
    def validate_invoice(self, config, document, today):
        return ()


def plugin_name(operation, repeat):
    """Return the plugin whose write has that repeat mode."""
    return f"{operation.value}.{repeat.value}".replace("_", "")


def _target(operation, repeat):
    base, kind = (
        (Channel, PluginKind.EINVOICE_CHANNEL)
        if operation is Operation.SUBMIT_INVOICE
        else (Ledger, PluginKind.ACCOUNTING)
    )
    # A target that protects nothing cannot be searched either.
    bases = (base,) if repeat is Repeat.NONE else (base, Target)
    name = plugin_name(operation, repeat)
    facts = {
        "writes": {operation: Write(repeat, **FACTS)},
        "profiles": (Profile.ARCHIVE,),
        "documents": (InvoiceKind.SALE,),
    }
    return type(name, bases, {"manifest": _manifest(name, kind, **facts)})()


@cache
def registry():
    """Return the registry of a shop, a form and of a channel and a ledger per repeat mode."""
    targets = [
        _target(operation, repeat)
        for operation in (Operation.SUBMIT_INVOICE, Operation.POST_INVOICE)
        for repeat in Repeat
    ]
    found = [examine(each.manifest.name, "tests", each) for each in (Shop(), Form(), *targets)]
    assert all(each.plugin is not None for each in found), found
    return Registry(found)


def credentials(number):
    return Credentials(access_token=SecretStr(f"token {number}"))
