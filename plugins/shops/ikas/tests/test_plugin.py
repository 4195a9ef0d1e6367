"""Manifest, settings and texts."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import kopru_ikas
from kopru.sdk import Operation, Repeat
from kopru_ikas import plugin, queries
from kopru_ikas.config import IkasConfig
from kopru_ikas.simulation import graphql
from kopru_ikas.texts import TEXTS

SOURCES = sorted(Path(kopru_ikas.__file__).parent.rglob("*.py"))


def settings(**values: Any) -> IkasConfig:
    return IkasConfig.model_validate({"client_id": "id", "client_secret": "secret", **values})


def test_quotas_follow_the_setting() -> None:
    assert [(quota.calls, quota.period) for quota in plugin.manifest.quotas] == [(40, timedelta(seconds=10))]
    assert plugin.manifest.quotas_for is not None
    assert plugin.manifest.quotas_for(settings(requests_per_10s=12))[0].calls == 12


def test_writes_set_a_state() -> None:
    assert {operation: write.repeat for operation, write in plugin.manifest.writes.items()} == dict.fromkeys(
        (Operation.UPDATE_ORDER_STATUS, Operation.PUSH_STOCK, Operation.PUSH_PRICES), Repeat.ABSOLUTE
    )


def test_the_address_is_ikas_unless_told_otherwise() -> None:
    assert plugin.manifest.base_url is not None and plugin.manifest.local_network is not None
    assert plugin.manifest.base_url(settings()) == "https://api.myikas.com"
    assert settings().graphql == "/api/v2/admin/graphql"
    assert settings(api_version="v1").graphql == "/api/v1/admin/graphql"
    assert not plugin.manifest.local_network(settings())


@pytest.mark.parametrize(
    "values",
    [
        {"requests_per_10s": 51},
        {"batch_rows": 0},
        {"left_out_fields": ("orderLineItems",)},
        {"left_out_fields": ("id",)},
        {"left_out_fields": ("salesChannel",), "sales_channels": ("Mağaza",)},
        {"left_out_fields": ("sourceId",)},
        {"environment": "simulator", "base_url": "https://api.example.com"},
        {"graphql_path": "/api/{shop}/graphql"},
        {"token_path": "https://evil.example.com/token"},
        {"default_vat_rate": 120},
        {"client_secret": ""},
        {"bilinmeyen": 1},
    ],
)
def test_wrong_settings(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**values)


def test_every_optional_field_is_asked_for_and_can_be_left_out() -> None:
    from kopru.toolkit.graphql import without

    for name in queries.OPTIONAL_FIELDS:
        assert re.search(rf"\b{name}\b", queries.ORDER), name
        for version in ("v1", "v2"):
            left = graphql.read(queries.list_order(without(queries.ORDER, {name})), version)
            assert name not in {field.name for field in left.root.selection[-1].selection}


@pytest.mark.parametrize(("version", "answer"), [("v1", "errors"), ("v2", "errors"), ("v2", "error_inputs")])
def test_every_document_fits_its_schema(version: str, answer: str) -> None:
    schema = "v2-error-inputs" if answer == "error_inputs" else version
    documents = [value for value in vars(queries).values() if isinstance(value, str) and "{" in value[:400]]
    whole = [
        each for each in documents if each.lstrip().startswith(("query", "mutation")) and "%s" not in each
    ]
    lists = [queries.list_order(each) for each in (queries.ORDER, queries.ORDER_ROW, queries.ORDER_STATE)]
    rows = [queries.save_stock(version, answer)[0], queries.save_prices(version, answer)[0]]
    shared = [each for each in whole if not re.search(r"saveVariantPrices|saveProductStockLocations", each)]
    assert len(shared) >= 9
    for document in (*shared, *lists, *rows):
        graphql.read(document, schema)


def test_every_text_is_used_and_every_use_has_a_text() -> None:
    code = "\n".join(path.read_text() for path in SOURCES if path.name != "texts.py")
    literal = set(re.findall(r'"(ikas\.[a-z_.0-9]+)"', code))
    built = {f"ikas.check.{name}" for name in ("login", "shop", "orders", "products", "stock", "taxes")}
    built |= {"ikas.check.tax_differs_fix", "ikas.check.tax_mixed_fix"}
    prefixes = {"ikas.order", "ikas.product", "ikas.return"}
    assert literal - prefixes <= TEXTS.codes()
    assert TEXTS.codes() <= literal | built


def test_texts_have_both_languages_and_the_same_places() -> None:
    for code in TEXTS.codes():
        text = TEXTS[code]
        assert text.tr != text.en
        assert sorted(re.findall(r"{\w+}", text.tr)) == sorted(re.findall(r"{\w+}", text.en))
