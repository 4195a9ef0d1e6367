"""Partner and item cards: found by code or tax number, made once."""

from decimal import Decimal

import pytest

from kopru.model import ExternalRef, LineKind, Party, PartyKind, Product, TaxId, TaxScheme
from kopru.sdk import (
    Absent,
    Found,
    MappingMissing,
    Operation,
    OutcomeUnknown,
    PartyRequest,
    Rejected,
    TransientError,
    Unsupported,
)
from kopru.testing.faults import Fault, FaultKind
from kopru_logo import plugin
from kopru_logo.mapping.party import party_body, tax_number


def test_a_consumer_card_field_by_field(make_config, make_key, person):
    config = make_config(codes={"auxil_code": "WEB", "payment_code": "PESIN", "party_gl_code": "120.01.001"})
    body = party_body(config, make_key("p"), PartyRequest("120.WEB.0001", person))
    assert body == {
        "INTERNAL_REFERENCE": 0,
        "ACCOUNT_TYPE": 3,
        "RECORD_STATUS": 0,
        "CODE": "120.WEB.0001",
        "GUID": str(make_key("p").uuid).upper(),
        "TITLE": "Ayşe Örnekoğlu",
        "PERSCOMPANY": 1,
        "TCKNO": "90000000152",
        "NAME": "Ayşe",
        "SURNAME": "Örnekoğlu",
        "ADDRESS1": "Örnek Mah. Deneme Cad. No:1",
        "DISTRICT": "Örnek Mah.",
        "TOWN": "Kadıköy",
        "CITY": "İstanbul",
        "COUNTRY": "TÜRKİYE",
        "COUNTRY_CODE": "TR",
        "TELEPHONE1": "5551112233",
        "E_MAIL": "ayse@example.com",
        "EARC_EMAIL_ADDRESS1": "ayse@example.com",
        "AUXIL_CODE": "WEB",
        "PAYMENT_CODE": "PESIN",
        "GL_CODE": "120.01.001",
        "PURCHBRWS": 1,
        "SALESBRWS": 1,
        "IMPBRWS": 1,
        "EXPBRWS": 1,
        "FINBRWS": 1,
        "RISK_TYPE1": 1,
        "RISK_TYPE2": 1,
        "RISK_TYPE3": 1,
        "CL_ORD_FREQ": 1,
        "CORRESP_LANG": 1,
        "INVOICE_PRNT_CNT": 1,
        "COLLATRLRISK_TYPE": 1,
        "ACCEPT_EINV": 0,
        "EARCHIVE_SEND_MODE": 2,
    }


def test_a_registered_company_is_marked_for_e_invoices(make_config, make_key, company):
    registered = company.model_copy(update={"einvoice_registered": True})
    body = party_body(make_config(), make_key("p"), PartyRequest("120.K", registered))
    assert (body["PERSCOMPANY"], body["TAX_ID"], body["TAX_OFFICE"]) == (0, "9900000057", "Çankaya")
    assert body["ACCEPT_EINV"] == 1
    assert "EARCHIVE_SEND_MODE" not in body


def test_a_collective_card_is_no_person(make_config, make_key):
    retail = Party(kind=PartyKind.PERSON, name="Perakende müşteriler")
    body = party_body(make_config(), make_key("p"), PartyRequest("120.PERAKENDE", retail))
    assert body["PERSCOMPANY"] == 0
    assert "TCKNO" not in body


def test_a_foreigner_has_a_foreign_number(make_config, make_key):
    foreign = Party(
        kind=PartyKind.COMPANY, name="Made Up GmbH", tax_id=TaxId(scheme=TaxScheme.FOREIGN, value="DE123")
    )
    body = party_body(make_config(), make_key("p"), PartyRequest("120.DE", foreign))
    assert (body["ISFOREIGN"], body["VAT_ID"]) == (1, "DE123")
    assert tax_number(foreign) == ""


def test_long_titles_and_addresses_go_on_in_the_second_field(make_config, make_key, company):
    long = company.model_copy(
        update={"name": "Uzun Unvanlı Deneme Ticaret Sanayi ve Pazarlama Anonim Şirketi Merkezi"}
    )
    body = party_body(make_config(title_length=50), make_key("p"), PartyRequest("120.U", long))
    assert len(body["TITLE"]) <= 50
    assert f"{body['TITLE']} {body['TITLE2']}" == long.name


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [("", "x", ["logo.party.code"]), ("1" * 17, "", ["logo.party.code", "logo.party.name"])],
)
def test_a_card_that_cannot_be_made_is_refused_before_sending(sim, ctx, make_key, code, name, found):
    party = Party(kind=PartyKind.COMPANY, name=name)
    with pytest.raises(Rejected) as error:
        plugin.upsert_party(ctx, make_key("p"), PartyRequest(code, party))
    assert [finding.code for finding in error.value.findings] == found
    assert not sim.held(Operation.UPSERT_PARTY)


@pytest.mark.parametrize("door", [True, False])
def test_a_card_is_made_once_and_found_ever_after(sim, connect, make_key, person, door):
    ctx = connect(sql_door=door)
    first = plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.0001", person))
    assert first.number == "120.0001"
    assert plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.0001", person)) == first
    other_code = plugin.upsert_party(ctx, make_key("q"), PartyRequest("120.0002", person))
    assert other_code.number == "120.0001"
    assert len(sim.held(Operation.UPSERT_PARTY)) == 1
    assert sim.ledger.ignored == []


def test_the_tax_number_counts_only_when_asked(sim, ctx, make_key, person):
    plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.0001", person))
    own = plugin.upsert_party(ctx, make_key("q"), PartyRequest("120.0002", person, match_tax_id=False))
    assert own.number == "120.0002"


def test_the_code_counts_before_the_tax_number(sim, ctx, make_key, company):
    sim.add_party("120.VKN", "Kurmaca", TAX_ID="9900000057")
    sim.add_party("120.KOD", "Kurmaca şube")
    assert plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.KOD", company)).number == "120.KOD"
    assert plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.YENI", company)).number == "120.VKN"


def test_a_tckn_is_also_found_where_vkns_stand(sim, ctx, make_key, person):
    sim.add_party("120.ESKI", "Ayşe", TAX_ID="90000000152")
    assert plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.YENI", person)).number == "120.ESKI"


@pytest.mark.parametrize("value", ["11111111111", "2222222222"])
def test_placeholders_find_nobody(sim, ctx, make_key, person, value):
    sim.add_party("120.BASKA", "Başkası", TCKNO="11111111111", TAX_ID="2222222222")
    scheme = TaxScheme.TCKN if len(value) == 11 else TaxScheme.VKN
    unknown = person.model_copy(update={"tax_id": TaxId(scheme=scheme, value=value)})
    assert plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.YENI", unknown)).number == "120.YENI"


def test_several_cards_with_one_tax_number_are_for_a_person(sim, ctx, make_key, company):
    sim.add_party("120.A", "Merkez", TAX_ID="9900000057")
    sim.add_party("120.B", "Şube", TAX_ID="9900000057")
    with pytest.raises(MappingMissing) as error:
        plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.YENI", company))
    assert error.value.keys == ("120.A", "120.B")
    sim.ledger.parties.get(2).body["RECORD_STATUS"] = 1
    assert plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.YENI", company)).number == "120.B"


def test_a_card_made_by_somebody_else_meanwhile_is_taken(sim, ctx, make_key, person):
    """The look-up sees nothing yet, the write meets the card."""
    sim.read_lag = 3600
    plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.0001", person))
    with pytest.raises(Rejected):
        plugin.upsert_party(ctx, make_key("q"), PartyRequest("120.0001", person))
    sim.read_lag = 0
    assert plugin.upsert_party(ctx, make_key("q"), PartyRequest("120.0001", person)).number == "120.0001"
    assert len(sim.held(Operation.UPSERT_PARTY)) == 1


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
def test_a_lost_answer_leaves_one_card(sim, ctx, make_key, person, kind):
    key, request = make_key("p"), PartyRequest("120.0001", person)
    sim.faults.add(Fault(kind, method="POST", path="/Arps", times=1))
    with pytest.raises(OutcomeUnknown):
        plugin.upsert_party(ctx, key, request)
    located = plugin.locate(ctx, Operation.UPSERT_PARTY, key, None)
    if kind is FaultKind.DROP_AFTER:
        assert isinstance(located, Found)
        assert located.receipt.number == "120.0001"
    else:
        assert located == Absent()
    plugin.upsert_party(ctx, key, request)
    assert len(sim.held(Operation.UPSERT_PARTY)) == 1


def test_an_answer_of_another_shape_is_no_card(sim, ctx, make_key, person):
    sim.ledger.parties.get(1).body["INTERNAL_REFERENCE"] = "?"
    with pytest.raises(TransientError):
        plugin.upsert_party(ctx, make_key("p"), PartyRequest("120.WEB", person))


def test_a_dry_run_makes_no_card(sim, connect, make_key, person):
    with pytest.raises(Exception, match=r"^dry run: POST"):
        plugin.upsert_party(connect(dry_run=True), make_key("p"), PartyRequest("120.0001", person))
    found = plugin.upsert_party(connect(dry_run=True), make_key("p"), PartyRequest("120.WEB", person))
    assert found.number == "120.WEB"
    assert not sim.held(Operation.UPSERT_PARTY)


PRODUCT = Product(
    ref=ExternalRef(kind="product", id="9"),
    revision="1",
    code="TSH-001-L",
    name="Pamuklu Tişört Siyah L",
    barcodes=("8690000000017",),
    vat_rate=Decimal(10),
)


@pytest.mark.parametrize("door", [True, False])
def test_an_item_is_made_once_with_barcode_and_vat(sim, connect, make_key, window, door):
    ctx = connect(sql_door=door, item_group="TEKSTIL")
    receipt = plugin.upsert_product(ctx, make_key("i"), PRODUCT)
    assert receipt.number == "TSH-001-L"
    assert plugin.upsert_product(ctx, make_key("j"), PRODUCT) == receipt
    assert len(sim.held(Operation.UPSERT_PRODUCT)) == 1
    assert isinstance(plugin.locate(ctx, Operation.UPSERT_PRODUCT, make_key("i"), None), Found)
    assert plugin.locate(ctx, Operation.UPSERT_PRODUCT, make_key("j"), None) == Absent()
    made = plugin.fetch_products(ctx, "40", window, 25).values[0]
    assert (made.code, made.barcodes, made.vat_rate) == ("TSH-001-L", ("8690000000017",), Decimal(10))
    assert made.group == "TEKSTIL"
    assert sim.ledger.ignored == []


def test_an_item_without_code_or_vat_is_refused(sim, ctx, make_key):
    bare = PRODUCT.model_copy(update={"code": "", "vat_rate": None})
    with pytest.raises(Rejected) as error:
        plugin.upsert_product(ctx, make_key("i"), bare)
    assert [finding.code for finding in error.value.findings] == ["logo.item.code", "logo.item.vat"]


def test_services_and_unknown_units_are_for_a_person(ctx, make_key):
    with pytest.raises(Unsupported):
        plugin.upsert_product(ctx, make_key("i"), PRODUCT.model_copy(update={"kind": LineKind.SERVICE}))
    with pytest.raises(MappingMissing):
        plugin.upsert_product(ctx, make_key("i"), PRODUCT.model_copy(update={"unit": "KGM"}))
