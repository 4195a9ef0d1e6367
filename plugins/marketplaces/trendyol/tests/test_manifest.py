"""What the connector states about itself, its settings and its texts."""

import ast
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import kopru_trendyol
from kopru.sdk import Operation, PluginKind, Quota, Repeat
from kopru_trendyol import plugin
from kopru_trendyol.config import Paths, TrendyolConfig
from kopru_trendyol.quotas import Tier, quotas_for
from kopru_trendyol.texts import TEXTS

SOURCE = Path(kopru_trendyol.__file__).parent
MINIMUM = {"seller_id": "123456", "api_key": "key-canary", "api_secret": "secret-canary"}


def test_the_manifest_states_the_documented_facts() -> None:
    manifest = plugin.manifest
    assert (manifest.name, manifest.kind) == ("trendyol", PluginKind.MARKETPLACE)
    orders = manifest.streams["fetch_orders"]
    assert (orders.largest_page, orders.span, orders.reach) == (200, timedelta(days=14), timedelta(days=90))
    stock = manifest.writes[Operation.PUSH_STOCK]
    assert (stock.repeat, stock.batch, stock.asynchronous) == (Repeat.ABSOLUTE, 1000, True)
    assert manifest.writes[Operation.UPDATE_ORDER_STATUS].repeat is Repeat.ABSOLUTE


def test_production_stage_and_simulator_addresses() -> None:
    manifest = plugin.manifest
    assert manifest.base_url is not None
    assert manifest.local_network is not None
    production = TrendyolConfig.model_validate(MINIMUM)
    assert manifest.base_url(production) == "https://apigw.trendyol.com/integration"
    stage = TrendyolConfig.model_validate({**MINIMUM, "environment": "stage"})
    assert manifest.base_url(stage) == "https://stageapigw.trendyol.com/integration"
    assert not manifest.local_network(production)
    local = {**MINIMUM, "environment": "simulator", "base_url": "http://127.0.0.1:8080/integration"}
    assert manifest.local_network(TrendyolConfig.model_validate(local))


@pytest.mark.parametrize(
    "change",
    [
        {"seller_id": "abc"},
        {"seller_id": ""},
        {"api_key": ""},
        {"integrator_name": "Has Blank"},
        {"integrator_name": "x" * 31},
        {"store_front_code": "T R"},
        {"environment": "simulator"},
        {"environment": "simulator", "base_url": "http://10.0.0.5/"},
        {"environment": "simulator", "base_url": "http://[bad"},
        {"cancel_reason": 503},
        {"order_date_offset_hours": 99},
        {"surprise": 1},
        {"paths": {"order_list": "no-slash"}},
        {"paths": {"order_list": "/{unknown}"}},
        {"paths": {"order_list": "/{seller"}},
    ],
)
def test_wrong_settings_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TrendyolConfig.model_validate({**MINIMUM, **change})


def test_secrets_stay_hidden() -> None:
    config = TrendyolConfig.model_validate({**MINIMUM, "webhook_password": "hook-canary"})
    for shown in (repr(config), str(config.model_dump()), config.model_dump_json()):
        assert "canary" not in shown
    fields = TrendyolConfig.model_json_schema()["properties"]
    for name in ("api_key", "api_secret", "webhook_password", "webhook_api_key"):
        assert fields[name]["format"] == "password"


def test_every_setting_is_explained() -> None:
    fields = TrendyolConfig.model_json_schema()["properties"]
    assert all(field.get("title") and field.get("description") for field in fields.values())
    assert all(field.title for field in Paths.model_fields.values())


def test_quotas_grow_with_the_tier_and_match_their_services() -> None:
    def calls(tier: Tier, method: str, path: str) -> dict[str, int]:
        found = (each for each in quotas_for(tier) if each.method in ("*", method))
        return {each.name: each.calls for each in found if re.search(each.path, path)}

    listing = "/integration/order/sellers/123456/v2/orders"
    assert [calls(tier, "GET", listing)["order-list"] for tier in Tier] == [30, 40, 50, 100, 100]
    package = "/integration/order/sellers/123456/shipment-packages/7"
    assert calls(Tier.UP_TO_50K, "PUT", package)["package-status"] == 300
    assert set(calls(Tier.UNLIMITED, "PUT", package)) == {"package-status-burst"}
    assert calls(Tier.UP_TO_50K, "PUT", package + "/items/unsupplied")["package-cancel"] == 100
    paths = Paths()
    for name, template in paths.model_dump().items():
        path = template.format(seller="1", package="2", tracking="3", batch="4")
        matching = {method for method in ("GET", "PUT", "POST") if calls(Tier.UP_TO_50K, method, path)}
        assert matching, f"no quota for {name}"
    assert plugin.manifest.quotas == quotas_for(Tier.UP_TO_50K)
    assert all(isinstance(each, Quota) for each in plugin.manifest.quotas)


def test_every_code_in_the_source_has_a_text_and_every_text_is_used() -> None:
    written = set()
    for file in SOURCE.rglob("*.py"):
        if file.name == "texts.py" or "simulation" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                written.add(node.value)
    coded = {text for text in written if re.fullmatch(r"trendyol(\.[a-z_]+){2}", text)}
    computed = {f"trendyol.check.{name}" for name in ("orders", "products", "claims")}
    assert coded - TEXTS.codes() == set(), "codes without a text"
    assert TEXTS.codes() - written - computed == set(), "texts nobody uses"


def test_importing_is_quick_and_quiet() -> None:
    script = (
        "import sys, time, kopru.sdk, kopru.toolkit.validation, kopru.toolkit.dates\n"
        "start = time.perf_counter()\n"
        "import kopru_trendyol\n"
        "print(time.perf_counter() - start)\n"
        "assert 'kopru_trendyol.simulator' not in sys.modules\n"
        "assert 'httpx' not in sys.modules\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert float(run.stdout) < 2, "generous: only a runaway import fails here"
