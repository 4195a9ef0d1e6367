"""Products, stock, partners, returns and the inbox: what arrives is what the world holds."""

from collections import Counter
from decimal import Decimal

from kopru.hooks.types import Page
from kopru.model import IncomingInvoice, PartyCard, Product, Return, StockLevel
from kopru.model.money import ZERO
from kopru.testing.contract.base import Suite, needs
from kopru.testing.contract.failure import LeftOut, expect, expect_same
from kopru.testing.contract.operations import PartyUpsert, orders_of
from kopru.testing.contract.reading import read_all
from kopru.testing.contract.session import Session
from kopru.testing.contract.streams import FEW, stream_of
from kopru.testing.contract.subject import Subject
from kopru.testing.world import WorldItem

_UNKNOWN = "YOK-0000"


class CardSuite(Suite):
    """Tests of streams other than orders."""

    @classmethod
    def applies(cls, subject: Subject) -> bool:
        """Whether there is something to read from."""
        return subject.connects

    @needs("fetch_products")
    def test_products_equal_the_world(self) -> None:
        """Fails when an item of the world is missing, comes twice, or has another code, barcode or VAT rate.

        Look at units, inactive cards, and at fields that carry a code with blanks around it.
        """
        with self.connected() as session:
            products = [r.value for r in stream_of(self, "fetch_products").read(session) if r.value]
            codes = Counter(product.code for product in products)
            for item in session.world.items:
                expect_same(codes[item.code], 1, f"Products with code {item.code}")
            found = {product.code: product for product in products}
            for item in session.world.items:
                _expect_product(found[item.code], item)

    @needs("fetch_stock")
    def test_stock_equals_the_world(self) -> None:
        """Fails when an item's quantities are not what is on hand, or a sold-out item is left out."""
        with self.connected() as session:
            on_hand = _on_hand(session, ())
            for item in session.world.items:
                expect(item.code in on_hand, f"No stock level of {item.code} (on hand: {item.stock}).")
                expect_same(on_hand[item.code], Decimal(item.stock), f"On hand of {item.code}")

    @needs("fetch_stock")
    def test_stock_of_some_items(self) -> None:
        """Fails when asking for some codes gives others, leaves one out, or stumbles over an unknown one."""
        with self.connected() as session:
            wanted = [item.code for item in session.world.items[:3]]
            found = _on_hand(session, (*wanted, _UNKNOWN))
            expect_same(sorted(set(found) - {_UNKNOWN}), sorted(wanted), "Items with stock levels")

    @needs("fetch_parties", "upsert_party")
    def test_parties_show_what_was_made(self) -> None:
        """Fails when a partner just made is missing, comes twice, or has another name or tax number."""
        with self.connected() as session:
            case = PartyUpsert(self)
            made = [case.intent(session, n) for n in range(3)]
            for intent in made:
                case.send(session, intent)
            cards: list[PartyCard] = [
                r.value for r in stream_of(self, "fetch_parties").read(session) if r.value
            ]
            for intent in made:
                mine = [card for card in cards if card.code == intent.argument.code]
                expect_same(len(mine), 1, f"Partners with code {intent.argument.code}")
                party = intent.argument.party
                expect_same(mine[0].tax_number, party.tax_id.value, f"Tax number of {mine[0].code}")
                expect(party.display_name[:40] in mine[0].name, f"Partner {mine[0].code}: {mine[0].name!r}")

    @needs("fetch_returns", "fetch_orders")
    def test_returns_equal_the_world(self) -> None:
        """Fails when a return does not name its order and line, or not one piece of it."""
        with self.connected() as session:
            stream = stream_of(self, "fetch_returns")
            stream.fill(session)
            found: list[Return] = [record.value for record in stream.read(session) if record.value]
            expect_same(len(found), FEW, "Returns")
            orders = {order.number: order for order in orders_of(session)}
            for claim in found:
                order = orders.get(claim.order_number)
                if order is None:
                    raise LeftOut(f"There is no order {claim.order_number} to compare with.")
                lines = {line.id for line in order.lines}
                expect(
                    {line.order_line_id for line in claim.lines} <= lines,
                    "A return names no line of its order.",
                )
                pieces = sum((line.quantity for line in claim.lines), ZERO)
                expect_same(pieces, Decimal(1), f"Pieces sent back of order {claim.order_number}")

    @needs("fetch_inbox")
    def test_inbox_gives_documents(self) -> None:
        """Fails when incoming invoices lack their XML, an id of their own, or come without a value."""
        with self.connected() as session:
            stream = stream_of(self, "fetch_inbox")
            stream.fill(session)
            records = stream.read(session)
            expect_same(len(records), FEW, "Incoming invoices")
            for record in records:
                expect(
                    record.raw.content.lstrip()[:1] == b"<", f"{record.external_id} comes without its XML."
                )
                expect(isinstance(record.value, IncomingInvoice), f"{record.external_id}: {record.findings}")


def _expect_product(product: Product, item: WorldItem) -> None:
    what = f"of item {item.code}"
    expect(product.name.strip(), f"The name {what} is empty.")
    if product.barcodes:
        expect(item.barcode in product.barcodes, f"Barcode {what}: {product.barcodes}")
    if product.vat_rate is not None:
        expect_same(product.vat_rate, item.vat_rate, f"VAT rate {what}")
    if product.price is not None and product.tax_included:
        expect_same(product.price, item.price, f"Price {what}")
    if product.stock is not None:
        expect_same(product.stock, Decimal(item.stock), f"Stock {what}")


def _on_hand(session: Session, codes: tuple[str, ...]) -> dict[str, Decimal]:
    def page(cursor: str | None) -> Page[StockLevel]:
        found: Page[StockLevel] = session.call("fetch_stock", cursor, codes, 50)
        return found

    on_hand: dict[str, Decimal] = {}
    for record in read_all(page):
        if record.value is not None:
            level = record.value
            on_hand[level.item_code] = on_hand.get(level.item_code, ZERO) + level.on_hand
    return on_hand
