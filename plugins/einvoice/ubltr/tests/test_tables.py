"""Our tables agree with the model and with GİB's code lists."""

from datetime import date
from decimal import Decimal

import pytest
from efatura_kontrol import kod

from kopru.model import InvoiceKind, PaymentMethod, Profile
from kopru_ubltr import codes, kinds, words
from kopru_ubltr.texts import TEXTS


def test_every_kind_and_profile_of_the_model_has_a_row():
    assert set(kinds.KINDS) == set(InvoiceKind)
    assert set(kinds.PROFILE_CODES) == set(Profile)


@pytest.mark.parametrize(
    ("listed", "ours"),
    [
        ("InvoiceTypeCodeList", {rules.code for rules in kinds.KINDS.values()}),
        ("ProfileIDType", set(kinds.PROFILE_CODES.values()) - {"EARSIVFATURA"}),
        ("PartyIdentificationIDType", codes.SCHEMES | {"VKN", "TCKN"}),
        ("TaxType", codes.ADDED_TAXES),
        ("PaymentMeansCodeTypeList", set(codes.PAYMENT_MEANS.values())),
        ("CurrencyCodeList", set(words.CURRENCIES)),
        ("CountryCodeList", set(codes.COUNTRIES)),
    ],
)
def test_our_codes_are_in_gibs_list(listed, ours):
    assert ours - set(kod.listeler()[listed]) == set()


def test_returns_never_travel_as_commercial_invoices():
    assert ("IADE", "TEMELFATURA") in kinds.ALLOWED
    assert ("IADE", "TICARIFATURA") not in kinds.ALLOWED
    assert ("KONAKLAMAVERGISI", "TEMELFATURA") not in kinds.ALLOWED


def test_every_payment_method_has_a_form_a_name_and_a_code():
    for table in (codes.PAYMENT_FORMS, codes.PAYMENT_NAMES, codes.PAYMENT_MEANS):
        assert set(table) == set(PaymentMethod)


@pytest.mark.parametrize(("day", "rates"), [("2023-07-09", {1, 8, 18}), ("2023-07-10", {1, 10, 20})])
def test_vat_rates_follow_the_day(day, rates):
    assert codes.vat_rates(date.fromisoformat(day)) == {Decimal(rate) for rate in rates}


def test_a_return_may_keep_an_older_rate():
    assert codes.past_vat_rates(date(2025, 1, 1)) == {Decimal(rate) for rate in (1, 8, 10, 18, 20)}
    assert codes.past_vat_rates(date(2020, 1, 1)) == {Decimal(rate) for rate in (1, 8, 18)}


def test_every_text_is_there_in_both_languages():
    for code in TEXTS.codes():
        text = TEXTS[code]
        assert text.tr.strip()
        assert text.en.strip()
