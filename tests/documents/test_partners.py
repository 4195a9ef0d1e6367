"""Which ledger card a buyer is booked on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.documents import ConsumerPolicy, PartnerPolicy, cards_needed, partner_for
from kopru.hooks.errors import Rejected
from kopru.model import Party, PartyKind, TaxId, TaxScheme

TCKN = TaxId(scheme=TaxScheme.TCKN, value="10000000146")
RETAIL = PartnerPolicy()
PER_PERSON = PartnerPolicy(consumers=ConsumerPolicy.PER_PERSON)
PER_NUMBER = PartnerPolicy(consumers=ConsumerPolicy.PER_TAX_NUMBER)


def person(**changes: object) -> Party:
    return Party.model_validate(
        {"kind": PartyKind.PERSON, "first_name": "Ayşe", "last_name": "Deneme"} | changes
    )


@pytest.mark.parametrize("policy", [RETAIL, PER_PERSON, PER_NUMBER])
def test_companies_always_have_their_own_card(policy: PartnerPolicy, company: Party) -> None:
    partner = partner_for(policy, company, "trendyol")
    assert (partner.key, partner.request.code) == ("tax:9876543217", "120.9876543217")
    assert partner.request.match_tax_id
    assert partner.request.party == company
    assert partner_for(policy, company, "n11").key == partner.key


def test_all_consumers_of_a_channel_share_one_card_without_anybodys_name() -> None:
    one, other = (partner_for(RETAIL, person(first_name=name), "Trendyol Mağaza") for name in ("Ayşe", "Ali"))
    assert one == other
    assert one.request.code == "120.TRENDYOL" + one.request.code[-4:]
    assert len(one.request.code) == 16
    assert one.request.party.display_name == "Perakende müşteriler - Trendyol Mağaza"
    assert one.request.party.tax_id is None
    assert not one.request.match_tax_id
    assert partner_for(RETAIL, person(), "n11").request.code == "120.N11"


@pytest.mark.parametrize(
    ("known", "key"),
    [
        ({"tax_id": TCKN, "email": "a@example.com"}, "tax:10000000146"),
        ({"email": " Ayse@Example.com "}, "email:ayse@example.com"),
        ({"phone": "+90 (532) 000 00 01"}, "phone:5320000001"),
        ({"tax_id": TaxId(scheme=TaxScheme.FOREIGN, value="P-123")}, "foreign:p-123"),
        ({"tax_id": TaxId(scheme=TaxScheme.TCKN, value="11111111111")}, "retail:n11"),
        ({"phone": "123"}, "retail:n11"),
        ({}, "retail:n11"),
    ],
)
def test_a_person_is_recognised_by_number_mail_or_telephone(known: dict[str, object], key: str) -> None:
    assert partner_for(PER_PERSON, person(**known), "n11").key == key


def test_only_real_numbers_get_a_card_when_the_number_decides() -> None:
    assert partner_for(PER_NUMBER, person(tax_id=TCKN), "n11").key == "tax:10000000146"
    assert partner_for(PER_NUMBER, person(email="a@example.com"), "n11").key == "retail:n11"


def test_a_company_without_a_number_is_refused(company: Party) -> None:
    nameless = company.model_copy(update={"tax_id": None})
    with pytest.raises(Rejected) as raised:
        partner_for(RETAIL, nameless, "n11")
    assert [(each.code, each.field) for each in raised.value.findings] == [
        ("partner.company.tax_number", "buyer.tax_id")
    ]


def test_a_code_that_does_not_fit_is_refused_with_the_limit(company: Party) -> None:
    tight = PartnerPolicy(company_code="120.TR.{tax_number}", max_length=12)
    with pytest.raises(Rejected, match=r"partner\.code"):
        partner_for(tight, company, "n11")


@given(
    email=st.emails(),
    other=st.emails(),
    channel=st.text(min_size=1, max_size=40),
    limit=st.integers(14, 40),
    template=st.sampled_from(["120.P.{hash}", "{channel}.{hash}", "{hash}"]),
)
def test_codes_fit_and_tell_people_apart(
    email: str, other: str, channel: str, limit: int, template: str
) -> None:
    policy = PartnerPolicy(consumers=ConsumerPolicy.PER_PERSON, person_code=template, max_length=limit)
    one, two = (partner_for(policy, person(email=each), channel) for each in (email, other))
    assert 0 < len(one.request.code) <= limit
    assert (one.key == two.key) is (one.request.code == two.request.code)
    assert partner_for(policy, person(email=email), channel) == one


def test_a_policy_can_be_weighed_before_it_is_chosen(company: Party) -> None:
    known = [person(email=f"{name}@example.com") for name in "abc"]
    buyers = [(party, "n11") for party in (*known, known[0], person(tax_id=TCKN), person(), company)]
    buyers += [(company.model_copy(update={"tax_id": None}), "n11"), (person(), "trendyol")]
    assert cards_needed(RETAIL, buyers) == {
        ConsumerPolicy.RETAIL: 3,
        ConsumerPolicy.PER_PERSON: 7,
        ConsumerPolicy.PER_TAX_NUMBER: 4,
    }
