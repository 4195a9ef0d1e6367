"""Orders written in any dialect of any format come back as they were."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kopru.model import LineKind
from kopru.model.money import cents, share
from kopru.sdk import Raw
from kopru.toolkit.numbers import Style, write
from kopru_orderfile import plugin
from kopru_orderfile.config import OrderFileConfig

ISTANBUL = ZoneInfo("Europe/Istanbul")
D = Decimal

TURKISH = {
    "number": "Sipariş No", "at": "Sipariş Tarihi", "buyer": "Alıcı", "address": "Fatura Adresi", "city": "İl",
    "sku": "Stok Kodu", "name": "Ürün Adı", "quantity": "Adet", "price": "Birim Fiyat", "discount": "İndirim",
    "vat": "KDV Oranı", "shipping": "Kargo Ücreti", "coupon": "Sepet İndirimi", "total": "Sipariş Toplamı",
}  # fmt: skip
ENGLISH = {
    "number": "Order Number", "at": "Order Date", "buyer": "Customer Name", "address": "Billing Address",
    "city": "City", "sku": "SKU", "name": "Product Name", "quantity": "Quantity", "price": "Unit Price",
    "discount": "Discount", "vat": "VAT Rate", "shipping": "Shipping Fee", "coupon": "Cart Discount",
    "total": "Order Total",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Made:
    number: str
    at: datetime
    buyer: str
    address: str
    city: str
    shipping: Decimal
    coupon: Decimal
    lines: tuple[Line, ...]

    @property
    def due(self):
        return [cents(line.price * line.quantity) - line.discount for line in self.lines]

    @property
    def total(self):
        return sum(self.due, D(0)) - self.coupon + self.shipping


@dataclass(frozen=True)
class Dialect:
    headings: dict[str, str]
    style: Style
    date: str
    delimiter: str
    encoding: str
    newline: str
    repeat: bool
    """Whether order data stands on every row or on the first only."""
    order: tuple[int, ...]
    title: bool
    workbook: bool
    typed: bool
    fixed: dict[str, str] = field(default_factory=dict)


LETTERS = "abcçdefgğhıijklmnoöprsştuüvyzABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ"
WORD = st.text(alphabet=LETTERS, min_size=1, max_size=8)
TEXT = st.lists(
    st.one_of(WORD, st.sampled_from(["No:5", "D.3", "A;B", 'x"y', "a,b", "k/2", "l|m"])),
    min_size=1,
    max_size=5,
).map(" ".join)
MONEY = st.integers(min_value=1, max_value=9_999_999).map(lambda kurus: D(kurus) / 100)
SMALL = st.one_of(st.just(D(0)), st.integers(min_value=1, max_value=50_000).map(lambda kurus: D(kurus) / 100))


@st.composite
def lines(draw):
    quantity, price = D(draw(st.integers(min_value=1, max_value=1_500))), draw(MONEY)
    part = draw(st.integers(min_value=0, max_value=40))
    return Line(
        sku=f"STK-{draw(st.integers(min_value=1, max_value=10**6))}",
        name=draw(TEXT),
        quantity=quantity,
        price=price,
        discount=cents(price * quantity * part / 100),
        vat=draw(st.sampled_from([D(0), D(1), D(10), D(20)])),
    )


@st.composite
def orders(draw):
    made = []
    for number in draw(
        st.lists(st.integers(min_value=1, max_value=10**11), min_size=1, max_size=4, unique=True)
    ):
        items = draw(st.lists(lines(), min_size=1, max_size=4, unique_by=lambda line: (line.sku, line.name)))
        start = datetime(2026, 1, 1, tzinfo=UTC)
        order = Made(
            number=f"{draw(st.sampled_from(['', 'WEB-', '00']))}{number}",
            at=start + timedelta(minutes=draw(st.integers(min_value=0, max_value=500_000))),
            buyer=f"{draw(WORD)} {draw(WORD)}",
            address=draw(TEXT),
            city=draw(WORD),
            shipping=draw(SMALL),
            coupon=D(0),
            lines=tuple(items),
        )
        part = draw(st.integers(min_value=0, max_value=30))
        coupon = cents(sum(order.due, D(0)) * part / 100)
        made.append(Made(**{**order.__dict__, "coupon": coupon}))
    return made


@st.composite
def dialects(draw):
    headings = draw(st.sampled_from([TURKISH, ENGLISH]))
    # Without a leading year or a point, English headings leave the order of day and month to the settings.
    dates = ["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:00", "%d-%m-%Y %H:%M"]
    slashed = draw(
        st.sampled_from([None, ("%d/%m/%Y %H:%M", "day_first"), ("%m/%d/%Y %H:%M", "month_first")])
    )
    fixed = {"dates": slashed[1]} if slashed else {}
    return Dialect(
        headings=headings,
        style=draw(st.sampled_from(Style)),
        date=slashed[0] if slashed else draw(st.sampled_from(dates)),
        delimiter=draw(st.sampled_from([";", ",", "\t", "|"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "windows-1254", "iso-8859-9", "utf-16"])),
        newline=draw(st.sampled_from(["\n", "\r\n"])),
        repeat=draw(st.booleans()),
        order=tuple(draw(st.permutations(range(len(headings))))),
        title=draw(st.booleans()),
        workbook=draw(st.booleans()),
        typed=draw(st.booleans()),
        fixed=fixed,
    )


def table(made, dialect):
    names = [list(dialect.headings)[index] for index in dialect.order]
    rows = [["Sipariş raporu"]] if dialect.title else []
    rows.append([dialect.headings[name] for name in names])
    for order in made:
        for index, line in enumerate(order.lines):
            whole = {
                "number": order.number, "at": order.at, "buyer": order.buyer, "address": order.address,
                "city": order.city, "shipping": order.shipping, "coupon": order.coupon, "total": order.total,
            }  # fmt: skip
            if index and not dialect.repeat:
                whole = dict.fromkeys(whole, "") | {"number": order.number}
            cells = {
                **whole, "sku": line.sku, "name": line.name, "quantity": line.quantity, "price": line.price,
                "discount": line.discount, "vat": line.vat,
            }  # fmt: skip
            rows.append([shown(cells[name], name, dialect) for name in names])
    return rows


def shown(value, name, dialect):
    typed = dialect.workbook and dialect.typed
    if isinstance(value, datetime):
        local = value.astimezone(ISTANBUL).replace(tzinfo=None)
        return local if typed else local.strftime(dialect.date)
    if isinstance(value, Decimal):
        if typed:
            return float(value) if name not in ("quantity", "vat") else int(value)
        return write(value, dialect.style, decimals=0 if name in ("quantity", "vat") else 2)
    return value


def as_bytes(rows, dialect):
    stream = io.BytesIO()
    if dialect.workbook:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(stream)
        return stream.getvalue()
    lines = (dialect.delimiter.join(quoted(str(cell), dialect.delimiter) for cell in row) for row in rows)
    return (dialect.newline.join(lines) + dialect.newline).encode(dialect.encoding)


def quoted(cell, delimiter):
    return '"' + cell.replace('"', '""') + '"' if delimiter in cell or '"' in cell else cell


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(orders(), dialects())
def test_orders_come_back_as_they_were_written(made, dialect):
    config = OrderFileConfig(folder="unused", **dialect.fixed)
    records = plugin.parse_orders(config, Raw(as_bytes(table(made, dialect), dialect)))
    assert [record.external_id for record in records] == [order.number for order in made]
    for record, order in zip(records, made, strict=True):
        assert record.value is not None, (record.findings, table(made, dialect))
        read = record.value
        assert (read.placed_at, read.total) == (order.at, order.total)
        assert read.buyer.display_name == order.buyer
        assert (read.buyer.address.street, read.buyer.address.city) == (order.address, order.city)
        goods = [line for line in read.lines if line.kind is LineKind.GOODS]
        coupons = share(order.coupon, order.due)
        assert [
            (line.sku, line.name, line.quantity, line.amount, line.discount_total, line.vat_rate)
            for line in goods
        ] == [
            (
                line.sku,
                line.name,
                line.quantity,
                cents(line.price * line.quantity),
                line.discount + coupon,
                line.vat,
            )
            for line, coupon in zip(order.lines, coupons, strict=True)
        ]
        shipping = [line.amount for line in read.lines if line.kind is LineKind.SHIPPING]
        assert shipping == ([order.shipping] if order.shipping else [])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(orders(), dialects(), dialects())
def test_two_exports_of_the_same_orders_have_the_same_revisions(made, one, other):
    def revisions(dialect):
        config = OrderFileConfig(folder="unused", **dialect.fixed)
        records = plugin.parse_orders(config, Raw(as_bytes(table(made, dialect), dialect)))
        return {record.external_id: record.value and record.value.revision for record in records}

    assert revisions(one) == revisions(other)
