"""The simulated service: it must be able to say no."""

import json
from datetime import UTC, date, datetime

import pytest

from kopru.sdk import Operation
from kopru.testing.context import test_ctx as make_ctx
from kopru.testing.world import make_world
from kopru_mikro import plugin
from kopru_mikro.client import daily_hash
from kopru_mikro.simulation.database import Refusal
from kopru_mikro.simulator import API

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture
def call(sim, ctx):
    """Call a method with a login that fits and return the entry of its answer."""

    def post(method, *, inside=None, beside=None, **login):
        mikro = {
            "FirmaKodu": sim.firm,
            "CalismaYili": "2026",
            "KullaniciKodu": sim.username,
            "Sifre": daily_hash(sim.password, date(2026, 3, 10)),
            "ApiKey": sim.api_key,
            **login,
            **(inside or {}),
        }
        body = {"Mikro": mikro, **(beside or {})}
        answer = ctx.http.request("POST", f"{API}/{method}", json=body)
        assert answer.status == 200
        return json.loads(answer.content)["result"][0]

    return post


def test_the_service_tells_its_state_without_login(sim, ctx):
    answer = json.loads(ctx.http.request("GET", f"{API}/HealthCheck").content)
    assert answer["result"][0]["Data"] == {"ApiStatus": "Up"}


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ({"ApiKey": ""}, "ApiKey bilgisi eksik"),
        ({"ApiKey": "x"}, "Geçersiz api key"),
        ({"Sifre": daily_hash("Parola-1", date(2026, 3, 9))}, "şifre hatalı"),
        ({"Sifre": "Parola-1"}, "şifre hatalı"),
        ({"FirmaKodu": "YOK"}, "Firma bulunamadı"),
        ({"CalismaYili": ""}, "CalismaYili bilgisi eksik"),
    ],
)
def test_every_part_of_a_login_counts(call, login, said):
    answer = call("VergiListesiV2", **login)
    assert answer["IsError"] is True
    assert said in answer["ErrorMessage"]


def test_the_two_patterns_must_not_be_mixed_up(sim, call):
    card = [{"cari_kod": "1", "cari_unvan1": "A"}]
    assert call("CariKaydetV2", beside={"cariler": card})["IsError"]
    assert call("SqlVeriOkuV2", inside={"SQLSorgu": "SELECT 1 AS a"})["IsError"]
    assert not call("CariKaydetV2", inside={"cariler": card})["IsError"]
    assert not call("SqlVeriOkuV2", beside={"SQLSorgu": "SELECT 1 AS a"})["IsError"]


def test_a_single_object_is_taken_where_the_samples_show_one(sim, call):
    address = {"adr_il": "İstanbul"}
    call("CariKaydetV2", inside={"cariler": [{"cari_kod": "1", "cari_unvan1": "A", "adres": address}]})
    assert sim.ledger.database.find("CARI_HESAP_ADRESLERI")[0]["adr_il"] == "İstanbul"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM STOKLAR",
        "SELECT 1; DELETE FROM STOKLAR",
        "SELECT YOK FROM STOKLAR",
        "SELECT sto_KOD FROM STOKLAR",
        "SELECT cha_guid FROM CARI_HESAP_HAREKETLERI",
        "SELECT sto_kod FROM STOKLARIM",
    ],
)
def test_only_good_selects_run(sim, statement):
    with pytest.raises(Refusal):
        sim.ledger.database.select(statement)
    assert sim.ledger.database.count("STOKLAR") == 43


def test_semicolons_and_names_inside_texts_are_texts(sim):
    found = sim.ledger.database.select("SELECT sto_kod FROM STOKLAR WHERE sto_kod = 'a;sto_KOD'")
    assert found == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cha_kod": "YOK"}, "Cari hesap"),
        ({"cha_tarihi": "2026-03-10"}, "Tarih"),
        ({"cha_tarihi": "10.03.2025"}, "çalışma yılı"),
        ({"cha_aciklama": "x" * 41}, "truncated"),
        ({"detay": []}, "satırı"),
        ({"detay": [{"sth_stok_kod": "YOK", "sth_tarih": "10.03.2026"}]}, "Stok"),
        ({"detay": [{"sth_stok_kod": "KARGO", "sth_tarih": "10.03.2026", "sth_vergi_pntr": 9}]}, "Vergi"),
        ({"user_tablo": [{"yok": 1}]}, "Kullanıcı tablosu"),
        ({"cha_evrakno_sira": "abc"}, "Sayısal"),
    ],
)
def test_invoices_are_checked(sim, call, change, said):
    line = {"sth_stok_kod": "KARGO", "sth_tarih": "10.03.2026", "sth_tip": 1, "sth_miktar": "1"}
    good = {
        "cha_kod": "120.WEB",
        "cha_tarihi": "10.03.2026",
        "cha_evrak_tip": 63,
        "cha_evrakno_seri": "A",
        "detay": [{**line, "sth_tutar": "10", "sth_vergi_pntr": 4}],
    }
    answer = call("FaturaKaydetV2", inside={"evraklar": [{**good, **change}]})
    assert said in answer["ErrorMessage"]
    assert not sim.held(Operation.POST_INVOICE)
    assert not call("FaturaKaydetV2", inside={"evraklar": [good]})["IsError"]
    assert sim.held(Operation.POST_INVOICE)[0].total == 12


def test_a_number_is_given_once(sim, call):
    line = {
        "sth_stok_kod": "KARGO",
        "sth_tarih": "10.03.2026",
        "sth_tip": 1,
        "sth_miktar": 1,
        "sth_tutar": 10,
    }
    made = {"cha_kod": "120.WEB", "cha_tarihi": "10.03.2026", "cha_evrak_tip": 63, "cha_evrakno_seri": "A"}
    entry = {**made, "cha_evrakno_sira": 5, "detay": [line]}
    assert not call("FaturaKaydetV2", inside={"evraklar": [entry]})["IsError"]
    assert "5" in call("FaturaKaydetV2", inside={"evraklar": [entry]})["ErrorMessage"]
    call("FaturaKaydetV2", inside={"evraklar": [{**made, "detay": [line]}]})
    assert [each.number for each in sim.held(Operation.POST_INVOICE)] == ["5", "6"]


def test_a_wrong_warehouse_is_booked_without_complaint(sim, connect, book, make_key):
    plugin.post_invoice(connect(sim, warehouse=99), make_key("a"), book())
    assert sim.ledger.on_hand("STK-0001", 99) == -1


def test_a_second_card_with_one_code_is_refused_or_updates(start, connect):
    card = {"cari_kod": "120.WEB", "cari_unvan1": "Yeni"}
    with pytest.raises(Refusal):
        start().ledger.store_party(card)
    updating = start(updates_cards=True)
    updating.ledger.store_party(card)
    assert [row["cari_unvan1"] for row in updating.ledger.database.find("CARI_HESAPLAR")] == ["Yeni"]


def test_loading_a_larger_world_adds_what_is_new(sim):
    sim.load(make_world(5))
    assert len(sim.held(Operation.UPSERT_PRODUCT)) == 43


def test_unknown_methods_are_no_answers(sim, ctx):
    for name in ("FaturaListesiV2", "SiparisListesiV2", "Yok"):
        answer = ctx.http.request("POST", f"{API}/{name}", json={}, accept=(404,), safe=True)
        assert answer.status == 404


def test_the_settings_fit_the_model(sim):
    assert make_ctx(plugin, sim.config()).config.address == sim.url
