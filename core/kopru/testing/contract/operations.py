"""The write operations: what each one writes in a test."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kopru.hooks.types import (
    Cancellation,
    Direction,
    Echo,
    LedgerInvoice,
    LedgerOrder,
    Operation,
    OrderAction,
    OrderUpdate,
    PartyRequest,
    Submission,
)
from kopru.model import ExternalRef, Invoice, Order, PriceTarget, Product, Profile, StockTarget
from kopru.testing import samples
from kopru.testing.contract.failure import LeftOut
from kopru.testing.contract.kit import Kit
from kopru.testing.contract.reading import read_all
from kopru.testing.contract.session import Session
from kopru.testing.contract.writes import Intent, WriteCase, key_of
from kopru.testing.simulator import Held
from kopru.testing.world import WorldBuyer, WorldOrder
from kopru.toolkit import dates

CHANNEL = "kit"
_BARCODE = 2_900_000_000_000
_SENT = (Profile.BASIC, Profile.COMMERCIAL)
_TRACKING = "https://kargo.example.com/takip/"
_ITEMS = 3


class Submitting(WriteCase):
    """``submit_invoice``: e-Fatura to registered companies, e-Arşiv to persons."""

    operation = Operation.SUBMIT_INVOICE

    def __init__(self, kit: Kit, profile: Profile | None = None) -> None:
        """Take the kit and the profile; without one the first that the channel accepts."""
        super().__init__(kit)
        self.profile = profile

    def variants(self) -> list[WriteCase]:
        """Return one case per profile."""
        return [Submitting(self.kit, profile) for profile in self._profiles()]

    def intent(self, session: Session, n: int) -> Intent:
        """Return the submission of a further order's invoice."""
        profile = self.profile or self._profiles()[0]
        invoice = invoice_of(self.kit, session, n, profile)
        return Intent(
            key=key_of(self.operation, n, str(invoice.id)),
            argument=Submission(invoice, samples.sample_document(invoice)),
            hint=document_ref(invoice),
            echo=Echo(total=invoice.totals.payable, currency=invoice.currency, number=invoice.number),
            archive=profile.is_archive,
        )

    def _profiles(self) -> list[Profile]:
        accepted = self.kit.plugin.manifest.profiles
        chosen = [profile for profile in (*_SENT, Profile.ARCHIVE) if profile in accepted]
        if not chosen:
            raise LeftOut("There is no sample invoice of a profile this channel accepts.")
        return chosen


class PartyUpsert(WriteCase):
    """``upsert_party``: partners that are not there yet."""

    operation = Operation.UPSERT_PARTY

    def intent(self, session: Session, n: int) -> Intent:
        """Return a further buyer of the world under a code of its own."""
        buyer, code = session.world.buyers[n], f"120.KIT.{n:03d}"
        request = PartyRequest(code, samples.sample_party(buyer), CHANNEL)
        return Intent(key_of(self.operation, n), request, echo=Echo(party=code, number=code))


class ProductUpsert(WriteCase):
    """``upsert_product``: items that are not there yet."""

    operation = Operation.UPSERT_PRODUCT

    def intent(self, session: Session, n: int) -> Intent:
        """Return a further item under a code of its own."""
        item = replace(session.world.items[n], code=f"KIT-{n:03d}", barcode=str(_BARCODE + n))
        return Intent(key_of(self.operation, n), samples.sample_product(item), echo=Echo(number=item.code))


class OrderPosting(WriteCase):
    """``post_order``: the world's orders, for a partner made before."""

    operation = Operation.POST_ORDER

    def prepare(self, session: Session) -> None:
        """Make the partner."""
        partner(self.kit, session)

    def intent(self, session: Session, n: int) -> Intent:
        """Return a further order of the world."""
        sold = order_of(session, n)
        order = samples.sample_order(sold)
        items = {str(line.id): line.item.code for line in sold.lines}
        entry = LedgerOrder(order, partner(self.kit, session), items, CHANNEL)
        return Intent(key_of(self.operation, n), entry, echo=Echo(total=order.total, currency=order.currency))


class InvoicePosting(WriteCase):
    """``post_invoice``: the tenant's own invoices, and those of a supplier, for a partner made before."""

    operation = Operation.POST_INVOICE

    def __init__(self, kit: Kit, direction: Direction = Direction.SALES) -> None:
        """Take the kit and whose invoices are booked."""
        super().__init__(kit)
        self.direction = direction

    def variants(self) -> list[WriteCase]:
        """Return one case per direction."""
        return [InvoicePosting(self.kit, direction) for direction in Direction]

    def prepare(self, session: Session) -> None:
        """Make the partner."""
        partner(self.kit, session)

    def intent(self, session: Session, n: int) -> Intent:
        """Return the invoice of a further order."""
        invoice = invoice_of(self.kit, session, n, Profile.ARCHIVE if n % 2 else Profile.BASIC)
        if self.direction is Direction.PURCHASE:
            invoice = invoice.model_copy(update={"seller": invoice.buyer, "buyer": invoice.seller})
        booked = LedgerInvoice(
            invoice,
            partner(self.kit, session),
            direction=self.direction,
            channel=CHANNEL,
            order_number=order_of(session, n).number,
        )
        totals = Echo(total=invoice.totals.payable, currency=invoice.currency, number=invoice.number)
        return Intent(key_of(self.operation, n, self.direction.value), booked, echo=totals)


class Cancelling(WriteCase):
    """``cancel_document``: documents that this plugin has just written."""

    operation = Operation.CANCEL_DOCUMENT

    def __init__(self, kit: Kit) -> None:
        """Take the kit; the documents are e-Arşiv invoices at a channel, invoices or orders in a ledger."""
        super().__init__(kit)
        sources = (Submitting(kit, Profile.ARCHIVE), InvoicePosting(kit), OrderPosting(kit))
        self.source = next((case for case in sources if _writes(case)), None)

    def prepare(self, session: Session) -> None:
        """Make what the documents need."""
        self._source.prepare(session)

    def intent(self, session: Session, n: int) -> Intent:
        """Write a document and return its cancellation."""
        source = self._source
        written = source.intent(session, n)
        receipt = source.send(session, written)
        source.follow(session, written, receipt)
        ref = receipt.ref
        cancellation = Cancellation(ref, "Sipariş iptal edildi.", written.archive)
        return Intent(key_of(self.operation, n), cancellation, hint=ref, archive=written.archive)

    def count(self, session: Session) -> "Counter[str]":
        """Return the documents that are dead by now, also those that are gone."""
        seen: set[str] = session.memory.setdefault("written", set())
        held = session.simulator.held(self._source.operation)
        seen |= {each.id for each in held}
        return Counter(seen - {each.id for each in held if each.live})

    @property
    def _source(self) -> WriteCase:
        if self.source is None:
            raise LeftOut("The plugin writes no document that could be cancelled.")
        return self.source


class StatusUpdate(WriteCase):
    """``update_order_status``: every action, each on orders of its own."""

    operation = Operation.UPDATE_ORDER_STATUS

    def __init__(self, kit: Kit, action: OrderAction = OrderAction.PREPARING) -> None:
        """Take the kit and the action."""
        super().__init__(kit)
        self.action = action

    def variants(self) -> list[WriteCase]:
        """Return one case per action."""
        return [StatusUpdate(self.kit, action) for action in OrderAction]

    def prepare(self, session: Session) -> None:
        """Read the orders."""
        orders_of(session)

    def intent(self, session: Session, n: int) -> Intent:
        """Return the action on a further order."""
        order = orders_of(session)[n]
        number = samples.sample_number(self.kit.series, dates.local_date(order.placed_at), n + 1)
        update = OrderUpdate(
            order=order.ref,
            action=self.action,
            invoice_number=number,
            invoice_url=f"https://fatura.example.com/{number}",
            invoice_at=datetime.now(UTC).replace(microsecond=0),
            tracking_number=f"{_TRACKING}{order.number}",
            carrier="Örnek Kargo",
        )
        return Intent(key_of(self.operation, n, self.action.value), update, hint=order.ref)


class StockPush(WriteCase):
    """``push_stock``: three products at a time."""

    operation = Operation.PUSH_STOCK

    def intent(self, session: Session, n: int) -> Intent:
        """Return new quantities for the same products."""
        items = session.world.items[1 : 1 + _ITEMS]
        targets = samples.stock_targets(items, quantity=50 + 10 * n, version=n + 1)
        return Intent(key_of(self.operation, n), _addressed(session, targets))

    def problem(self, session: Session, intent: Intent, before: "Counter[str]", size: int) -> str:
        """Return which product does not show what was pushed last."""
        held = session.simulator.held(self.operation)
        wrong = [target for target in intent.argument if not _shows(held, target)]
        return f"not at the channel: {wrong[0]}" if wrong else ""


class PricePush(StockPush):
    """``push_prices``: three products at a time."""

    operation = Operation.PUSH_PRICES

    def intent(self, session: Session, n: int) -> Intent:
        """Return new prices for the same products."""
        items = session.world.items[1 : 1 + _ITEMS]
        targets = samples.price_targets(items, raised=Decimal(n + 1), version=n + 1)
        return Intent(key_of(self.operation, n), _addressed(session, targets))


CASES: dict[Operation, type[WriteCase]] = {
    case.operation: case
    for case in (
        Submitting,
        Cancelling,
        PartyUpsert,
        ProductUpsert,
        OrderPosting,
        InvoicePosting,
        StatusUpdate,
        StockPush,
        PricePush,
    )
}


def document_ref(invoice: Invoice) -> ExternalRef:
    """Return an e-document's identity at its channel, as the engine hands it to ``locate``."""
    kind = "e_archive" if invoice.profile.is_archive else "e_invoice"
    return ExternalRef(kind=kind, id=str(invoice.id))


def invoice_of(kit: Kit, session: Session, n: int, profile: Profile) -> Invoice:
    """Return the n-th invoice: to a registered company, or as e-Arşiv to a person."""
    buyers = persons(session) if profile.is_archive else registered(session)
    order = replace(order_of(session, n), buyer=buyers[n % len(buyers)])
    day = dates.local_date(order.placed_at)
    number = samples.sample_number(kit.series, day, n + 1)
    ettn = samples.sample_id("ettn", order.number, n)
    return samples.sample_invoice(session.world, order, profile, number, ettn, issued=day)


def order_of(session: Session, n: int) -> WorldOrder:
    """Return the n-th order; beyond the world's last one they repeat under numbers of their own."""
    orders = session.world.orders
    order = orders[n % len(orders)]
    again = n // len(orders)
    return order if not again else replace(order, id=order.id + again, number=f"{order.number}{again}")


def registered(session: Session) -> list[WorldBuyer]:
    """Return the companies that are registered for e-Fatura."""
    return [buyer for buyer in session.world.buyers if buyer.aliases]


def persons(session: Session) -> list[WorldBuyer]:
    """Return the natural persons."""
    return [buyer for buyer in session.world.buyers if not buyer.company]


def partner(kit: Kit, session: Session) -> str:
    """Return the code of a partner card in the ledger."""
    known = session.memory.get("partner")
    if known is None:
        known = session.memory["partner"] = _make_partner(kit, session)
    return str(known)


def orders_of(session: Session) -> list[Order]:
    """Return the source's orders in the order of their numbers."""
    if not hasattr(session.plugin, "fetch_orders"):
        raise LeftOut("The plugin does not read orders, so there is none to update.")
    known = session.memory.get("orders")
    if known is None:
        page = read_all(lambda cursor: session.call("fetch_orders", cursor, session.window, 50))
        found: list[Order] = [record.value for record in page if record.value is not None]
        known = session.memory["orders"] = sorted(found, key=lambda order: order.number)
    return list(known)


def _make_partner(kit: Kit, session: Session) -> str:
    if hasattr(kit.plugin, "upsert_party"):
        intent = PartyUpsert(kit).intent(session, len(session.world.buyers) - 1)
        return PartyUpsert(kit).send(session, intent).number or ""
    if hasattr(kit.plugin, "fetch_parties"):
        page = session.call("fetch_parties", None, session.window, 1)
        return next((value.code for value in page.values), "120.KIT")
    return "120.KIT"


def _writes(case: WriteCase) -> bool:
    subject = case.kit.subject()
    cancellable = not isinstance(case, Submitting) or Profile.ARCHIVE in subject.manifest.profiles
    return cancellable and case.operation in subject.operations


def _addressed(session: Session, targets: Sequence[Any]) -> tuple[Any, ...]:
    """Return targets with the channel's own references, where the plugin reads products."""
    if not hasattr(session.plugin, "fetch_products"):
        return tuple(targets)
    known = session.memory.get("products")
    if known is None:
        page = read_all(lambda cursor: session.call("fetch_products", cursor, session.window, 100))
        known = session.memory["products"] = [record.value for record in page if record.value is not None]
    return tuple(target.model_copy(update={"ref": _ref_of(known, target)}) for target in targets)


def _ref_of(products: Sequence[Product], target: StockTarget | PriceTarget) -> ExternalRef | None:
    found = (
        product.ref
        for product in products
        if product.code == target.sku or target.barcode in product.barcodes
    )
    return next(found, None)


def _shows(held: Sequence[Held], target: StockTarget | PriceTarget) -> bool:
    names = {target.sku, target.barcode, target.ref.id if target.ref else ""} - {""}
    mine = [each for each in held if each.live and each.reference in names]
    if isinstance(target, StockTarget):
        return any(each.number == str(target.quantity) for each in mine)
    return any(each.total == target.price for each in mine)
