"""The decision table: first match wins, and every row can be explained."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.documents import (
    Exclude,
    Hold,
    Issue,
    LookUp,
    Mode,
    OrderFacts,
    Rule,
    TenantSettings,
    Verdict,
    When,
    decide,
    default_rules,
    explain,
    lookup_tax_id,
)
from kopru.documents.rules import ExcludeOrder, HoldOrder, MakeDocument, ProfileChoice
from kopru.model import (
    Address,
    InvoiceKind,
    Order,
    OrderLine,
    OrderStatus,
    Party,
    PartyKind,
    Payment,
    PaymentMethod,
    Profile,
    Shipping,
    TaxId,
    TaxScheme,
)

MakeOrder = Callable[..., Order]
ARCHIVE = MakeDocument(profile=ProfileChoice.ARCHIVE)
EINVOICE = MakeDocument(profile=ProfileChoice.EINVOICE)


def facts(order: Order, registered: bool | None = False) -> OrderFacts:
    return OrderFacts(order, channel="trendyol", plugin="trendyol", registered=registered)


def with_rules(tenant: TenantSettings, *rules: Rule) -> TenantSettings:
    return TenantSettings.model_validate(
        tenant.model_dump() | {"rules": [rule.model_dump() for rule in rules]}
    )


def with_issuer(tenant: TenantSettings, **changes: Any) -> TenantSettings:
    return tenant.model_copy(update={"issuer": tenant.issuer.model_copy(update=changes)})


@pytest.fixture(scope="module")
def standard(tenant: TenantSettings) -> TenantSettings:
    return with_rules(tenant, *default_rules())


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (OrderStatus.AWAITING_PAYMENT, "unpaid"),
        (OrderStatus.NEW, "not-ready"),
        (OrderStatus.PREPARING, "e-arsiv"),
        (OrderStatus.INVOICED, "e-arsiv"),
        (OrderStatus.SHIPPED, "e-arsiv"),
        (OrderStatus.DELIVERED, "e-arsiv"),
        (OrderStatus.UNDELIVERED, "not-ready"),
        (OrderStatus.RETURNED, "not-ready"),
        (OrderStatus.CANCELLED, "engine.cancelled"),
        (OrderStatus.REPLACED, "engine.replaced"),
        (OrderStatus.UNKNOWN, "not-ready"),
    ],
)
def test_the_first_table_by_status(
    standard: TenantSettings, make_order: MakeOrder, status: OrderStatus, outcome: str
) -> None:
    assert decide(standard, facts(make_order(status=status))).result.rule == outcome


def test_every_state_is_covered_by_the_first_table(standard: TenantSettings, make_order: MakeOrder) -> None:
    for status in OrderStatus:
        assert not isinstance(decide(standard, facts(make_order(status=status))).result, LookUp)


def test_a_hold_says_what_it_waits_for(standard: TenantSettings, make_order: MakeOrder) -> None:
    result = decide(standard, facts(make_order(status=OrderStatus.NEW))).result
    assert isinstance(result, Hold)
    assert OrderStatus.PREPARING in result.until
    assert result.reason.tr


def test_when_invoicing_starts_is_the_tenants_choice(tenant: TenantSettings, make_order: MakeOrder) -> None:
    late = with_rules(tenant, *default_rules(ready=(OrderStatus.DELIVERED,)))
    assert isinstance(decide(late, facts(make_order(status=OrderStatus.SHIPPED))).result, Hold)
    assert isinstance(decide(late, facts(make_order(status=OrderStatus.DELIVERED))).result, Issue)


def test_a_registered_company_gets_the_issuers_default_e_fatura(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    commercial = with_issuer(tenant, profile=Profile.COMMERCIAL)
    result = decide(commercial, facts(make_order(buyer=company), registered=True)).result
    assert isinstance(result, Issue)
    assert (result.kind, result.profile) == (InvoiceKind.SALE, Profile.COMMERCIAL)
    assert (result.series.key, result.rule) == ("efatura", "e-fatura")


def test_a_company_that_is_not_registered_gets_an_e_arsiv(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    result = decide(tenant, facts(make_order(buyer=company), registered=False)).result
    assert isinstance(result, Issue)
    assert (result.profile, result.series.key) == (Profile.ARCHIVE, "earsiv")


def test_without_an_answer_the_buyer_is_looked_up_first(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    decision = decide(tenant, facts(make_order(buyer=company), registered=None))
    assert decision.result == LookUp(company.tax_id, "e-fatura")  # type: ignore[arg-type]
    verdicts = {row.rule: row.verdict for row in decision.trace}
    assert verdicts["e-fatura"] is Verdict.UNDECIDED
    assert verdicts["large-orders"] is Verdict.FAILED
    assert verdicts["e-arsiv"] is Verdict.NOT_REACHED


def test_a_row_that_does_not_ask_for_the_registration_needs_it_all_the_same(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    careless = with_rules(tenant, Rule(name="all", document=ARCHIVE))
    order = make_order(buyer=company)
    assert isinstance(decide(careless, facts(order, registered=None)).result, LookUp)
    assert isinstance(decide(careless, facts(order, registered=True)).result, Issue)
    excluding = with_rules(tenant, Rule(name="none", exclude=ExcludeOrder(reason="x")))
    assert isinstance(decide(excluding, facts(order, registered=None)).result, Exclude)


def test_nobody_is_asked_for_an_order_that_waits_anyway(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    order = make_order(buyer=company, status=OrderStatus.NEW)
    assert isinstance(decide(tenant, facts(order, registered=None)).result, Hold)


@pytest.mark.parametrize(
    "tax_id",
    [
        None,
        TaxId(scheme=TaxScheme.TCKN, value="11111111111"),
        TaxId(scheme=TaxScheme.FOREIGN, value="DE129273398"),
        TaxId(scheme=TaxScheme.VKN, value="1234567891"),
    ],
)
def test_nobody_is_asked_for_numbers_that_cannot_be_registered(
    tenant: TenantSettings, make_order: MakeOrder, consumer: Party, tax_id: TaxId | None
) -> None:
    order = make_order(buyer=consumer.model_copy(update={"tax_id": tax_id}))
    assert lookup_tax_id(order) is None
    assert decide(tenant, facts(order, registered=None)).result.rule == "e-arsiv"


def test_an_issuer_without_e_fatura_never_issues_one(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    result = decide(
        with_issuer(tenant, einvoice=False), facts(make_order(buyer=company), registered=True)
    ).result
    assert isinstance(result, Issue)
    assert result.profile is Profile.ARCHIVE


def test_a_rule_may_take_a_stage_back_to_a_person(
    tenant: TenantSettings, make_order: MakeOrder, company: Party
) -> None:
    result = decide(tenant, facts(make_order(buyer=company, total=Decimal(50_000)), registered=True)).result
    assert isinstance(result, Issue)
    assert (result.rule, result.stages.send, result.stages.number) == ("large-orders", Mode.MANUAL, Mode.AUTO)


def test_an_order_no_row_takes_waits_for_a_person(tenant: TenantSettings, make_order: MakeOrder) -> None:
    narrow = with_rules(tenant, Rule(name="only-usd", when=When(currencies=("USD",)), document=ARCHIVE))
    result = decide(narrow, facts(make_order())).result
    assert isinstance(result, Hold)
    assert (result.code, result.until) == ("decision.no_rule", ())


def test_cancelled_and_empty_orders_never_reach_the_table(
    tenant: TenantSettings, make_order: MakeOrder, make_line: Callable[..., OrderLine]
) -> None:
    everything = with_rules(tenant, Rule(name="all", document=ARCHIVE))
    for order in (
        make_order(status=OrderStatus.CANCELLED),
        make_order(status=OrderStatus.REPLACED),
        make_order(make_line(cancelled=True)),
    ):
        decision = decide(everything, facts(order))
        assert isinstance(decision.result, Exclude)
        assert [row.verdict for row in decision.trace] == [Verdict.MATCHED, Verdict.NOT_REACHED]


def test_an_unknown_state_is_only_invoiced_by_a_row_that_names_it(
    tenant: TenantSettings, make_order: MakeOrder
) -> None:
    order = make_order(status=OrderStatus.UNKNOWN, raw_status="Depoda Hazır")
    everything = Rule(name="all", document=ARCHIVE)
    assert isinstance(decide(with_rules(tenant, everything), facts(order)).result, Hold)
    for when in (When(raw_status=("DEPODA HAZIR",)), When(status=(OrderStatus.UNKNOWN,))):
        named = with_rules(tenant, Rule(name="named", when=when, document=ARCHIVE))
        assert isinstance(decide(named, facts(order)).result, Issue)


def test_an_order_may_be_left_out_by_name(tenant: TenantSettings, make_order: MakeOrder) -> None:
    rule = Rule(
        name="market", when=When(channels=("trendyol",)), exclude=ExcludeOrder(reason="Depoda kesiliyor")
    )
    result = decide(with_rules(tenant, rule), facts(make_order())).result
    assert result == Exclude("decision.rule", result.reason, "market")  # type: ignore[union-attr]
    assert result.reason.tr == "Depoda kesiliyor"


def test_a_document_without_a_series_waits_and_says_so(tenant: TenantSettings, make_order: MakeOrder) -> None:
    bound = tenant.model_copy(
        update={"series": tuple(each.model_copy(update={"channels": ("other",)}) for each in tenant.series)}
    )
    result = decide(bound, facts(make_order())).result
    assert isinstance(result, Hold)
    assert result.code == "decision.no_series"


BUYER_ABROAD = Party(kind=PartyKind.COMPANY, name="X GmbH", address=Address(country="DE"))


@pytest.mark.parametrize(
    ("when", "order", "condition"),
    [
        (When(channels=("n11", "trendyol")), {}, "channel"),
        (When(plugins=("trendyol",)), {}, "plugin"),
        (When(status=(OrderStatus.PREPARING,)), {}, "status"),
        (When(raw_status=("PICKING",)), {}, "raw_status"),
        (When(payment=(PaymentMethod.PLATFORM,)), {}, "payment"),
        (When(raw_payment=("kapıda ödeme",)), {"payment": Payment(raw="KAPIDA ÖDEME")}, "raw_payment"),
        (When(carriers=("ÖRNEK kargo",)), {}, "carrier"),
        (When(buyer=PartyKind.PERSON), {}, "buyer"),
        (When(countries=("DE",)), {"buyer": BUYER_ABROAD}, "country"),
        (When(currencies=("TRY",)), {}, "currency"),
        (When(min_total=Decimal(120)), {}, "min_total"),
        (When(max_total=Decimal(120)), {}, "max_total"),
        (When(export=False), {}, "export"),
        (When(registered=False), {}, "registered"),
    ],
)
def test_each_condition_alone(
    tenant: TenantSettings, make_order: MakeOrder, when: When, order: dict[str, Any], condition: str
) -> None:
    rule = with_rules(tenant, Rule(name="r", when=when, document=ARCHIVE))
    (row,) = decide(rule, facts(make_order(**order))).trace
    assert row.verdict is Verdict.MATCHED
    assert [(check.condition, check.holds) for check in row.checks] == [(condition, True)]
    other = make_order(
        status=OrderStatus.SHIPPED,
        raw_status="Shipped",
        payment=Payment(method=PaymentMethod.CARD, raw="kart"),
        shipping=Shipping(carrier="Başka Kargo"),
        buyer=Party(
            kind=PartyKind.COMPANY,
            name="Y",
            tax_id=TaxId(scheme=TaxScheme.VKN, value="9876543217"),
            address=Address(country="FR"),
        ),
        currency="EUR",
        total=Decimal(121) if condition == "max_total" else Decimal(119),
        export=True,
    )
    elsewhere = OrderFacts(other, channel="ikas", plugin="ikas", registered=True)
    (row,) = decide(rule, elsewhere).trace
    assert row.verdict is Verdict.FAILED
    assert [(check.condition, check.holds) for check in row.checks] == [(condition, False)]


def test_the_explanation_names_what_did_not_fit(tenant: TenantSettings, make_order: MakeOrder) -> None:
    texts = explain(tenant, facts(make_order()))
    assert len(texts) == len(tenant.rules)
    assert "not-ready → did not match: status does not fit" in texts[1].en
    assert "preparing" in texts[1].tr
    assert texts[-1].tr.startswith("e-arsiv → uydu")


whens = st.builds(
    When,
    status=st.lists(st.sampled_from(OrderStatus), max_size=3).map(tuple),
    buyer=st.sampled_from([None, *PartyKind]),
    registered=st.sampled_from([None, True, False]),
    min_total=st.sampled_from([None, Decimal(100), Decimal(200)]),
)
outcomes = st.sampled_from(
    [
        {"document": ARCHIVE},
        {"document": EINVOICE},
        {"hold": HoldOrder(reason="x")},
        {"exclude": ExcludeOrder(reason="y")},
    ]
)


@given(
    rows=st.lists(st.tuples(whens, outcomes), min_size=1, max_size=6),
    status=st.sampled_from(OrderStatus),
    registered=st.sampled_from([None, True, False]),
)
def test_the_first_row_that_matches_decides(
    tenant: TenantSettings,
    make_order: MakeOrder,
    company: Party,
    rows: list[tuple[When, dict[str, Any]]],
    status: OrderStatus,
    registered: bool | None,
) -> None:
    settings = with_rules(
        tenant, *(Rule(name=str(i), when=when, **outcome) for i, (when, outcome) in enumerate(rows))
    )
    given_facts = facts(make_order(status=status, buyer=company), registered)
    decision = decide(settings, given_facts)
    assert decision == decide(settings, given_facts)
    if decision.result.rule.startswith("engine."):
        return
    index = int(decision.result.rule)
    verdicts = [row.verdict for row in decision.trace]
    assert len(verdicts) == len(rows)
    assert set(verdicts[:index]) <= {Verdict.FAILED}
    assert verdicts[index] in {Verdict.MATCHED, Verdict.UNDECIDED}
    assert set(verdicts[index + 1 :]) <= {Verdict.NOT_REACHED}
    alone = decide(with_rules(tenant, settings.rules[index]), given_facts)
    assert alone.result == decision.result
