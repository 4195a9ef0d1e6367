"""Lines and rules from the command line, on a real installation; the desk reads its keys from standard input."""

import io
import json

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from kopru.cli import app
from kopru.runtime.host import RuntimeHost
from kopru.runtime.servers import connect
from kopru.settings import Settings

ITEMS = "kod;ad;birim\nT-1;Granit Termos Celik 150 ml;adet\nT-2;Granit Termos Celik 250 ml;adet\nSU;Dag Suyu;adet\n"
LINES = """Açıklama;Kod;Birim;Miktar;Fiyat
Gizemli Kutu;K-1;Adet;2;1.234,50
GIZEMLI KUTU;K-2;Adet;1;10,00
Sihirli Sise;K-3;Koli;4;60,00
Baska Bir Sey;K-4;Adet;1;5,00
;;;;
"""


class Keys(io.StringIO):
    """Standard input that is no terminal."""


@pytest.fixture
def kopru(home, tmp_path):
    """Run commands for one company with some items."""
    settings = Settings.from_environment(
        {"KOPRU_HOME": str(home), "HOME": str(home.parent), "KOPRU_LANGUAGE": "en"}
    )

    def run(*words, keys="", code=0):
        tenant = () if words[0] == "tenant" else ("--tenant", "acme")
        done = CliRunner().invoke(app, [*words, *tenant], obj=RuntimeHost(settings), input=keys)
        assert done.exit_code == code, (words, done.output, done.exception)
        return done

    with connect(settings):
        run("tenant", "add", "acme")
        (tmp_path / "items.csv").write_text(ITEMS, "utf-8")
        run("items", "import", str(tmp_path / "items.csv"))
        yield run


@pytest.fixture
def listed(kopru):
    def ask(*words):
        return json.loads(kopru(*words, "--json").stdout)

    return ask


def by_code(rows):
    return {row["code"]: row for row in rows}


def test_a_file_is_mapped_from_the_first_line_to_the_rule_book(kopru, listed, tmp_path):
    file = tmp_path / "lines.csv"
    file.write_text(LINES, "utf-8")
    assert "4 new lines" in kopru("lines", "import", str(file), "--partner", "1234567890", "--dry-run").output
    assert listed("lines", "list") == []
    told = kopru("lines", "import", str(file), "--partner", "1234567890")
    assert "4 new lines" in told.output
    assert "0 new lines, 4 known" in kopru("lines", "import", str(file), "--partner", "1234567890").output

    rows = by_code(listed("lines", "list"))
    first = rows["K-1"]["line"]
    assert {row["state"] for row in rows.values()} <= {"unmatched", "suggested"}
    assert "waiting lines" in kopru("lines", "confirm", first, "--item", "T-1", "--dry-run").output
    told = kopru("lines", "confirm", first, "--item", "T-1")
    assert "1 lines confirmed, 1 settled" in told.output, "the other line has the same text"
    rows = by_code(listed("lines", "list", "--all"))
    assert (rows["K-1"]["state"], rows["K-2"]["state"]) == ("user", "resolved")
    assert {rows[code]["item"] for code in ("K-1", "K-2")} == {"T-1"}

    (rule,) = listed("rules", "list")
    assert (rule["kind"], rule["key"], rule["item"], rule["by"]) == ("code", "K-1", "T-1", "operator")
    tried = listed("rules", "test", "gizemli kutu", "--code", "K-1", "--partner", "1234567890")
    assert (tried["state"], tried["item"]) == ("resolved", "T-1")
    assert "0 waiting" in kopru("rules", "test", "--rule", rule["rule"]).output

    out = tmp_path / "rules.csv"
    kopru("rules", "export", str(out))
    kopru("rules", "disable", rule["rule"])
    assert listed("rules", "list") == []
    assert "1 new" in kopru("rules", "import", str(out)).output
    assert len(listed("rules", "list")) == 1
    for _ in range(3):
        kopru("lines", "undo")
    assert all(not row["item"] for row in listed("lines", "list"))
    kopru("lines", "undo", code=1)


def test_the_desk_by_its_keys(kopru, listed, tmp_path):
    book = Workbook()
    for row in (
        ["text", "code", "unit", "price"],
        ["Bilinmez Esya", "G-1", "Adet", 10.5],
        ["Gizemli Kutu", "K-1", "Adet", 9],
        ["Sihirli Sise", "K-3", "Koli", 60],
        ["Kargo", "K-5", "Adet", 1],
        ["Yepyeni", "K-6", "Adet", 0.5],
    ):
        book.active.append(row)
    book.save(tmp_path / "lines.xlsx")
    kopru("lines", "import", str(tmp_path / "lines.xlsx"), "--partner", "P")
    order = [row["code"] for row in listed("lines", "list")]
    assert order == ["K-3", "G-1", "K-1", "K-5", "K-6"], "those with most money first"
    keys = """?
/ dag suyu
u 12
1
w
x
/ T-2
g once
a
z
j
k
/ T-2
a
/ T-1
1
s 770.01
n YENI-1
"""
    told = kopru("lines", "review", keys=keys)
    assert "No line waits" in told.output
    rows = by_code(listed("lines", "list", "--all"))
    assert (rows["K-3"]["item"], rows["K-3"]["factor"]) == ("SU", "12.00000000")
    assert (rows["G-1"]["item"], rows["K-1"]["item"], rows["K-5"]["item"]) == ("T-2", "T-1", "770.01")
    assert rows["K-6"]["reason"] == "new item"
    (draft,) = listed("lines", "drafts")
    assert (draft["code"], draft["name"]) == ("YENI-1", "Yepyeni")
    kopru("lines", "approve", draft["draft"])
    assert by_code(listed("lines", "list", "--all"))["K-6"]["item"] == "YENI-1"


def test_a_dry_run_says_what_would_be_and_leaves_everything(kopru, listed, tmp_path):
    file = tmp_path / "lines.csv"
    file.write_text("text;code;unit\nGRANIT TERMOS CELIK 150 ML;A;Adet\nGizemli Kutu;B;Adet\n", "utf-8")
    told = kopru("lines", "import", str(file), "--partner", "P", "--dry-run")
    assert "2 new lines, 0 known; 1 resolved" in told.output
    assert listed("lines", "list", "--all") == []
    kopru("lines", "import", str(file), "--partner", "P")
    before = listed("lines", "list", "--all")
    told = kopru("lines", "review", "--dry-run", keys="s 770.01\nk\nx\nn YENI\nb 0.1!\np later\n")
    assert told.output.count("nothing was stored") == 5
    (line,) = listed("lines", "list")
    kopru("lines", "confirm", line["line"], "--item", "SU", "--dry-run")
    kopru("lines", "new", line["line"], "--code", "YENI", "--dry-run")
    kopru("lines", "park", line["line"], "--reason", "later", "--dry-run")
    kopru("lines", "suggest", "--dry-run")
    assert listed("lines", "list", "--all") == before
    assert listed("rules", "list") == listed("lines", "drafts") == listed("lines", "undo", "--list") == []
    kopru("lines", "approve", "ffff", "--dry-run", code=1)


def test_one_line_is_shown_with_everything_known_of_it(kopru, listed, tmp_path):
    file = tmp_path / "lines.csv"
    file.write_text("text;unit;price;vat\nGRANIT TERMOS CELIK 150;Adet;12,50;20\n", "utf-8")
    kopru("lines", "import", str(file), "--partner", "P")
    (row,) = listed("lines", "list")
    shown = listed("lines", "show", row["line"])
    assert (shown["currency"], float(shown["price"]), float(shown["vat_rate"])) == ("TRY", 12.5, 20)
    first = shown["suggestions"][0]
    assert (first["item"], first["against"]) == ("T-1", "unit")
    assert shown["matcher"]


def test_a_decision_to_take_back_is_named_by_the_beginning_of_its_id(kopru, listed, tmp_path):
    file = tmp_path / "lines.csv"
    file.write_text("text;code\nGizemli Kutu;A\nSihirli Sise;B\n", "utf-8")
    kopru("lines", "import", str(file), "--partner", "P")
    for row in listed("lines", "list"):
        kopru("lines", "confirm", row["line"], "--item", "SU")
    newest, oldest = listed("lines", "undo", "--list")
    assert [each["step"] for each in listed("lines", "undo", oldest["step"], "--dry-run")] == [oldest["step"]]
    kopru("lines", "undo", oldest["step"])
    assert [each["step"] for each in listed("lines", "undo", "--list")] == [newest["step"]]


def test_unused_rules_are_found_behind_used_ones(kopru, listed, tmp_path):
    file = tmp_path / "rules.csv"
    file.write_text("partner;kind;key;item_code\nP;code;A;SU\nP;code;B;SU\nP;code;C;SU\n", "utf-8")
    kopru("rules", "import", str(file), "--dry-run")
    assert listed("rules", "list") == []
    kopru("rules", "import", str(file))
    lines = tmp_path / "lines.csv"
    lines.write_text("text;code\nDag Suyu;A\nDag Suyu;B\n", "utf-8")
    kopru("lines", "import", str(lines), "--partner", "P")
    unused = {rule["key"] for rule in listed("rules", "list") if not rule["hits"]}
    assert {rule["key"] for rule in listed("rules", "list", "--unused", "--limit", "3")} == unused
    assert "C" in unused
    (last,) = listed("rules", "list", "--unused", "--limit", "1")
    assert not last["hits"]


def test_wrong_words_are_told_with_what_to_do(kopru, tmp_path):
    assert "kopru lines list" in kopru("lines", "confirm", "ffffffff", "--item", "T-1", code=1).output
    assert "kopru rules list" in kopru("rules", "disable", "ffffffff", code=1).output
    kopru("lines", "confirm", code=2)
    nothing = tmp_path / "nothing.csv"
    nothing.write_text("a;b\n1;2\n", "utf-8")
    assert "Expected headers" in kopru("lines", "import", str(nothing), code=1).output
    half = tmp_path / "half.csv"
    half.write_text("text;price\nKalem;dokuz\n", "utf-8")
    assert "dokuz" in kopru("lines", "import", str(half), code=3).output


INVOICE = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>ABC2026000000001</cbc:ID><cbc:DocumentCurrencyCode>TRY</cbc:DocumentCurrencyCode>
 <cac:AccountingSupplierParty><cac:Party>
  <cac:PartyIdentification><cbc:ID schemeID="VKN">1234567801</cbc:ID></cac:PartyIdentification>
  <cac:PartyName><cbc:Name>Örnek Toptan A.Ş.</cbc:Name></cac:PartyName>
 </cac:Party></cac:AccountingSupplierParty>
 <cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:InvoicedQuantity unitCode="C62">3</cbc:InvoicedQuantity>
  <cac:Item><cbc:Name>GRANIT TERMOS CELIK 150ML</cbc:Name>
   <cac:BuyersItemIdentification><cbc:ID>T-1</cbc:ID></cac:BuyersItemIdentification>
   <cac:SellersItemIdentification><cbc:ID>ORN-9</cbc:ID></cac:SellersItemIdentification></cac:Item>
  <cac:Price><cbc:PriceAmount currencyID="TRY">12.5</cbc:PriceAmount></cac:Price>
 </cac:InvoiceLine>
</Invoice>
"""
"""Made up from the documented shape of a UBL-TR invoice."""


def test_lines_of_an_incoming_e_invoice(kopru, listed, tmp_path):
    file = tmp_path / "invoice.xml"
    file.write_text(INVOICE, "utf-8")
    assert "1 new lines" in kopru("lines", "import", str(file)).output
    (row,) = listed("lines", "list", "--all")
    assert (row["partner"], row["source"], row["code"], row["unit"]) == (
        "Örnek Toptan A.Ş.",
        "invoice",
        "ORN-9",
        "C62",
    )
    assert (row["state"], row["item"]) == ("resolved", "T-1")
