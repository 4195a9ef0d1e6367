"""What remotes say is cleaned before it is kept: in every spelling, in findings too, and by what was sent."""

import base64
import html
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.cli.privacy import covered
from kopru.hooks.errors import Rejected
from kopru.model import Finding, Text
from kopru.transport.redaction import HIDDEN, Redactor

SECRET = "kanarya+Gizli'1"
NAME, STREET = "Sakakuşu Ötücügillioğlu", "Kuşkafesi Sokağı No:7"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"echo": json.dumps({"key": SECRET, "note": f"x {SECRET}"})}),
        html.escape(f'<Key v="{SECRET}">'),
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.b64encode(f"me:{SECRET}!".encode()).decode(),
        repr({"error": SECRET}),
        "Basic " + base64.b64encode(f"u:{SECRET}".encode()).decode(),
    ],
)
def test_a_secret_inside_something_else_is_found(text):
    cleaned = Redactor([SECRET]).text(text)
    assert HIDDEN in cleaned
    for trace in ("Gizli", "anarya", base64.b64encode(SECRET.encode()).decode()[4:16]):
        assert trace not in cleaned


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(
            {"request": json.dumps({"firstName": "Sakakuşu"}, ensure_ascii=False)}, ensure_ascii=False
        ),
        json.dumps(
            {"request": json.dumps({"firstName": 'Saka"kuşu'}, ensure_ascii=False)}, ensure_ascii=False
        ),
        html.escape('{"firstName": "Sakakuşu"}'),
        html.escape("<FirstName>Sakakuşu</FirstName>"),
        "{'firstName': 'Sakakuşu'}",
        '<Person firstName="Sakakuşu"/>',
        '{"EARCHIVEDETR_ADDR1": "Sakakuşu"}',
        '{"NAME": "Sakakuşu", "SURNAME": "Ö"}',
        '{"TITLE": "Sakakuşu", "SURNAME": "Ö"}',
    ],
)
def test_a_named_field_is_masked_however_it_is_written(text):
    cleaned = Redactor().text(text)
    assert "akakuş" not in cleaned
    assert "kuşu" not in cleaned


def test_a_product_keeps_its_name():
    text = '{"name": "Sakakuşu", "TITLE": "Kafes", "price": 5}'
    assert Redactor().text(text) == text


def test_what_was_sent_is_known_in_the_answer():
    sent = json.dumps(
        {"NAME": NAME.split(maxsplit=1)[0], "SURNAME": NAME.split()[1], "ADDRESS1": STREET}
    ).encode()
    redactor = Redactor([SECRET]).beside(sent)
    said = f"{NAME} ({STREET}) kabul edilmedi: SAKAKUŞU, {SECRET}"
    cleaned = redactor.text(said)
    assert cleaned.endswith(f"kabul edilmedi: SA****ŞU, {HIDDEN}")
    for part in (*NAME.split(), STREET, "Kuşkafesi"):
        assert part not in cleaned
    assert Redactor().text(NAME) == NAME, "nothing is remembered"


def test_forms_and_documents_are_understood_too():
    form = urlencode({"lastName": "Ötücügillioğlu", "x": "kabul"}).encode()
    xml = "<Person><FamilyName>Ötücügillioğlu</FamilyName></Person>".encode()
    for sent in (form, xml):
        assert Redactor().beside(sent).text("Ötücügillioğlu kabul") == "Öt**********lu kabul"


def test_an_error_is_cleaned_with_all_its_findings():
    words = f"98765432150 {SECRET} {NAME}"
    text = Text(tr=words, en=words)
    error = Rejected(
        "x.y",
        text,
        field=words,
        detail=words,
        findings=[Finding(code="x.y", message=text, field=words, detail=words)],
    )
    sent = json.dumps({"fullName": NAME}).encode()
    cleaned = Redactor([SECRET]).beside(sent).error(error)
    (finding,) = cleaned.findings
    told = [cleaned.detail, cleaned.field, finding.field, finding.detail, str(cleaned)]
    told += [each for message in (cleaned.message, finding.message) for each in (message.tr, message.en)]
    for each in told:
        assert HIDDEN in each
        for part in ("Gizli", "98765432150", *NAME.split()):
            assert part not in each


@given(st.integers(0, 60), st.integers(1, 6))
def test_no_cut_leaves_half_a_secret(before, many):
    """Also where redaction makes the text so much shorter that the end of what was read comes into view."""
    redactor = Redactor([SECRET])
    text = "x" * before + f"{SECRET * 40}&amp;" * many * 10 + SECRET
    for limit in (50, 500, 4_000):
        assert "kanary" not in redactor.start(text, limit=limit)


def test_a_screen_shows_nobody():
    people = (NAME, *NAME.split(), STREET, "saka@kafes.example", "0532 777 66 55")
    text = (
        f"{NAME}, sakakuşu; {STREET}; saka@kafes.example; 0532 777 66 55; TCKN 98765432150; VKN: 1234567891"
    )
    shown = covered(text, people)
    assert shown.startswith("S******* Ö*************, s*******; ")
    for part in (*people, "98765432150", "1234567891"):
        assert part not in shown
    assert covered("Kadıköy'e 3 adet", people) == "Kadıköy'e 3 adet"
