"""What the plugin states about itself agrees with what it does."""

import json
import re
import string
from uuid import uuid4

import pytest
from pydantic import ValidationError

from kopru.model import Profile
from kopru.sdk import Operation, PluginKind, Repeat
from kopru.toolkit.einvoice import GIB_FAULTS
from kopru_nilvera import plugin
from kopru_nilvera.codes import REFUSALS
from kopru_nilvera.config import LIVE_URL, TEST_URL, NilveraConfig
from kopru_nilvera.texts import TEXTS

HOOKS = {
    "check_connection", "fetch_definitions", "lookup_recipient", "submit_invoice", "locate", "fetch_receipts",
    "fetch_document", "cancel_document", "fetch_inbox", "fetch_refs",
}  # fmt: skip


def test_the_manifest_agrees_with_the_hooks():
    manifest = plugin.manifest
    assert (manifest.name, manifest.kind) == ("nilvera", PluginKind.EINVOICE_CHANNEL)
    marked = {name for name in dir(type(plugin)) if hasattr(getattr(type(plugin), name), "kopru_impl")}
    assert marked == HOOKS
    assert set(manifest.streams) == {"fetch_inbox", "fetch_refs"}
    assert set(manifest.writes) == {Operation.SUBMIT_INVOICE, Operation.CANCEL_DOCUMENT}
    assert manifest.writes[Operation.SUBMIT_INVOICE].repeat is Repeat.NATURAL_UNIQUE
    assert {Profile.BASIC, Profile.COMMERCIAL, Profile.ARCHIVE} <= set(manifest.profiles)


def test_the_plugin_holds_no_state():
    assert vars(plugin) == {}


def test_the_environment_chooses_the_address():
    live, test = NilveraConfig(api_key="k"), NilveraConfig(api_key="k", environment="test")
    assert plugin.manifest.base_url(live) == LIVE_URL
    assert plugin.manifest.base_url(test) == TEST_URL
    assert not plugin.manifest.local_network(live)


def test_the_settings_form_hides_the_key_and_explains_every_field():
    schema = NilveraConfig.model_json_schema()
    assert schema["properties"]["api_key"]["format"] == "password"
    for name, field in schema["properties"].items():
        assert field["title"] and field["description"], name
    config = NilveraConfig(api_key="canary")
    assert "canary" not in f"{config!r} {config} {json.dumps(config.model_dump(mode='json'))}"


@pytest.mark.parametrize(
    "change",
    [{"api_key": ""}, {"tax_number": "123"}, {"environment": "prod"}, {"test_url": "ftp://x"}, {"page_size": 0},
     {"template_e_invoice": "x"}, {"sort_column": "a b"}, {"inbox_date_filter": "x"}, {"unknown": 1}],
)  # fmt: skip
def test_wrong_settings_are_refused(change):
    with pytest.raises(ValidationError):
        NilveraConfig(**{"api_key": "k", **change})


def test_stored_settings_of_this_version_load_again():
    stored = {
        "api_key": "k",
        "environment": "test",
        "tax_number": "1234567890",
        "template_e_archive": str(uuid4()),
    }
    config = NilveraConfig.model_validate(stored)
    again = {**config.model_dump(mode="json"), "api_key": config.api_key.get_secret_value()}
    assert NilveraConfig.model_validate(again) == config


def test_every_code_in_the_tables_has_a_text():
    for code in {code for _, code in REFUSALS.values()} | {
        f"nilvera.gib.{group}" for group in GIB_FAULTS.values()
    }:
        assert code in TEXTS


@pytest.mark.parametrize("code", sorted(TEXTS.codes()))
def test_both_languages_say_the_same_places_and_differ(code):
    text = TEXTS[code]
    places = [
        {name for _, name, _, _ in string.Formatter().parse(words) if name} for words in (text.tr, text.en)
    ]
    assert places[0] == places[1]
    assert text.tr.strip() and text.en.strip() and text.tr != text.en
    assert re.fullmatch(r"nilvera(\.[a-z_]+)+", code)


def test_a_failed_check_always_has_its_fix():
    for code in TEXTS.codes():
        if code.endswith(".fix") and code != "nilvera.check.unreachable.fix":
            assert code.removesuffix(".fix") in TEXTS
