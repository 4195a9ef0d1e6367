"""The plugin as the engine sees it: manifest, settings, and a light import."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from kopru.model import InvoiceKind, Profile
from kopru.sdk import PluginKind
from kopru_ubltr import plugin
from kopru_ubltr.config import UblTrConfig


def test_the_manifest_names_exactly_the_supported_pairs():
    manifest = plugin.manifest
    assert (manifest.name, manifest.kind) == ("ubltr", PluginKind.EINVOICE_FORMAT)
    assert set(manifest.formats) == {
        (InvoiceKind.SALE, Profile.BASIC),
        (InvoiceKind.SALE, Profile.COMMERCIAL),
        (InvoiceKind.SALE, Profile.ARCHIVE),
        (InvoiceKind.RETURN, Profile.BASIC),
        (InvoiceKind.RETURN, Profile.ARCHIVE),
    }
    assert manifest.streams == {}
    assert manifest.writes == {}


def test_every_setting_is_explained_and_has_a_default():
    properties = UblTrConfig.model_json_schema()["properties"]
    assert all({"title", "description", "default"} <= each.keys() for each in properties.values())
    assert UblTrConfig() == UblTrConfig.model_validate({})


@pytest.mark.parametrize(
    "settings",
    [
        {"internet_dialect": "edm"},
        {"iban": "DE00"},
        {"customization_id": "TR1.3"},
        {"extra_notes": [""]},
        {"unknown": 1},
    ],
)
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValidationError):
        UblTrConfig.model_validate(settings)


def test_importing_the_plugin_loads_neither_lxml_nor_the_rule_engine():
    script = "import sys, kopru_ubltr; print({'lxml', 'saxonche', 'efatura_kontrol'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
