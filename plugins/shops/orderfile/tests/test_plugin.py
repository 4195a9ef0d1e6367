"""The package as a whole: manifest, settings, texts, the shipped sample, and what an import costs."""

import re
import string
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import ValidationError

import kopru_orderfile
from kopru.hooks.specs import KopruSpecs
from kopru.model import LineKind, OrderStatus, PartyKind
from kopru.sdk import HOOK_API, Raw
from kopru_orderfile import plugin
from kopru_orderfile.config import OrderFileConfig
from kopru_orderfile.fields import FIELDS
from kopru_orderfile.profiles import PROFILES
from kopru_orderfile.texts import TEXTS

D = Decimal
SOURCE = Path(kopru_orderfile.__file__).parent
SAMPLE = files("kopru_orderfile") / "samples" / "ornek-siparisler.csv"


class TestSample:
    def orders(self):
        records = plugin.parse_orders(OrderFileConfig(folder="unused"), Raw(SAMPLE.read_bytes()))
        assert [record.findings for record in records] == [()] * 6
        return {record.external_id: record.value for record in records}

    def test_it_needs_no_settings_and_leaves_nothing_to_remark(self):
        assert {number: order.total for number, order in self.orders().items()} == {
            "WEB-1001": D("315.80"), "WEB-1002": D("3175.00"), "WEB-1003": D("1078.89"), "WEB-1004": D("1060.20"),
            "WEB-1005": D("165.99"), "WEB-1006": D("247.90"),
        }  # fmt: skip

    def test_it_can_be_previewed_without_a_connection(self):
        config = OrderFileConfig.model_construct()
        assert len(plugin.parse_orders(config, Raw(SAMPLE.read_bytes()))) == 6

    def test_it_shows_what_orders_have(self):
        orders = self.orders()
        assert [line.kind for line in orders["WEB-1001"].lines] == [LineKind.GOODS, LineKind.SHIPPING]
        assert orders["WEB-1002"].buyer.kind is PartyKind.COMPANY
        assert orders["WEB-1002"].lines[0].discount_total == D("100.00")
        assert {line.vat_rate for line in orders["WEB-1003"].lines} == {D(1), D(10)}
        assert orders["WEB-1005"].status is OrderStatus.CANCELLED
        assert orders["WEB-1006"].shipping.tracking_number == "KRG0000000031"
        assert orders["WEB-1001"].placed_at == datetime(2026, 3, 2, 6, 14, tzinfo=UTC)

    def test_its_headings_are_the_turkish_template(self):
        config = OrderFileConfig(folder="unused", profile="generic-tr")
        by_template = plugin.parse_orders(config, Raw(SAMPLE.read_bytes()))
        assert {record.external_id: record.value for record in by_template} == self.orders()


class TestManifest:
    def test_it_is_found_by_its_name(self):
        (point,) = entry_points(group="kopru.plugins", name="orderfile")
        assert point.value == "kopru_orderfile:plugin"
        assert plugin.manifest.name == "orderfile"

    def test_it_names_the_streams_it_has_and_writes_nothing(self):
        hooks = {name for name in dir(plugin) if hasattr(KopruSpecs, name) and not name.startswith("_")}
        assert hooks == {"check_connection", "fetch_orders", "parse_orders", "fetch_refs"}
        assert set(plugin.manifest.streams) == {"fetch_orders"}
        assert not plugin.manifest.writes
        assert plugin.manifest.hook_api == (HOOK_API, HOOK_API)

    def test_importing_it_does_not_import_the_spreadsheet_library(self):
        code = "import sys, kopru_orderfile; sys.exit('openpyxl' in sys.modules)"
        paths = [str(SOURCE.parent), *sys.path]
        found = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}; {code}"], check=False
        )
        assert found.returncode == 0


class TestConfig:
    def test_only_the_folder_is_required(self):
        assert OrderFileConfig(folder="/tmp").profile == "auto"
        with pytest.raises(ValidationError):
            OrderFileConfig()

    def test_every_setting_has_a_title_and_a_description(self):
        for name, schema in OrderFileConfig.model_json_schema()["properties"].items():
            assert schema.get("title") and schema.get("description"), name

    @pytest.mark.parametrize(
        "bad",
        [
            {"columns": {"quantitty": "Adet"}}, {"encoding": "klingon"}, {"encoding": "base64"}, {"timezone": "Mars/X"},
            {"timezone": "../etc"}, {"profile": "nope"}, {"statuses": {"Yeni": "brandnew"}}, {"default_vat": 101},
            {"currency": "TL"}, {"pattern": "../*"}, {"pattern": "/etc/*"}, {"delimiter": "x"}, {"folder": ""}, {"unknown": 1},
        ],
    )  # fmt: skip
    def test_wrong_settings_are_refused(self, bad):
        with pytest.raises(ValidationError):
            OrderFileConfig(**{"folder": "/tmp", **bad})

    def test_a_mistyped_field_is_answered_with_the_right_one(self):
        with pytest.raises(ValidationError, match="did you mean quantity"):
            OrderFileConfig(folder="/tmp", columns={"quantitty": "Adet"})


class TestReadme:
    TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")

    def test_it_lists_every_setting_profile_and_field(self):
        for name in (*OrderFileConfig.model_fields, *PROFILES):
            assert f"`{name}`" in self.TEXT, name
        for name in FIELDS:
            group = re.sub(r"^(billing|ship)_.+", r"\1_…", name)
            assert f"`{name}`" in self.TEXT or f"`{group}`" in self.TEXT, name

    def test_its_first_example_is_the_sample(self):
        sample = SAMPLE.read_text(encoding="utf-8-sig")
        for cell in ("WEB-1002", "Masa Lambası No 8", "3.175,00", "100,00"):
            assert cell in sample and cell in self.TEXT


class TestTexts:
    def test_every_code_in_the_source_has_a_text_and_every_text_is_used(self):
        source = "".join(path.read_text() for path in SOURCE.glob("*.py") if path.name != "texts.py")
        for code in TEXTS.codes():
            last = code.rsplit(".", 1)[1]
            assert re.search(rf'"(?:[a-z_.]*\.)?{last}"', source), code

    def test_both_languages_fill_the_same_places(self):
        def places(text):
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            return {re.sub(r"_(tr|en)$", "", name) for name in names}

        for code in TEXTS.codes():
            assert places(TEXTS[code].tr) == places(TEXTS[code].en), code
