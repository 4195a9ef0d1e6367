"""What the connector states about itself."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import kopru_logo
from kopru.model import InvoiceKind
from kopru.sdk import Operation, PluginKind, Repeat, Serial
from kopru_logo import plugin
from kopru_logo.config import Codes, LogoConfig
from kopru_logo.texts import TEXTS

SOURCE = Path(kopru_logo.__file__).parent


def test_the_manifest_names_the_facts_the_engine_needs():
    manifest = plugin.manifest
    assert (manifest.name, manifest.kind) == ("logo", PluginKind.ACCOUNTING)
    assert manifest.writes[Operation.POST_INVOICE].repeat is Repeat.QUERY_BY_REF
    assert manifest.writes[Operation.POST_INVOICE].serial is Serial.CONNECTION
    assert all(write.timeout.total_seconds() == 120 for write in manifest.writes.values())
    assert all(write.quiet > write.timeout for write in manifest.writes.values())
    assert InvoiceKind.RETURN in manifest.documents


def test_every_hook_has_its_facts():
    for operation in plugin.manifest.writes:
        assert hasattr(plugin, operation.value)
    for stream in plugin.manifest.streams:
        assert hasattr(plugin, stream)


def test_the_form_hides_secrets_and_explains_every_field():
    schema = LogoConfig.model_json_schema()
    for definition in (schema, schema["$defs"]["Codes"]):
        for name, field in definition["properties"].items():
            assert field.get("title"), name
            assert field.get("description"), name
    secret = {name for name, field in schema["properties"].items() if "password" in json.dumps(field)}
    assert secret == {"password", "client_secret"}


def test_secrets_do_not_print(make_config):
    config = make_config(password="gizli-parola", client_secret="gizli-anahtar")
    assert "gizli" not in repr(config)
    assert "gizli" not in config.model_dump_json()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://10.0.0.5:32001", "http://10.0.0.5:32001/api/v1"),
        (" http://10.0.0.5:32001/ ", "http://10.0.0.5:32001/api/v1"),
        ("https://logo.example.com:32002/api/v1/", "https://logo.example.com:32002/api/v1"),
    ],
)
def test_the_address_may_be_typed_with_or_without_the_api_path(make_config, given, kept):
    assert plugin.manifest.base_url(make_config(url=given)) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"firm": 0},
        {"period": 100},
        {"order_status": 3},
        {"unknown": 1},
        {"period_start": "2026-12-31", "period_end": "2026-01-01"},
    ],
)
def test_wrong_settings_are_refused(make_config, wrong):
    with pytest.raises(ValidationError):
        make_config(**wrong)


def test_network_settings_reach_the_transport(make_config):
    config = make_config(local=False, verify_tls=False)
    assert not plugin.manifest.local_network(config)
    assert not plugin.manifest.verify_tls(config)


def test_every_text_code_in_the_source_has_a_text():
    code = re.compile(r'"(logo\.(?:[a-z_]+\.)*[a-z_]+)"')
    events = {"logo.list_missing", "logo.logout_failed", "logo.original_not_found", "logo.reference_not_kept"}
    prefixes = {"logo.item", "logo.party", "logo.stock", "logo.document"}
    used = {
        found
        for path in SOURCE.rglob("*.py")
        if "simulat" not in str(path) and path.name != "texts.py"
        for found in code.findall(path.read_text())
    }
    assert used - TEXTS.codes() == events | prefixes
    built = {f"logo.check.{name}" for name in ("version", "licence")}
    assert TEXTS.codes() - used == built


def test_both_languages_of_a_text_have_the_same_places():
    place = re.compile(r"\{(\w+)\}")
    for code in TEXTS.codes():
        text = TEXTS[code]
        assert sorted(place.findall(text.tr)) == sorted(place.findall(text.en)), code
        assert "code" not in place.findall(text.en)


def test_codes_of_a_channel_fill_up_from_the_general_ones():
    own = Codes(auxil_code="TY")
    assert own.over(Codes(auxil_code="X", project_code="P")) == Codes(auxil_code="TY", project_code="P")


def test_importing_the_plugin_opens_nothing_heavy():
    script = (
        "import sys, kopru.sdk; before = set(sys.modules); import kopru_logo; new = set(sys.modules) - before; "
        "print([n for n in ('httpx', 'socketserver', 'lxml', 'sqlalchemy', 'kopru_logo.simulator') if n in new])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
