"""What the plugin states about itself, its settings, and the connection check."""

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from kopru.model import Profile
from kopru.sdk import Operation, PluginKind, Repeat
from kopru.testing.faults import Fault, FaultKind
from kopru.toolkit.einvoice import GibGroup
from kopru_uyumsoft import plugin
from kopru_uyumsoft.codes import DRAFTS, PAYMENT_FORMS, STATES, STATUS_CODES
from kopru_uyumsoft.config import LIVE_URL, TEST_URL, UyumsoftConfig
from kopru_uyumsoft.texts import TEXTS

BASE = {"username": "u", "password": "p"}


def test_the_manifest_agrees_with_the_hooks():
    manifest = plugin.manifest
    assert (manifest.name, manifest.kind) == ("uyumsoft", PluginKind.EINVOICE_CHANNEL)
    assert set(manifest.writes) == {Operation.SUBMIT_INVOICE, Operation.CANCEL_DOCUMENT}
    assert manifest.writes[Operation.SUBMIT_INVOICE].repeat is Repeat.NATURAL_UNIQUE
    assert {Profile.BASIC, Profile.COMMERCIAL, Profile.ARCHIVE} <= set(manifest.profiles)
    assert vars(plugin) == {}


def test_importing_the_plugin_does_not_import_zeep():
    code = (
        "import sys, kopru_uyumsoft; print(sorted({'zeep', 'requests', 'kopru.testing'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_environment_and_interface_choose_the_address():
    live = UyumsoftConfig(**BASE)
    assert plugin.manifest.base_url(live) == LIVE_URL
    assert live.description_url == f"{LIVE_URL}/Services/Integration?wsdl"
    test = UyumsoftConfig(**BASE, environment="test", interface="basic", description_query="singleWsdl")
    assert test.service_url == f"{TEST_URL}/Services/BasicIntegration"
    assert test.description_url.endswith("?singleWsdl")
    own = UyumsoftConfig(**BASE, service_path="/svc/X", live_url="https://vekil.example.com/")
    assert own.service_url == "https://vekil.example.com/svc/X"


def test_the_settings_form_hides_the_password_and_explains_every_field():
    schema = UyumsoftConfig.model_json_schema()
    assert schema["properties"]["password"]["format"] == "password"
    for name, field in schema["properties"].items():
        assert field["title"] and field["description"], name
    config = UyumsoftConfig(username="u", password="canary")
    assert "canary" not in f"{config!r} {config} {json.dumps(config.model_dump(mode='json'))}"


@pytest.mark.parametrize(
    "change",
    [{"password": ""}, {"username": ""}, {"tax_number": "1"}, {"interface": "x"}, {"service_path": "a b"},
     {"description_query": "wsdl#"}, {"test_url": "ftp://x"}, {"page_size": 0}, {"status_batch": 0}, {"more": 1}],
)  # fmt: skip
def test_wrong_settings_are_refused(change):
    with pytest.raises(ValidationError):
        UyumsoftConfig(**{**BASE, **change})


def test_the_tables_are_complete():
    assert set(STATUS_CODES.values()) | DRAFTS == {*STATES, "Approved", "Error"}
    assert all(f"uyumsoft.gib.{group}" in TEXTS for group in GibGroup)
    assert len(set(PAYMENT_FORMS.values())) == 5


@pytest.mark.parametrize("interface", ["integration", "basic"])
def test_a_working_connection_is_green(make_ctx, interface):
    result = plugin.check_connection(make_ctx(interface=interface))
    assert result.ok
    assert [item.name for item in result.items] == ["login", "company", "services"]


def items(ctx):
    return {item.name: item for item in plugin.check_connection(ctx).items}


@pytest.mark.parametrize("interface", ["integration", "basic"])
def test_a_refused_login_says_what_to_do(make_ctx, interface):
    found = items(make_ctx(interface=interface, password="wrong"))
    assert set(found) == {"login"}
    assert not found["login"].ok
    assert found["login"].fix == TEXTS["uyumsoft.check.login.fix"]


def test_another_company_and_missing_services_are_told(simulator, make_ctx):
    assert not items(make_ctx(tax_number="9911111111"))["company"].ok
    simulator.account.services["HasEInvoice"] = False
    services = items(make_ctx())["services"]
    assert services.ok
    assert services.message.tr == "Açık servisler: e-Arşiv."
    simulator.account.services["HasEarchive"] = False
    services = items(make_ctx())["services"]
    assert (services.ok, services.fix is not None) == (False, True)


def test_a_wrong_path_or_interface_is_told(simulator, make_ctx):
    missing = items(make_ctx(service_path="/Services/Yok"))["login"]
    assert (missing.ok, missing.fix) == (False, TEXTS["uyumsoft.check.unreachable.fix"])
    crossed = items(make_ctx(service_path="/Services/Integration", interface="basic"))["login"]
    assert not crossed.ok
    assert "soap" not in crossed.message.tr


def test_a_hostile_description_is_told(simulator, make_ctx):
    simulator.faults.add(Fault(FaultKind.REPLACED, "GET", "wsdl$", body="<!DOCTYPE a><a/>"))
    assert not items(make_ctx())["login"].ok
    assert not [request for request in simulator.served if request.method == "POST"]
