"""Partner and item cards: found, made, read back."""

from decimal import Decimal

import pytest

from kopru.model import Address, ExternalRef, LineKind, PartyKind, Product
from kopru.sdk import MappingMissing, OutcomeUnknown, PartyRequest, Rejected, Unsupported
from kopru.testing.faults import Fault, FaultKind
from kopru_mikro import plugin
from kopru_mikro.codes import Version
from kopru_mikro.mapping import item, party


@pytest.fixture
def product():
    """A product no card exists for."""
    return Product(
        ref=ExternalRef(kind="product", id="1"),
        revision="1",
        code="TSH-001-L",
        name="Basic Tişört Siyah L",
        barcodes=("8690000000017", "8690000000024"),
        vat_rate=Decimal(10),
    )


def test_a_new_partner_is_written_as_in_the_vendors_sample(make_config, person):
    body = party.party_body(make_config(), PartyRequest("120.TY.1", person))
    assert (body["cari_kod"], body["cari_unvan1"], body["cari_unvan2"]) == ("120.TY.1", "Ayşe Örnekoğlu", "")
    assert (body["cari_vdaire_no"], body["cari_CepTel"]) == ("90000000152", "5551112233")
    assert (body["cari_doviz_cinsi1"], body["cari_doviz_cinsi2"], body["cari_doviz_cinsi3"]) == (0, 255, 255)
    assert (body["cari_KurHesapSekli"], body["cari_efatura_fl"]) == (1, 0)
    assert body["cari_fatura_adres_no"] == body["cari_sevk_adres_no"] == 1
    address = body["adres"][0]
    assert (address["adr_cadde"], address["adr_mahalle"]) == ("Deneme Cad. No:1", "Örnek Mah.")
    assert (address["adr_ilce"], address["adr_il"], address["adr_ulke"]) == ("Kadıköy", "İstanbul", "TÜRKİYE")
    assert (address["adr_tel_ulke_kodu"], address["adr_tel_bolge_kodu"]) == ("90", "555")
    assert address["yetkili"][0]["mye_isim"] == "Ayşe"


def test_a_company_has_its_office_and_no_contact(make_config, company):
    body = party.party_body(make_config(einvoice_scenario=1), PartyRequest("1", company))
    assert (body["cari_vdaire_no"], body["cari_vdaire_adi"]) == ("9900000057", "Çankaya")
    assert body["adres"][0]["yetkili"] == []
    assert body["cari_def_efatura_cinsi"] == 1


def test_codes_of_the_channel_go_on_the_card(make_config, person):
    config = make_config(channels={"trendyol": {"party_group": "ETIC", "party_gl_code": "120.01"}})
    body = party.party_body(config, PartyRequest("1", person, channel="trendyol"))
    assert (body["cari_grup_kodu"], body["cari_muh_kod"]) == ("ETIC", "120.01")
    assert "cari_grup_kodu" not in party.party_body(config, PartyRequest("1", person))


def test_long_streets_go_on_in_the_next_fields(make_config):
    street = (
        "Çok Uzun Bir Bulvar Adı Sokağı Numara On İki Apartman B Blok Kat Üç Daire Dokuz Arka Bahçe Girişi"
    )
    full = party.address_fields(make_config(), Address(street=street))
    assert " ".join((full["adr_cadde"], full["adr_mahalle"], full["adr_sokak"])) == street
    beside = party.address_fields(make_config(), Address(street=street, neighbourhood="Örnek Mah."))
    assert beside["adr_mahalle"] == "Örnek Mah."
    assert all(len(value) <= 50 for value in {**full, **beside}.values())


def test_a_long_title_goes_on_in_the_second_field(make_config, company):
    long = company.model_copy(update={"name": "Uydurma " * 20})
    body = party.party_body(make_config(), PartyRequest("1", long))
    assert len(body["cari_unvan1"]) <= 127
    assert f"{body['cari_unvan1']} {body['cari_unvan2']}" == ("Uydurma " * 20).strip()


def test_a_card_that_cannot_be_made_names_every_fault(make_config, person):
    nameless = person.model_copy(update={"first_name": "", "last_name": ""})
    with pytest.raises(Rejected) as refused:
        party.party_body(make_config(), PartyRequest("1" * 26, nameless))
    assert [finding.code for finding in refused.value.findings] == ["mikro.party.code", "mikro.party.name"]


def test_a_partner_is_made_once(sim, ctx, person, make_key):
    request = PartyRequest("120.TY.1", person)
    first = plugin.upsert_party(ctx, make_key("a"), request)
    assert (first.number, first.echo.party) == ("120.TY.1", "120.TY.1")
    assert plugin.upsert_party(ctx, make_key("b"), request) == first
    assert len(sim.truth.of("party.created")) == 1
    assert sim.ledger.database.find("CARI_HESAP_ADRESLERI")[0]["adr_cari_kod"] == "120.TY.1"


def test_a_tax_number_finds_the_card_another_code_has(sim, ctx, company, make_key):
    sim.add_party("320.OLD", "Eski Kart", cari_vdaire_no="9900000057")
    assert plugin.upsert_party(ctx, make_key("a"), PartyRequest("120.NEW", company)).number == "320.OLD"
    other = PartyRequest("120.NEW", company, match_tax_id=False)
    assert plugin.upsert_party(ctx, make_key("a"), other).number == "120.NEW"


def test_some_firms_keep_the_number_in_another_column(sim, connect, company, make_key):
    sim.add_party("320.OLD", "Eski Kart", cari_VergiKimlikNo="9900000057")
    ctx = connect(sim, tax_number_column="cari_VergiKimlikNo")
    assert plugin.upsert_party(ctx, make_key("a"), PartyRequest("120.NEW", company)).number == "320.OLD"


def test_cancelled_cards_are_not_taken(sim, ctx, company, make_key):
    sim.add_party("320.OLD", "Eski Kart", cari_vdaire_no="9900000057", cari_iptal=1)
    assert plugin.upsert_party(ctx, make_key("a"), PartyRequest("120.NEW", company)).number == "120.NEW"


def test_several_cards_with_one_number_are_a_case_for_the_operator(sim, ctx, company, make_key):
    for code in ("320.B", "320.A"):
        sim.add_party(code, "Kart", cari_vdaire_no="9900000057")
    with pytest.raises(MappingMissing) as missing:
        plugin.upsert_party(ctx, make_key("a"), PartyRequest("120.NEW", company))
    assert missing.value.keys == ("320.A", "320.B")


def test_a_placeholder_number_finds_nobody(sim, ctx, person, make_key):
    sim.add_party("120.BOS", "Nihai Tüketici", cari_vdaire_no="11111111111")
    unknown = person.model_copy(update={"tax_id": person.tax_id.model_copy(update={"value": "11111111111"})})
    assert plugin.upsert_party(ctx, make_key("a"), PartyRequest("120.NEW", unknown)).number == "120.NEW"


def test_a_card_that_cannot_be_read_back_is_unknown(sim, ctx, person, make_key):
    sim.faults.add(Fault(FaultKind.STATUS, path="SqlVeriOku", status=400, skip=2, body="{}"))
    with pytest.raises(OutcomeUnknown):
        plugin.upsert_party(ctx, make_key("a"), PartyRequest("120.TY.1", person))
    sim.faults.clear()
    assert plugin.upsert_party(ctx, make_key("a"), PartyRequest("120.TY.1", person)).number == "120.TY.1"
    assert len(sim.truth.of("party.created")) == 1


@pytest.mark.parametrize("index_counts", ["page", "row"])
def test_v16_finds_and_makes_cards_by_its_own_lists(start, connect, person, product, make_key, index_counts):
    simulator = start(version=Version.V16, index_counts=index_counts)
    for number in range(450):
        simulator.add_party(f"320.{number:04d}", "Kart", cari_vdaire_no=f"{number:010d}")
    ctx = connect(simulator)
    there = person.model_copy(update={"kind": PartyKind.COMPANY, "name": "A"})
    assert plugin.upsert_party(ctx, make_key("a"), PartyRequest("320.0449", there)).number == "320.0449"
    assert plugin.upsert_party(ctx, make_key("a"), PartyRequest("120.NEW", person)).number == "120.NEW"
    assert plugin.upsert_product(ctx, make_key("a"), product).number == "TSH-001-L"
    assert len(simulator.truth.of("party.created")) == 1


def test_a_new_item_is_written_as_in_the_vendors_sample(make_config, product):
    body = item.item_body(make_config(), product, {})
    assert (body["sto_kod"], body["sto_isim"], body["sto_birim1_ad"]) == (
        "TSH-001-L",
        "Basic Tişört Siyah L",
        "ADET",
    )
    assert body["sto_perakende_vergi"] == body["sto_toptan_vergi"] == 10
    assert [(each["bar_kodu"], each["bar_master"]) for each in body["barkodlar"]] == [
        ("8690000000017", True),
        ("8690000000024", False),
    ]


def test_the_vat_of_an_item_may_be_a_pointer(make_config, product):
    body = item.item_body(make_config(item_vat="pointer"), product, {Decimal(10): 3})
    assert body["sto_toptan_vergi"] == 3


def test_an_item_is_made_once(sim, ctx, product, make_key):
    assert plugin.upsert_product(ctx, make_key("a"), product).number == "TSH-001-L"
    assert plugin.upsert_product(ctx, make_key("b"), product).number == "TSH-001-L"
    assert len(sim.truth.of("item.created")) == 1


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"kind": LineKind.SERVICE}, Unsupported, "mikro.item.service"),
        ({"code": ""}, Rejected, "mikro.item.code"),
        ({"code": "X" * 26}, Rejected, "mikro.item.code"),
        ({"vat_rate": None}, Rejected, "mikro.item.vat"),
        ({"unit": "KGM"}, MappingMissing, "mikro.unit"),
    ],
)
def test_items_that_cannot_be_made(sim, ctx, product, make_key, changes, error, code):
    with pytest.raises(error) as refused:
        plugin.upsert_product(ctx, make_key("a"), product.model_copy(update=changes))
    assert refused.value.code == code
    assert not sim.truth.of("item.created")


def test_a_demo_firm_is_full_at_some_point(start, connect, person, make_key):
    with pytest.raises(Rejected) as refused:
        simulator = start(records=60)
        for number in range(30):
            ctx = connect(simulator)
            plugin.upsert_party(ctx, make_key("a"), PartyRequest(f"120.{number}", person, match_tax_id=False))
    assert "Demo" in refused.value.message.tr
