"""What the connector states about itself, its settings, its statements and its connection check."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

import kopru_eta
from kopru.sdk import Operation, Repeat
from kopru.testing.sql import translate
from kopru.transport.statements import Kind, load
from kopru_eta import plugin
from kopru_eta.config import EtaConfig
from kopru_eta.texts import TEXTS

SOURCE = Path(kopru_eta.__file__).parent
STATEMENTS = sorted(path.stem for path in (SOURCE / "statements").glob("*.sql"))
WRITING = ("call_", "copy_", "mark_", "next_", "delete_")


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_statement_declares_what_it_does(name):
    statement = load("kopru_eta", name)
    assert (statement.kind is Kind.WRITE) == name.startswith(WRITING)
    if not name.startswith("call_"):
        text = re.sub(r"\$\((\w+)\)", r"\1", statement.text)
        assert translate(text, tuple(statement.types.items()))


def test_every_statement_is_used():
    code = "".join(path.read_text("utf-8") for path in SOURCE.glob("*.py"))
    assert [name for name in STATEMENTS if f'"{name}"' not in code] == []


def test_the_manifest_names_the_facts_the_engine_needs(ctx):
    manifest = plugin.manifest
    assert manifest.writes[Operation.POST_INVOICE].repeat is Repeat.QUERY_BY_REF
    assert all(write.quiet > write.timeout for write in manifest.writes.values())
    server = manifest.sql_server(ctx.config)
    assert (server.local, server.encrypt) == (True, False)
    abroad = manifest.sql_server(ctx.config.model_copy(update={"local": False}))
    assert abroad.encrypt, "another network is reached with encryption only"


def test_a_new_connection_writes_nothing():
    config = EtaConfig(server="10.0.0.5", username="u", password="p", databases={2026: "ETA_X_2026"})
    assert (config.sales, config.purchases, config.experimental) == ("none", "none", False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": ""},
        {"server": "a/b"},
        {"databases": {}},
        {"databases": {"2026": "x]; DROP DATABASE y"}},
        {"databases": {"20": "ETA"}},
        {"procedures": {"header": "dbo.sp x"}},
        {"experimental": False},
        {"sales": "none", "experimental": False},
        {"sales": "file", "folder": ""},
        {"warehouse": ""},
        {"key_column": "FATHARACIKLAMA2"},
        {"receipts": {"name": "../{key}"}},
        {"receipts": {"name": "FILE.GTF"}},
        {"unknown": 1},
    ],
)
def test_wrong_settings_are_refused(make_ctx, wrong):
    with pytest.raises(ValidationError):
        make_ctx(**wrong)


def test_the_form_hides_the_password_and_explains_every_field():
    schema = EtaConfig.model_json_schema()
    for definition in (schema, *schema["$defs"].values()):
        for name, field in definition.get("properties", {}).items():
            assert field.get("title"), name
            assert field.get("description"), name
    secret = [
        name
        for name, field in schema["properties"].items()
        if "password" in json.dumps(field.get("format", ""))
    ]
    assert secret == ["password"]


def failed(ctx) -> dict[str, str]:
    return {item.name: item.message.en for item in plugin.check_connection(ctx).items if not item.ok}


def test_the_check_tells_what_to_put_right(sim, make_ctx):
    assert failed(make_ctx()) == {}
    assert set(failed(make_ctx(databases={str(sim.year - 1): sim.database(sim.year - 1)}))) == {"login"}
    assert set(failed(make_ctx(databases={str(sim.year): "NOT_THERE"}))) == {"login"}
    assert "99" in failed(make_ctx(invoice_types={"purchase": 99}))["lists"]
    assert "sp_Yok" in failed(make_ctx(procedures={"header": "dbo.sp_Yok"}))["procedures"]
    assert "YOK" in failed(make_ctx(shipping_item="YOK"))["cards"]
    assert set(failed(make_ctx(sales="file", folder="/nowhere/at/all"))) == {"folder"}
    sim.rows("DELETE FROM fathar WHERE fatharrefno = 1")
    assert "SABLON-SATIS" in failed(make_ctx())["templates"]


def test_a_column_that_is_not_there_is_named(sim, make_ctx):
    sim.rows("ALTER TABLE fathar DROP COLUMN fatharaciklama")
    assert "FATHAR.FATHARACIKLAMA" in failed(make_ctx(key_column="FATHARACIKLAMA"))["columns"]


def test_stock_and_prices_come_from_the_cards(sim, ctx, world):
    wanted = [world.items[1].code, "YOK", world.items[0].code]
    page = plugin.fetch_stock(ctx, None, wanted, 50)
    assert {value.item_code for value in page.values} == {wanted[0], wanted[2]}
    products = {value.code: value for value in plugin.fetch_products(ctx, None, None, 500).values}
    item = world.items[0]
    assert (products[item.code].price, products[item.code].vat_rate) == (item.price, item.vat_rate)
    assert products[item.code].barcodes == (item.barcode,)


def test_every_text_code_in_the_source_has_a_text():
    code = re.compile(r'"(eta\.(?:[a-z_]+\.)*[a-z_]+)"')
    used = {
        found
        for path in SOURCE.rglob("*.py")
        if "simulat" not in str(path) and path.name != "texts.py"
        for found in code.findall(path.read_text("utf-8"))
    }
    assert used - TEXTS.codes() == {"eta.item", "eta.party", "eta.stock", "eta.document"}
    assert TEXTS.codes() - used == set()


def test_both_languages_of_a_text_have_the_same_places():
    place = re.compile(r"\{(\w+)\}")
    for code in TEXTS.codes():
        text = TEXTS[code]
        assert sorted(place.findall(text.tr)) == sorted(place.findall(text.en)), code


def test_importing_the_plugin_opens_nothing_heavy():
    script = (
        "import sys, kopru.sdk; before = set(sys.modules); import kopru_eta; new = set(sys.modules) - before; "
        "print([n for n in ('httpx', 'pymssql', 'psycopg', 'sqlglot', 'kopru_eta.simulator') if n in new])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
