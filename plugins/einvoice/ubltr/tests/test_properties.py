"""For any invoice: what is rendered adds up, can be read back, and breaks none of GİB's rules."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from kopru.model import DocumentRef, InvoiceKind, LineKind, Profile
from kopru_ubltr import arithmetic, checks, plugin
from kopru_ubltr.config import InternetDialect, UblTrConfig, WordsStyle
from kopru_ubltr.kinds import FORMATS
from kopru_ubltr.reader import read
from kopru_ubltr.summary import Convention

ORIGINAL = DocumentRef(number="ABC2025000000007", date=date(2025, 2, 20))


@st.composite
def kurus(draw, low: int, high: int) -> Decimal:
    """An amount in kuruş between two bounds."""
    return Decimal(draw(st.integers(low, high))) / 100


@st.composite
def line_fields(draw) -> dict:
    """What a shop sells: price with VAT, discount, rate, whole or weighed quantity."""
    price = draw(kurus(100, 10_000_000))
    quantity = draw(st.one_of(st.integers(1, 500), st.decimals("0.001", "99.999", places=3)))
    return {
        "price": str(price),
        "discount": str(draw(st.one_of(st.just(Decimal(0)), kurus(0, int(price * 100) - 100)))),
        "rate": draw(st.sampled_from(["1", "10", "20"])),
        "quantity": str(quantity),
        "kind": draw(st.sampled_from([LineKind.GOODS, LineKind.SERVICE, LineKind.SHIPPING])),
        "name": draw(st.text(min_size=1, max_size=40).filter(lambda text: "\x00" not in text)) + "x",
    }


@st.composite
def invoices(draw, make):
    """Any invoice the renderer supports, with any settings, and its settings."""
    kind, profile = draw(st.sampled_from(FORMATS))
    foreign = draw(st.booleans())
    fields = draw(st.lists(line_fields(), min_size=1, max_size=8))
    lines = tuple(make.line(str(place), **each) for place, each in enumerate(fields))
    invoice = make.invoice(
        kind=kind,
        profile=profile,
        lines=lines,
        currency="EUR" if foreign else "TRY",
        exchange_rate=draw(st.decimals("0.5", "99", places=6)) if foreign else None,
        rounding=draw(kurus(-50, 50)),
        billing_refs=(ORIGINAL,) if kind is InvoiceKind.RETURN else (),
        internet_sale=make.internet if draw(st.booleans()) else None,
    )
    config = UblTrConfig(
        internet_dialect=draw(st.sampled_from(InternetDialect)),
        amount_in_words=draw(st.sampled_from(WordsStyle)),
        karekod=draw(st.booleans()),
        despatch_note=draw(st.booleans()),
    )
    return config, invoice


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_every_rendered_invoice_adds_up_and_is_read_back(make, data):
    config, invoice = data.draw(invoices(make))
    content = plugin.render_invoice(config, invoice).content
    document = read(content)
    assert tuple(arithmetic.findings(document)) == ()
    assert tuple(checks.findings(document, content, make.today)) == ()
    assert document.convention is Convention.NET
    assert document.totals.payable == invoice.totals.payable
    assert document.tax == invoice.totals.tax
    assert [line.net for line in document.lines] == [line.net for line in invoice.lines]
    assert [line.quantity for line in document.lines] == [line.quantity for line in invoice.lines]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_sample_passes_gibs_rules(make, data):
    config, invoice = data.draw(invoices(make))
    assert plugin.validate_invoice(config, plugin.render_invoice(config, invoice), make.today) == ()


@settings(max_examples=60, deadline=None)
@given(gap=st.integers(2, 10_000), up=st.booleans(), data=st.data())
def test_a_wrong_payable_amount_is_always_found(make, gap, up, data):
    config, invoice = data.draw(invoices(make))
    wrong = invoice.totals.payable + (gap if up else -gap) * Decimal("0.01")
    content = plugin.render_invoice(config, invoice).content
    right, spoilt = (
        f">{value:.2f}</cbc:PayableAmount>".encode() for value in (invoice.totals.payable, wrong)
    )
    assert right in content
    found = {each.code for each in arithmetic.findings(read(content.replace(right, spoilt)))}
    assert "ubltr.totals.payable" in found


def test_all_profiles_are_drawn():
    assert {profile for _, profile in FORMATS} == {Profile.BASIC, Profile.COMMERCIAL, Profile.ARCHIVE}
