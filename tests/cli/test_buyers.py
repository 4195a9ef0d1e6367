"""``kopru buyers`` as people use it, on a real installation."""

import json

import pytest
from typer.testing import CliRunner

from kopru.cli import app
from kopru.runtime.host import RuntimeHost
from kopru.runtime.servers import connect
from kopru.settings import Settings

BUYER = ("--tenant", "acme", "--buyer", "9876543217")


@pytest.fixture
def kopru(home, tmp_path):
    """One installation with a company and two items."""
    settings = Settings.from_environment(
        {"KOPRU_HOME": str(home), "HOME": str(home.parent), "KOPRU_LANGUAGE": "en"}
    )

    def run(*words):
        return CliRunner().invoke(app, list(words), obj=RuntimeHost(settings))

    def done(*words):
        result = run(*words)
        assert result.exit_code == 0, result.output
        return result

    def file(text):
        path = tmp_path / "list.csv"
        path.write_text(text, "utf-8")
        return str(path)

    run.done, run.file = done, file
    run.data = lambda *words: json.loads(done(*words, "--json").stdout)
    with connect(settings):
        done("tenant", "add", "acme")
        items = tmp_path / "items.csv"
        items.write_text("kod;ad;kdv\nA;Kupa;20\nB;Tabak;20\n", "utf-8")
        done("items", "import", str(items), "--tenant", "acme")
        yield run


def test_from_a_list_to_a_rule(kopru):
    path = kopru.file("kod;alıcı kodu;alıcı adı\nA;700123;KUPA 330\nB;700124;\n")
    tried = kopru.data("buyers", "import", path, *BUYER, "--dry-run")
    assert (tried["added"], tried["same"]) == (2, 0)
    assert kopru.data("buyers", "list", "--tenant", "acme") == []
    assert kopru.data("buyers", "import", path, *BUYER, "--name", "Büyük Zincir")["added"] == 2
    (row,) = kopru.data("buyers", "list", "--tenant", "acme")
    assert (row["tax_number"], row["name"], row["gaps"], row["items"]) == (
        "9876543217",
        "Büyük Zincir",
        "warn",
        2,
    )
    assert kopru.data("buyers", "list", *BUYER) == [
        {"code": "A", "buyer_code": "700123", "buyer_name": "KUPA 330"},
        {"code": "B", "buyer_code": "700124", "buyer_name": ""},
    ]
    again = kopru.data("buyers", "import", kopru.file("kod;alıcı kodu\nA;1\n"), *BUYER, "--replace")
    assert (again["changed"], again["withdrawn"]) == (1, 1)
    assert kopru.data("buyers", "list", "--tenant", "acme")[0]["name"] == "Büyük Zincir"


def test_the_preview_shows_each_change_to_a_person(kopru):
    kopru.done("buyers", "import", kopru.file("kod;alıcı kodu\nA;1\n"), *BUYER)
    shown = kopru.done("buyers", "import", kopru.file("kod;alıcı kodu\nA;2\nB;3\n"), *BUYER, "--dry-run")
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert ["+", "B", "3"] in lines
    assert ["~", "A", "2", "1"] in lines


def test_rows_that_cannot_be_used_are_told_with_an_exit_code_of_their_own(kopru):
    result = kopru("buyers", "import", kopru.file("kod;alıcı kodu\nA;1\nYOK;2\n"), *BUYER)
    assert result.exit_code == 3
    assert "row 3" in result.stderr and "buyers.row.unknown" in result.stderr
    assert kopru("buyers", "import", kopru.file("foo\n1\n"), *BUYER).exit_code == 1


def test_choosing_what_becomes_of_gaps(kopru):
    tried = kopru.data("buyers", "set", *BUYER, "--gaps", "block", "--dry-run")
    assert tried["gaps"] == "block"
    assert kopru.data("buyers", "list", "--tenant", "acme") == []
    result = kopru.done("buyers", "set", *BUYER, "--gaps", "block")
    assert "kopru buyers import" in result.stderr
    (row,) = kopru.data("buyers", "coverage", "--tenant", "acme")
    assert (row["on_gaps"], row["coverage_percent"], row["gaps"]) == ("block", None, 0)
    assert kopru.data("buyers", "coverage", *BUYER)["gap_list"] == []


@pytest.mark.parametrize("number", ["123", "11111111111"])
def test_a_wrong_tax_number_is_a_plain_error(kopru, number):
    result = kopru("buyers", "set", "--tenant", "acme", "--buyer", number, "--gaps", "warn")
    assert result.exit_code == 1
    assert "VKN" in result.stderr and "Traceback" not in result.output
