"""Manifest, settings and texts."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import kopru_hepsiburada
from kopru.sdk import Operation, Repeat
from kopru_hepsiburada import plugin
from kopru_hepsiburada.config import HepsiburadaConfig
from kopru_hepsiburada.texts import TEXTS

SOURCES = sorted(Path(kopru_hepsiburada.__file__).parent.rglob("*.py"))


def settings(**values: Any) -> HepsiburadaConfig:
    base = {
        "merchant_id": "11111111-2222-4333-8444-555555555555",
        "service_key": "anahtar",
        "user_agent": "ornek",
    }
    return HepsiburadaConfig.model_validate({**base, **values})


@pytest.mark.parametrize(("environment", "suffix"), [("production", ""), ("sit", "-sit")])
def test_each_service_has_its_host(environment: str, suffix: str) -> None:
    config, manifest = settings(environment=environment), plugin.manifest
    assert manifest.base_url is not None and manifest.hosts is not None and manifest.local_network is not None
    assert manifest.base_url(config) == f"https://oms-external{suffix}.hepsiburada.com"
    assert manifest.hosts(config) == (f"https://listing-external{suffix}.hepsiburada.com",)
    assert not manifest.local_network(config)


def test_writes_set_a_state_and_uploads_end_later() -> None:
    writes = plugin.manifest.writes
    assert {write.repeat for write in writes.values()} == {Repeat.ABSOLUTE}
    assert {name for name, write in writes.items() if write.asynchronous} == {
        Operation.PUSH_STOCK,
        Operation.PUSH_PRICES,
    }


def test_quotas_stay_below_what_is_granted() -> None:
    assert sum(quota.calls for quota in plugin.manifest.quotas) <= 1000


def test_the_merchant_id_is_the_user_name_unless_another_is_entered() -> None:
    assert settings().username == settings().merchant_id
    assert settings(basic_username=" ornek_dev ").username == "ornek_dev"


@pytest.mark.parametrize(
    "values",
    [
        {"merchant_id": "123"},
        {"service_key": ""},
        {"user_agent": ""},
        {"user_agent": "ad\nbaşka"},
        {"basic_username": "a:b"},
        {"environment": "simulator"},
        {"environment": "simulator", "oms_url": "http://127.0.0.1:1"},
        {"environment": "simulator", "oms_url": "http://127.0.0.1:1", "listing_url": "https://example.com"},
        {"oms_url": "ftp://example.com"},
        {"cancel_reason": "stok"},
        {"first_element": 2},
        {"parcel_deci": 0},
        {"bilinmeyen": 1},
    ],
)
def test_wrong_settings(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**values)


def test_every_text_is_used_and_every_use_has_a_text() -> None:
    code = "\n".join(path.read_text() for path in SOURCES if path.name != "texts.py")
    literal = set(re.findall(r'"(hepsiburada\.[a-z_.]+)"', code))
    built = {
        f"hepsiburada.check.{name}" for name in ("orders", "packages", "cancelled", "claims", "listings")
    }
    prefixes = {"hepsiburada.order", "hepsiburada.listing", "hepsiburada.claim"}
    assert literal - prefixes <= TEXTS.codes()
    assert TEXTS.codes() == (literal - prefixes) | built


def test_texts_have_both_languages_and_the_same_places() -> None:
    for code in TEXTS.codes():
        text = TEXTS[code]
        assert text.tr != text.en
        assert sorted(re.findall(r"{\w+}", text.tr)) == sorted(re.findall(r"{\w+}", text.en))
