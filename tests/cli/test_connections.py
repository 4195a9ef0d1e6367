"""Forms and checks of connections at the command line."""

import json

import pytest
from typer.testing import CliRunner

from kopru.cli import app
from kopru.documents import EXAMPLE_TENANT
from kopru.runtime.host import RuntimeHost
from kopru.runtime.servers import connect
from kopru.settings import Settings


def settings_of(home, language="en"):
    given = {"KOPRU_HOME": str(home), "HOME": str(home.parent), "KOPRU_LANGUAGE": language}
    return Settings.from_environment(given)


def run(home, *words, language="en"):
    host = RuntimeHost(settings_of(home, language))
    return CliRunner().invoke(app, list(words), obj=host)


def test_a_form_as_json_is_complete_and_needs_no_installation(tmp_path):
    shown = run(tmp_path / "home", "connection", "form", "trendyol", "--json")
    assert shown.exit_code == 0, shown.output
    form = json.loads(shown.stdout)
    assert form["plugin"] == "trendyol" and form["title"]["tr"] == "Trendyol"
    fields = {field["name"]: field for field in form["fields"]}
    assert fields["api_secret"]["secret"] is True and "default" not in fields["api_secret"]
    assert fields["seller_id"]["required"] is True
    assert fields["environment"]["choices"] == ["production", "stage", "simulator"]
    assert [field["order"] for field in form["fields"]] == list(range(1, len(fields) + 1))


def test_a_form_for_people_says_what_is_secret(tmp_path):
    shown = run(tmp_path / "home", "connection", "form", "nilvera")
    assert shown.exit_code == 0
    assert "api_key" in shown.output and "secret" in shown.output


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_form_of_an_unknown_connector_says_where_to_look(tmp_path, language):
    shown = run(tmp_path / "home", "connection", "form", "nowhere", language=language)
    assert shown.exit_code == 1
    assert "kopru plugin list" in " ".join(shown.output.split())
    assert "Traceback" not in shown.output


def test_a_write_test_of_what_cannot_be_taken_back_is_refused_before_anything_is_asked(home, tmp_path):
    folder = tmp_path / "orders"
    folder.mkdir()
    (tmp_path / "acme.toml").write_text(EXAMPLE_TENANT, "utf-8")
    with connect(settings_of(home)):
        for words in (
            ("tenant", "add", "acme"),
            ("tenant", "apply", str(tmp_path / "acme.toml"), "-t", "acme"),
            ("plugin", "allow", "orderfile"),
            ("plugin", "enable", "orderfile", "-t", "acme"),
            ("connection", "add", "orderfile", "-t", "acme", "--set", f"folder={folder}", "--no-ask"),
        ):
            assert run(home, *words).exit_code == 0, words
        shown = run(home, "connection", "check", "orderfile", "-t", "acme", "--write-test")
        assert shown.exit_code == 1
        assert "there is no write test" in " ".join(shown.output.split())
        disabled = run(home, "plugin", "disable", "orderfile", "-t", "acme")
        assert disabled.exit_code == 0 and "is disabled" in disabled.output
        again = run(home, "plugin", "disable", "orderfile", "-t", "acme")
        assert again.exit_code == 1 and "not enabled for this company" in " ".join(again.output.split())
