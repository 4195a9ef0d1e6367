"""A made-up trading world that all simulators share: items, buyers and orders, the same for the same seed.

Each simulator's ``load`` translates the world into its own records, so that a barcode in the shop is the
barcode of the ledger's item and a registered buyer is known to the e-invoice channel. Every name, number and
address is invented; tax numbers only have correct check digits.
"""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kopru.model.money import ZERO
from kopru.toolkit.taxnumbers import gtin_check_digit, tckn_check_digits, vkn_check_digit

EPOCH = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""Where the world's time starts by default."""


@dataclass(frozen=True, slots=True)
class WorldItem:
    """An own item: one card in the ledger, one product in each shop. ``price`` contains VAT."""

    code: str
    barcode: str
    name: str
    vat_rate: Decimal
    price: Decimal
    stock: int
    unit: str = "C62"


@dataclass(frozen=True, slots=True)
class WorldBuyer:
    """A buyer. Companies have a VKN; ``aliases`` are their e-invoice mailboxes, none means not registered."""

    company: bool
    name: str
    first_name: str
    last_name: str
    tax_number: str
    tax_office: str
    street: str
    neighbourhood: str
    district: str
    city: str
    plate: int
    postal_code: str
    email: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorldLine:
    """One order line. Amounts contain VAT; discounts are for the whole line."""

    id: int
    item: WorldItem
    quantity: int
    seller_discount: Decimal = ZERO
    marketplace_discount: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        """Return the price of the line before discounts."""
        return self.item.price * self.quantity

    @property
    def payable(self) -> Decimal:
        """Return what the buyer pays for the line."""
        return self.amount - self.seller_discount - self.marketplace_discount


@dataclass(frozen=True, slots=True)
class WorldOrder:
    """One order with one parcel. ``shipping_fee`` contains 20 % VAT and is zero on most."""

    id: int
    number: str
    placed_at: datetime
    modified_at: datetime
    buyer: WorldBuyer
    lines: tuple[WorldLine, ...]
    shipping_fee: Decimal = ZERO
    tracking_number: str = ""

    @property
    def total(self) -> Decimal:
        """Return what the buyer pays, VAT included."""
        return sum((line.payable for line in self.lines), ZERO) + self.shipping_fee


@dataclass(frozen=True)
class World:
    """Everything that exists outside the engine."""

    seller: WorldBuyer
    items: tuple[WorldItem, ...]
    buyers: tuple[WorldBuyer, ...]
    orders: tuple[WorldOrder, ...] = ()

    def with_orders(self, *orders: WorldOrder) -> "World":
        """Return the world with further orders."""
        return replace(self, orders=self.orders + orders)


_NAMES = ("Ayşe", "Mehmet", "Zeynep", "Çağrı", "İrem", "Ömer", "Şule", "Gökhan", "Ilgın", "Ümit")
_SURNAMES = ("Örnekoğlu", "Deneme", "Yalancı", "Kurmaca", "Hayali", "Sınama", "Uydurma", "Taslak")
_PLACES = (
    ("Kadıköy", "İstanbul", 34, "34710"),
    ("Çankaya", "Ankara", 6, "06420"),
    ("Karşıyaka", "İzmir", 35, "35530"),
    ("Nilüfer", "Bursa", 16, "16110"),
    ("Muratpaşa", "Antalya", 7, "07160"),
)
_GOODS = (
    ("Çizgili Defter A5", "20", "49.90"),
    ("Tükenmez Kalem 10'lu", "20", "89.00"),
    ("Pamuklu Tişört Siyah L", "10", "249.90"),
    ("Seramik Kupa 330 ml", "20", "129.95"),
    ("Zeytinyağı 1 lt", "1", "379.99"),
    ("Bluetooth Kulaklık", "20", "1299.00"),
    ("Yün Çorap 3'lü", "10", "159.99"),
    ("Filtre Kahve 250 g", "1", "214.50"),
    ("Masa Lambası", "20", "649.00"),
)
_TRADES = ("Kırtasiye", "Tekstil", "Gıda", "Elektronik", "Mobilya")


def make_world(
    orders: int = 10, *, seed: int = 1, start: datetime = EPOCH, every: timedelta = timedelta(seconds=37)
) -> World:
    """Make a world with that many orders, the first placed at ``start`` and one more each ``every``.

    About a fifth of the buyers are companies, three of four of them registered for e-Fatura. Items cover
    the VAT rates 1, 10 and 20. The same arguments always give the same world.
    """
    dice = random.Random(seed)
    items = tuple(_item(n) for n in range(1, 41))
    buyers = tuple(_buyer(n, dice) for n in range(1, 201))
    made = tuple(_order(n, start + n * every, items, buyers, dice) for n in range(orders))
    return World(items=items, buyers=buyers, orders=made, seller=_seller())


def make_order(world: World, n: int, at: datetime, *, seed: int = 1) -> WorldOrder:
    """Make one further order of a world, placed at ``at``; ``n`` must be unused in it."""
    return _order(n, at, world.items, world.buyers, random.Random(f"{seed}:{n}"))


def _vkn(first_nine: str) -> str:
    return f"{first_nine}{vkn_check_digit(first_nine)}"


def _tckn(first_nine: str) -> str:
    return first_nine + tckn_check_digits(first_nine)


def _item(n: int) -> WorldItem:
    name, rate, price = _GOODS[n % len(_GOODS)]
    base = f"8699{n:08d}"
    return WorldItem(
        code=f"STK-{n:04d}",
        barcode=f"{base}{gtin_check_digit(base)}",
        name=f"{name} No {n}",
        vat_rate=Decimal(rate),
        price=Decimal(price) + n,
        stock=100_000,
    )


def _buyer(n: int, dice: random.Random) -> WorldBuyer:
    company = n % 5 == 0
    district, city, plate, postal = dice.choice(_PLACES)
    first, last = dice.choice(_NAMES), dice.choice(_SURNAMES)
    tax_number = _vkn(f"99{n:07d}") if company else _tckn(f"9{n:08d}")
    registered = company and n % 20 != 0
    return WorldBuyer(
        company=company,
        name=f"{last} {dice.choice(_TRADES)} {n} Ltd. Şti." if company else "",
        first_name=first,
        last_name=last,
        tax_number=tax_number,
        tax_office=district if company else "",
        street=f"Deneme Cad. No:{n}",
        neighbourhood="Örnek Mah.",
        district=district,
        city=city,
        plate=plate,
        postal_code=postal,
        email=f"alici{n}@example.com",
        aliases=(f"urn:mail:defaultpk@alici{n}.example.com",) if registered else (),
    )


def _seller() -> WorldBuyer:
    return WorldBuyer(
        company=True,
        name="Örnek Ticaret A.Ş.",
        first_name="",
        last_name="",
        tax_number=_vkn("990000000"),
        tax_office="Beyoğlu",
        street="Sınama Sok. No:1",
        neighbourhood="Deneme Mah.",
        district="Beyoğlu",
        city="İstanbul",
        plate=34,
        postal_code="34430",
        email="satici@example.com",
        aliases=("urn:mail:defaultgb@satici.example.com",),
    )


def _order(
    n: int, at: datetime, items: tuple[WorldItem, ...], buyers: tuple[WorldBuyer, ...], dice: random.Random
) -> WorldOrder:
    lines = []
    for position, item in enumerate(dice.sample(items, k=dice.choice((1, 1, 1, 2, 3)))):
        quantity = dice.choice((1, 1, 1, 2, 3))
        amount = item.price * quantity
        seller = _part(amount, dice.choice((0, 0, 0, 10, 15)))
        marketplace = _part(amount, dice.choice((0, 0, 0, 0, 5)))
        lines.append(WorldLine(4_790_000_000 + n * 10 + position, item, quantity, seller, marketplace))
    return WorldOrder(
        id=3_400_000_000 + n,
        number=f"{10_900_000_000 + n}",
        placed_at=at,
        modified_at=at,
        buyer=dice.choice(buyers),
        lines=tuple(lines),
        tracking_number=f"733{n:013d}",
    )


def _part(amount: Decimal, percent: int) -> Decimal:
    return (amount * percent / 100).quantize(Decimal("0.01"))
