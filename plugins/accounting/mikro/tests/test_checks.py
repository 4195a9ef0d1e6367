"""The connection check: what it says when something is wrong, and what to do."""

from datetime import UTC, datetime, timedelta

import pytest

from kopru_mikro import plugin
from kopru_mikro.codes import Version


@pytest.fixture
def looked(sim, connect):
    """Return the check's items by name; the simulator's server shows the real time."""
    sim.clock = lambda: datetime.now(UTC)

    def check(**settings):
        now = settings.pop("now", None) or datetime.now(UTC)
        result = plugin.check_connection(connect(settings.pop("simulator", sim), now=now, **settings))
        for item in result.items:
            assert item.ok or item.fix is not None
        return {item.name: item for item in result.items}

    return check


def test_a_working_connection_shows_what_was_looked_at(looked):
    items = looked()
    assert [item.ok for item in items.values()] == [True] * 7
    assert set(items) == {"service", "login", "sql", "columns", "vat", "warehouse", "cards"}
    assert "4: %20" in items["vat"].message.tr
    assert "1: Merkez" in items["warehouse"].message.tr


def test_the_clock_of_the_server_is_compared(looked):
    item = looked(now=datetime.now(UTC) + timedelta(days=2))["service"]
    assert not item.ok
    assert "saat" in item.fix.tr


def test_a_service_that_is_down_says_so(looked, sim):
    sim.status = "Down"
    assert "Down" in looked()["service"].message.en


def test_a_dead_server_names_the_other_port(looked, sim):
    sim.stop()
    item = looked()["service"]
    assert not item.ok
    assert "8084" in item.fix.en


def test_wrong_credentials_stop_the_check(looked):
    items = looked(password="Parola-2")
    assert list(items) == ["service", "login"]
    assert "Parola-2" not in items["login"].message.tr


def test_the_wrong_path_is_told(looked):
    item = looked(api_path="/yok")["service"]
    assert not item.ok
    assert "V16/V17" in item.fix.tr


def test_v16_says_what_it_cannot_do(looked, start):
    old = start(version=Version.V16)
    old.clock = lambda: datetime.now(UTC)
    items = looked(simulator=old)
    assert [(item.name, item.ok) for item in items.values()] == [
        ("service", True),
        ("login", True),
        ("sql", True),
    ]
    assert "no documents" in items["sql"].message.en


def test_a_missing_column_is_named(looked, sim):
    sim.ledger.database.drop_column("CARI_HESAP_HAREKETLERI", "cha_belge_no")
    item = looked()["columns"]
    assert "CARI_HESAP_HAREKETLERI.cha_belge_no" in item.message.en


def test_columns_of_the_settings_are_looked_for(looked):
    own = {
        "second_key": "user_column",
        "invoice_user_table": "OZEL_FATURA",
        "order_user_table": "OZEL_SIPARIS",
        "user_link": "kayit_uid",
    }
    assert looked(**own, user_column="entegrasyon_no")["columns"].ok
    item = looked(**own, user_column="yok")["columns"]
    assert "OZEL_FATURA.yok, OZEL_SIPARIS.yok" in item.message.en
    assert "bar_kod" in looked(barcode_column="bar_kod")["columns"].message.en


@pytest.mark.parametrize("pointers", [{"20": 3}, {"18": 4}, {"20": 9}])
def test_wrong_pointers_in_the_settings_are_told(looked, pointers):
    item = looked(vat_pointers=pointers)["vat"]
    assert not item.ok
    assert "4: %20" in item.message.en
    assert looked(vat_pointers={"20": 4, "0": 0})["vat"].ok


@pytest.mark.parametrize(
    "settings", [{"warehouse": 9}, {"stock_warehouses": [1, 9]}, {"channel_warehouses": {"trendyol": 9}}]
)
def test_a_warehouse_that_is_not_there_is_told(looked, settings):
    item = looked(**settings)["warehouse"]
    assert not item.ok
    assert ": 9." in item.message.en


def test_a_missing_card_is_told(looked):
    item = looked(shipping_item="KARGOX")["cards"]
    assert "KARGOX" in item.message.en
    assert looked(shipping_item="", fee_item="", rounding_item="")["cards"].ok
