"""What the connector states about itself."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import kopru_mikro
from kopru.sdk import Operation, PluginKind, Repeat, Serial
from kopru_mikro import plugin
from kopru_mikro.config import Codes, MikroConfig
from kopru_mikro.texts import TEXTS

SOURCE = Path(kopru_mikro.__file__).parent


def test_the_manifest_names_the_facts_the_engine_needs():
    manifest = plugin.manifest
    assert (manifest.name, manifest.kind) == ("mikro", PluginKind.ACCOUNTING)
    for operation in (Operation.POST_INVOICE, Operation.POST_ORDER):
        assert manifest.writes[operation].repeat is Repeat.QUERY_BY_REF
        assert manifest.writes[operation].serial is Serial.CONNECTION
    assert all(write.quiet > write.timeout for write in manifest.writes.values())


@pytest.mark.parametrize(
    ("url", "version", "address"),
    [
        ("http://10.0.0.5", "V17", "http://10.0.0.5:8094"),
        ("http://10.0.0.5/", "V16", "http://10.0.0.5:8084"),
        (" http://sunucu:8084 ", "V17", "http://sunucu:8084"),
        ("https://mikro.example.com", "V17", "https://mikro.example.com"),
        ("http://[fd00::5]", "V17", "http://[fd00::5]:8094"),
    ],
)
def test_the_port_is_the_versions_unless_given(make_config, url, version, address):
    config = make_config(url=url, version=version)
    assert plugin.manifest.base_url(config) == address


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "10.0.0.5:8094"},
        {"url": "http://10.0.0.5/Api/APIMethods"},
        {"url": "http://10.0.0.5:port"},
        {"password": ""},
        {"working_year": 26},
        {"codes": {"series": "TOOLONG"}},
        {"codes": {"series": ""}},
        {"unit_pointers": {"C62": 5}},
        {"second_key": "user_column"},
        {"user_column": "x; DROP TABLE y"},
        {"vat_pointers": {"yirmi": 4}},
        {"unknown": 1},
    ],
)
def test_wrong_settings_are_refused(make_config, wrong):
    with pytest.raises(ValidationError):
        make_config(**wrong)


def test_the_form_hides_secrets_and_explains_every_field():
    schema = MikroConfig.model_json_schema()
    for definition in (schema, schema["$defs"]["Codes"], schema["$defs"]["Numbers"]):
        for name, field in definition["properties"].items():
            assert field.get("title"), name
            assert field.get("description"), name
    secret = {
        name for name, field in schema["properties"].items() if '"format": "password"' in json.dumps(field)
    }
    assert secret == {"password", "api_key"}


def test_network_settings_reach_the_transport(make_config):
    config = make_config(local=False, verify_tls=False)
    assert not plugin.manifest.local_network(config)
    assert not plugin.manifest.verify_tls(config)


def test_settings_survive_being_stored(make_config):
    config = make_config(vat_pointers={"20": 4}, channels={"ty": {"series": "TY"}}, stock_warehouses=[1])
    stored = json.loads(config.model_dump_json())
    again = MikroConfig.model_validate({**stored, "password": "p", "api_key": "k"})
    assert again == config


def test_codes_of_a_channel_fill_up_from_the_general_ones():
    own = Codes(series="TY")
    assert own.over(Codes(series="KPR", project="P")) == Codes(series="TY", project="P")


def test_every_text_code_in_the_source_has_a_text():
    code = re.compile(r'"(mikro\.(?:[a-z_]+\.)*[a-z_]+)"')
    prefixes = {"mikro.item", "mikro.party", "mikro.stock", "mikro.document", "mikro.lines_differ"}
    used = {
        found
        for path in SOURCE.rglob("*.py")
        if "simulat" not in str(path) and path.name != "texts.py"
        for found in code.findall(path.read_text())
    }
    assert used - TEXTS.codes() == prefixes
    assert TEXTS.codes() - used == set()


def test_both_languages_of_a_text_have_the_same_places():
    place = re.compile(r"\{(\w+)\}")
    for code in TEXTS.codes():
        text = TEXTS[code]
        assert sorted(place.findall(text.tr)) == sorted(place.findall(text.en)), code
        assert "code" not in place.findall(text.en)


def test_importing_the_plugin_opens_nothing_heavy():
    script = (
        "import sys, kopru.sdk; before = set(sys.modules); import kopru_mikro; new = set(sys.modules) - before; "
        "print([n for n in ('httpx', 'sqlite3', 'socketserver', 'lxml', 'kopru_mikro.simulator') if n in new])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
