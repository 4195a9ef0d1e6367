"""The write test of a connection: a marked sales order goes in, is looked up by its key, and is taken out.

Only where the plugin states that orders can be removed without a trace (``Manifest.removable``), never at a
channel of e-documents. A test that was cut short is finished by the next one: its key is in the story before
anything leaves.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4, uuid5

from kopru.flows.connections import Opened, call
from kopru.flows.env import Work
from kopru.flows.records import ItemRow
from kopru.flows.texts_writetest import TEXTS
from kopru.hooks import ports
from kopru.hooks.errors import ConfigError, ConnectorError, OutcomeUnknown, Unsupported
from kopru.hooks.manifest import Manifest, PluginKind
from kopru.hooks.types import (
    Absent,
    Cancellation,
    CannotTell,
    CheckItem,
    CheckResult,
    Found,
    IdempotencyKey,
    LedgerOrder,
    Located,
    Operation,
    Receipt,
    Window,
)
from kopru.model import Address, ExternalRef, Order, OrderLine, OrderStatus, Party, PartyKind, Text

BEGUN = "connection.write_test"
ENDED = "connection.write_test_removed"
AMOUNT = Decimal("1.20")
"""What the test order comes to, in Turkish lira with VAT; small enough to hurt nobody who overlooks it."""
USUAL_VAT = Decimal(20)
_NEEDED = ("post_order", "cancel_document", "locate")
_NAMESPACE = UUID("6f0f3f0a-5d0e-5c38-9c55-3b1f3f8c4d21")


@dataclass(frozen=True, slots=True)
class _Test:
    """One test order: its key, the partner and the item it names."""

    key: IdempotencyKey
    party: str
    item: ItemRow


def require_testable(manifest: Manifest, hooks: frozenset[str]) -> None:
    """Check that a plugin's connections can be tested by writing.

    Raises:
        Unsupported: it is a channel of e-documents, or writes no order that can be removed.
    """
    if manifest.kind is PluginKind.EINVOICE_CHANNEL:
        raise Unsupported("writetest.channel", TEXTS["writetest.channel"])
    if Operation.POST_ORDER not in manifest.removable or not hooks.issuperset(_NEEDED):
        text = TEXTS.text("writetest.unsupported", plugin=manifest.name)
        raise Unsupported("writetest.unsupported", text)


def run(work: Work, connection_id: UUID, *, party: str = "", item: str = "") -> CheckResult:
    """Write, locate and remove a marked order, and say how each step went.

    ``party`` and ``item`` name the ledger's cards; by default the first ones there are.

    Raises:
        Unsupported: the plugin cannot be tested so.
        ConfigError: there is no partner or item to write an order with, or a restored backup is not settled.
    """
    registry = work.env.registry
    plugin = call(work, connection_id, lambda opened: opened.row.plugin)
    require_testable(registry.manifest(plugin), registry.hooks(plugin))
    with work.read() as uow:
        if uow.settings.restored_at() is not None:
            raise ConfigError("writetest.settled_first", TEXTS["writetest.settled_first"])
    items = _finish_earlier(work, connection_id)
    chosen = _item(work, item)
    test = _Test(_key(connection_id, uuid4()), _party(work, connection_id, party), chosen)
    items += _steps(work, connection_id, test)
    return CheckResult(tuple(items))


def _steps(work: Work, connection_id: UUID, test: _Test) -> list[CheckItem]:
    """Return what became of writing, finding and removing; what cannot follow is left out."""
    _note(work, connection_id, BEGUN, test.key)
    written = _written(work, connection_id, test)
    located = _located(work, connection_id, test.key)
    found = located.receipt if isinstance(located, Found) else None
    receipt = written if isinstance(written, Receipt) else found
    if receipt is None or receipt.ref is None:
        # A write whose outcome is unknown may still arrive; the next test looks for it again.
        if isinstance(located, Absent) and not isinstance(written, OutcomeUnknown):
            _note(work, connection_id, ENDED, test.key)
        reason = written.message if isinstance(written, ConnectorError) else TEXTS["writetest.unknown"]
        return [_bad("write", "refused", "refused_fix", reason=reason)]
    number = receipt.number or receipt.ref.id
    items = [_good("write", "written", number=number)]
    if found is None:
        told = located.reason if isinstance(located, CannotTell) else TEXTS["writetest.absent"]
        items.append(_bad("locate", "not_located", "not_located_fix", reason=told, key=test.key.short))
    else:
        items.append(_good("locate", "located"))
    return [*items, _removed(work, connection_id, test.key, receipt.ref, number)]


def _written(work: Work, connection_id: UUID, test: _Test) -> Receipt | ConnectorError:
    """Write the order, or return what went wrong; the look-up by its key has the last word."""

    def send(opened: Opened) -> Receipt:
        entry = LedgerOrder(_order(opened, test), test.party, {"1": test.item.code})
        return opened.use(ports.PostsOrder).post_order(opened.ctx, test.key, entry)

    try:
        return call(work, connection_id, send)
    except ConnectorError as error:
        return error


def _located(work: Work, connection_id: UUID, key: IdempotencyKey) -> Located:
    def look(opened: Opened) -> Located:
        return opened.use(ports.Locates).locate(opened.ctx, Operation.POST_ORDER, key, None)

    try:
        return call(work, connection_id, look)
    except ConnectorError as error:
        return CannotTell(error.message)


def _removed(
    work: Work, connection_id: UUID, key: IdempotencyKey, ref: ExternalRef, number: str
) -> CheckItem:
    cancellation = Cancellation(ref, TEXTS["writetest.removed_why"].tr)
    removal = _key(connection_id, uuid5(key.uuid, "remove"))

    def remove(opened: Opened) -> Receipt:
        return opened.use(ports.CancelsDocument).cancel_document(opened.ctx, removal, cancellation)

    try:
        call(work, connection_id, remove)
    except ConnectorError as error:
        return _bad("remove", "not_removed", "not_removed_fix", reason=error.message, number=number)
    if isinstance(_located(work, connection_id, key), Found):
        told = TEXTS["writetest.still_there"]
        return _bad("remove", "not_removed", "not_removed_fix", reason=told, number=number)
    _note(work, connection_id, ENDED, key)
    return _good("remove", "removed")


def _finish_earlier(work: Work, connection_id: UUID) -> list[CheckItem]:
    """Remove what tests left that were cut short."""
    with work.read() as uow:
        story = uow.events.of_subjects([connection_id])
    ended = {event.data["key"] for event in story if event.action == ENDED}
    open_keys = [
        event.data["key"] for event in story if event.action == BEGUN and event.data["key"] not in ended
    ]
    items = []
    for name in open_keys:
        key = _key(connection_id, UUID(name))
        left = _located(work, connection_id, key)
        if isinstance(left, Absent):
            _note(work, connection_id, ENDED, key)
        elif isinstance(left, Found) and left.receipt.ref is not None:
            number = left.receipt.number or left.receipt.ref.id
            removed = _removed(work, connection_id, key, left.receipt.ref, number)
            items.append(_good("leftover", "leftover") if removed.ok else removed)
    return items


def _note(work: Work, connection_id: UUID, action: str, key: IdempotencyKey) -> None:
    with work.write() as uow:
        uow.events.add(work.actor, "connection", connection_id, action, key=key.value.rpartition("/")[2])


def _key(connection_id: UUID, test: UUID) -> IdempotencyKey:
    value = f"write-test/{connection_id}/{test}"
    return IdempotencyKey(value, uuid5(_NAMESPACE, value))


def _party(work: Work, connection_id: UUID, given: str) -> str:
    def first(opened: Opened) -> str:
        if not opened.can("fetch_parties"):
            return ""
        until = opened.ctx.now()
        window = Window(until - timedelta(days=3650), until)
        page = opened.use(ports.FetchesParties).fetch_parties(opened.ctx, None, window, 1)
        return next((card.code for card in page.values), "")

    code = given or call(work, connection_id, first)
    if not code:
        raise ConfigError("writetest.no_party", TEXTS["writetest.no_party"])
    return code


def _item(work: Work, given: str) -> ItemRow:
    with work.read() as uow:
        found = uow.items.by_code(given) if given else next(iter(uow.items.recent(limit=1)), None)
    if found is None:
        raise ConfigError("writetest.no_item", TEXTS["writetest.no_item"])
    return found


def _order(opened: Opened, test: _Test) -> Order:
    """Return an order of one piece that says in every text what it is."""
    name = TEXTS["writetest.name"].tr
    now = opened.ctx.now()
    line = OrderLine(
        id="1",
        name=name,
        sku=test.item.code,
        quantity=Decimal(1),
        unit=test.item.unit,
        amount=AMOUNT,
        vat_rate=test.item.vat_rate if test.item.vat_rate is not None else USUAL_VAT,
    )
    return Order(
        ref=ExternalRef(kind="order", id=f"KOPRU-TEST-{test.key.short}"),
        number=f"KOPRU-{test.key.short[:8].upper()}",
        revision="1",
        status=OrderStatus.NEW,
        placed_at=now,
        modified_at=now,
        currency="TRY",
        buyer=Party(
            kind=PartyKind.COMPANY,
            name=name,
            address=Address(street=name, district="Kadıköy", city="İstanbul"),
        ),
        lines=(line,),
        total=AMOUNT,
        note=TEXTS["writetest.note"].tr,
    )


def _good(step: str, code: str, **values: object) -> CheckItem:
    return CheckItem(f"write_test.{step}", True, TEXTS.text(f"writetest.{code}", **values))


def _bad(step: str, code: str, fix: str, *, reason: Text, **values: object) -> CheckItem:
    message = TEXTS[f"writetest.{code}"]
    told = Text(tr=message.tr.format(reason=reason.tr), en=message.en.format(reason=reason.en))
    return CheckItem(f"write_test.{step}", False, told, TEXTS.text(f"writetest.{fix}", **values))
