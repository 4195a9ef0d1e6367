"""Invoices that cannot be written are refused with every reason and its field."""

from datetime import date
from decimal import Decimal

import pytest

from kopru.model import Address, DocumentRef, InvoiceKind, Profile, Tax, Withholding
from kopru.sdk import Rejected
from kopru_ubltr import plugin
from kopru_ubltr.config import UblTrConfig

REF = DocumentRef(number="ABC2025000000007", date=date(2025, 2, 20))


def refused(invoice, **settings):
    with pytest.raises(Rejected) as caught:
        plugin.render_invoice(UblTrConfig(**settings), invoice)
    assert caught.value.code == "ubltr.render.rejected"
    return {(each.code, each.field) for each in caught.value.findings}


def without(party, **changes):
    return party.model_copy(update=changes)


@pytest.mark.parametrize(
    ("kind", "profile"),
    [
        (InvoiceKind.WITHHOLDING, Profile.BASIC),
        (InvoiceKind.EXEMPTION, Profile.COMMERCIAL),
        (InvoiceKind.SALE, Profile.EXPORT),
        (InvoiceKind.SALE, Profile.PUBLIC),
        (InvoiceKind.ACCOMMODATION_TAX, Profile.ARCHIVE),
    ],
)
def test_kinds_that_come_later(make, kind, profile):
    assert refused(make.invoice(kind=kind, profile=profile)) == {("ubltr.kind.unsupported", "kind")}


def test_a_commercial_return(make):
    invoice = make.invoice(kind=InvoiceKind.RETURN, profile=Profile.COMMERCIAL, billing_refs=(REF,))
    assert refused(invoice) == {("ubltr.kind.unsupported", "kind")}


def test_an_einvoice_without_alias(make):
    assert refused(make.invoice(buyer_alias="")) == {("ubltr.buyer.alias_missing", "buyer_alias")}


def test_a_return_without_original(make):
    assert refused(make.invoice(kind=InvoiceKind.RETURN)) == {("ubltr.billing_refs.missing", "billing_refs")}


def test_a_sale_that_claims_to_correct_something(make):
    assert refused(make.invoice(billing_refs=(REF,))) == {("ubltr.billing_refs.unexpected", "billing_refs")}


def test_parties_that_cannot_be_identified(make):
    seller = without(make.seller, tax_id=None)
    assert refused(make.invoice(seller=seller)) == {("ubltr.seller.tax_id_missing", "seller.tax_id")}
    assert refused(make.invoice(buyer=make.foreigner)) == {("ubltr.buyer.tax_id_missing", "buyer.tax_id")}
    company = without(make.company, tax_id=None)
    invoice = make.invoice(profile=Profile.ARCHIVE, buyer=company)
    assert refused(invoice) == {("ubltr.buyer.tax_id_missing", "buyer.tax_id")}


def test_a_consumer_without_number_when_the_setting_forbids_it(make):
    invoice = make.invoice(profile=Profile.ARCHIVE, buyer=without(make.person, tax_id=None))
    assert refused(invoice, unknown_consumer=False) == {("ubltr.buyer.tax_id_missing", "buyer.tax_id")}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"first_name": "Işıl", "last_name": ""}, "ubltr.party.name_missing", "buyer.name"),
        ({"address": Address(district="Çankaya")}, "ubltr.party.city_missing", "buyer.address.city"),
        ({"address": Address(city="Ankara")}, "ubltr.party.district_missing", "buyer.address.district"),
        (
            {"address": Address(city="Ankara", district=" \u200b ")},
            "ubltr.party.district_missing",
            "buyer.address.district",
        ),
        (
            {"registrations": (("PARTYTYPE", "EXPORT"),)},
            "ubltr.party.registration_scheme",
            "buyer.registrations",
        ),
    ],
)
def test_incomplete_buyers(make, changes, code, field):
    assert refused(make.invoice(profile=Profile.ARCHIVE, buyer=without(make.person, **changes))) == {
        (code, field)
    }


def tax(**changes):
    return Tax(**{"rate": Decimal(20), "base": Decimal(100), "amount": Decimal(20), **changes})


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        ({"name": "\u200b"}, "ubltr.line.name_missing", "lines[0].name"),
        ({"taxes": (tax(code="0003"),)}, "ubltr.tax.unsupported", "lines[0].taxes[0].code"),
        (
            {"taxes": (tax(exemption_code="351"),)},
            "ubltr.tax.reason_incomplete",
            "lines[0].taxes[0].exemption_code",
        ),
        ({"taxes": (tax(rate=Decimal(0), amount=Decimal(0)),)}, "ubltr.tax.reason_missing", "lines.taxes"),
        ({"taxes": (tax(amount=Decimal("20.005")),)}, "ubltr.amount.precision", "lines[0].taxes[0].amount"),
        (
            {"withholdings": (Withholding(code="602", name="Etüt", rate=90, base=20, amount=18),)},
            "ubltr.line.withholding_unsupported",
            "lines[0].withholdings",
        ),
    ],
)
def test_lines_that_cannot_be_written(make, line, code, field):
    assert (code, field) in refused(make.invoice(lines=(make.line(**line),)))


def test_a_zero_vat_group_needs_no_reason_in_a_return(make):
    line = make.line(taxes=(tax(rate=Decimal(0), amount=Decimal(0)),))
    invoice = make.invoice(kind=InvoiceKind.RETURN, billing_refs=(REF,), lines=(line,))
    assert plugin.render_invoice(UblTrConfig(), invoice).content


def test_amounts_beyond_the_format(make):
    line = make.line().model_copy(update={"gross": Decimal("100.001")})
    assert ("ubltr.amount.precision", "lines[0].gross") in refused(make.invoice(lines=(line,)))
    price = make.line().model_copy(update={"unit_price": Decimal("100.000000001")})
    assert ("ubltr.amount.precision", "lines[0].unit_price") in refused(make.invoice(lines=(price,)))
    huge = make.line(price="2400000000000000")
    assert ("ubltr.amount.too_large", "lines[0].gross") in refused(make.invoice(lines=(huge,)))


def test_a_negative_payable_amount(make):
    assert refused(make.invoice(rounding=Decimal(-200))) == {("ubltr.amount.negative", "rounding")}


def test_all_reasons_are_told_at_once(make):
    invoice = make.invoice(
        kind=InvoiceKind.RETURN,
        buyer_alias="",
        buyer=without(make.company, tax_id=None, address=Address()),
        lines=(make.line(), make.line("2", name="\u200b")),
    )
    assert refused(invoice) == {
        ("ubltr.buyer.alias_missing", "buyer_alias"),
        ("ubltr.buyer.tax_id_missing", "buyer.tax_id"),
        ("ubltr.party.city_missing", "buyer.address.city"),
        ("ubltr.billing_refs.missing", "billing_refs"),
        ("ubltr.line.name_missing", "lines[1].name"),
    }
