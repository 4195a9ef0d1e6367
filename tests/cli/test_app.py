"""The command line on a real installation: help, lists as JSON, dry runs, exit codes, languages."""

import json

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from kopru.cli import app
from kopru.documents import EXAMPLE_TENANT
from kopru.runtime.host import RuntimeHost
from kopru.runtime.servers import connect
from kopru.settings import Settings

SAMPLE = "Sipariş No;Sipariş Tarihi;Stok Kodu;Ürün Adı;Adet;Birim Fiyat;KDV Oranı;Alıcı;İl;İlçe;Adres\n"


@pytest.fixture
def kopru(home):
    """Run commands against one installation whose servers stay up for the test."""
    settings = Settings.from_environment(
        {"KOPRU_HOME": str(home), "HOME": str(home.parent), "KOPRU_LANGUAGE": "en"}
    )

    def run(*words, language="en"):
        host = RuntimeHost(settings.model_copy(update={"language": language}))
        return CliRunner().invoke(app, list(words), obj=host)

    with connect(settings):
        yield run


def commands(group=None, path=()):
    group = group or get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_explains_itself(words):
    shown = CliRunner().invoke(app, [*words, "--help"])
    assert shown.exit_code == 0
    assert "Usage" in shown.output
    assert len(shown.output.split()) > 12


@pytest.mark.parametrize(
    "words",
    [
        "tenant list",
        "plugin list",
        "connection list --tenant acme",
        "items list --tenant acme",
        "orders list --tenant acme",
        "documents list --tenant acme",
        "jobs list --tenant acme",
    ],
)
def test_every_list_is_an_array_of_objects(kopru, words):
    kopru("tenant", "add", "acme")
    listed = kopru(*words.split(), "--json")
    assert listed.exit_code == 0
    rows = json.loads(listed.stdout)
    assert isinstance(rows, list)
    assert all(isinstance(row, dict) for row in rows)
    if words == "plugin list":
        assert {row["name"] for row in rows} >= {"trendyol", "orderfile", "logo", "ubltr", "nilvera"}


def test_a_dry_run_changes_nothing(kopru, tmp_path):
    kopru("tenant", "add", "acme")
    file = tmp_path / "acme.toml"
    file.write_text(EXAMPLE_TENANT, "utf-8")
    items = tmp_path / "items.csv"
    items.write_text("code;name\nA;B\n", "utf-8")
    assert kopru("plugin", "allow", "orderfile").exit_code == 0
    assert kopru("tenant", "add", "other", "--dry-run").exit_code == 0
    assert kopru("tenant", "apply", str(file), "--tenant", "acme", "--dry-run").exit_code == 0
    assert kopru("items", "import", str(items), "--tenant", "acme", "--dry-run").exit_code == 0
    assert kopru("plugin", "enable", "orderfile", "--tenant", "acme", "--dry-run").exit_code == 0
    assert [row["name"] for row in json.loads(kopru("tenant", "list", "--json").stdout)] == ["acme"]
    assert kopru("tenant", "export", "--tenant", "acme").stdout.strip() == ""
    assert json.loads(kopru("items", "list", "--tenant", "acme", "--json").stdout) == []
    refused = kopru("connection", "add", "orderfile", "--tenant", "acme", "--no-ask", "--set", "folder=/tmp")
    assert refused.exit_code == 1
    assert "plugin enable" in refused.output


def test_settings_go_in_and_come_out_again(kopru, tmp_path):
    kopru("tenant", "add", "acme")
    file = tmp_path / "acme.toml"
    file.write_text(EXAMPLE_TENANT, "utf-8")
    assert kopru("tenant", "apply", str(file), "--tenant", "acme").exit_code == 0
    assert kopru("tenant", "export", "--tenant", "acme").stdout == EXAMPLE_TENANT


def test_a_wrong_tenant_file_names_every_field(kopru, tmp_path):
    kopru("tenant", "add", "acme")
    file = tmp_path / "acme.toml"
    file.write_text(
        EXAMPLE_TENANT.replace('prefix = "ORF"', 'prefix = "o"').replace("buffer = 1", "buffer = -1"), "utf-8"
    )
    told = kopru("tenant", "apply", str(file), "--tenant", "acme")
    assert told.exit_code == 1
    assert "series[0].prefix" in told.output
    assert "stock.buffer" in told.output


def test_an_unknown_tenant_is_told_in_both_languages(kopru):
    english = kopru("orders", "list", "--tenant", "nobody")
    turkish = kopru("orders", "list", "--tenant", "nobody", language="tr")
    assert (english.exit_code, turkish.exit_code) == (1, 1)
    assert "There is no tenant" in english.output
    assert "adlı firma yok" in turkish.output


def test_a_wrong_option_is_a_usage_error(kopru):
    assert kopru("orders", "list").exit_code == 2


def test_orders_from_a_file_wait_for_a_channel_and_say_so(kopru, tmp_path, home):
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "orders.csv").write_text(
        SAMPLE + "W-1;05.03.2026 10:00;A;Kupa;2;120,00;20;Ayşe Deneme;İstanbul;Kadıköy;Deneme Sok. 1\n",
        "utf-8",
    )
    items = tmp_path / "items.csv"
    items.write_text("kod;ad;kdv\nA;Kupa;20\n", "utf-8")
    tenant = tmp_path / "acme.toml"
    tenant.write_text(EXAMPLE_TENANT, "utf-8")
    kopru("tenant", "add", "acme")
    kopru("tenant", "apply", str(tenant), "--tenant", "acme")
    for plugin in ("orderfile", "ubltr"):
        kopru("plugin", "allow", plugin)
        kopru("plugin", "enable", plugin, "--tenant", "acme")
    kopru("items", "import", str(items), "--tenant", "acme")
    added = kopru(
        "connection",
        "add",
        "orderfile",
        "--tenant",
        "acme",
        "--no-ask",
        "--since",
        "2026-01-01",
        "--set",
        f"folder={folder}",
    )
    assert added.exit_code == 0, added.output
    checked = kopru("connection", "check", "orderfile", "--tenant", "acme")
    assert checked.exit_code == 0, checked.output
    assert kopru("orders", "pull", "--tenant", "acme", "--now").exit_code == 0
    again = kopru("orders", "pull", "--tenant", "acme", "--now")
    assert "0 new or changed" in again.output
    (order,) = json.loads(kopru("orders", "list", "--tenant", "acme", "--json").stdout)
    assert (order["number"], order["total"], order["state"]) == ("W-1", "240.00", "received")
    assert order["buyer"] == "A*** D*****"
    explained = kopru("orders", "explain", "W-1", "--tenant", "acme")
    assert explained.exit_code == 0
    assert kopru("audit", "verify", "--tenant", "acme").exit_code == 0


def test_a_payload_is_previewed_without_any_server(tmp_path):
    file = tmp_path / "orders.csv"
    row = "W-1;05.03.2026 10:00;A;Kupa;2;120,00;20;Ayşe Deneme;İstanbul;Kadıköy;Deneme Sok. 1\n"
    file.write_text(SAMPLE.replace("\n", ";Durum\n") + row.replace("\n", ";Kargoya Verildi\n"), "utf-8")
    settings = Settings.from_environment({"KOPRU_HOME": str(tmp_path / "never"), "HOME": str(tmp_path)})
    shown = CliRunner().invoke(
        app, ["payload", "preview", "--plugin", "orderfile", str(file), "--json"], obj=RuntimeHost(settings)
    )
    (preview,) = json.loads(shown.stdout)
    assert preview["totals"]["payable"] == "240.00"
    assert not (tmp_path / "never").exists()
