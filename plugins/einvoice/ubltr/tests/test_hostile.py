"""Hostile documents give findings, never exceptions, and cost little."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kopru.model import Rendered
from kopru_ubltr import plugin
from kopru_ubltr.config import UblTrConfig
from kopru_ubltr.reader import LIMIT

NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.fixture(scope="module")
def sale(make) -> bytes:
    """Return a right document to spoil."""
    return plugin.render_invoice(UblTrConfig(), make.invoice()).content


def check(content, make):
    document = Rendered(content=content, filename="x.xml")
    return plugin.validate_invoice(UblTrConfig(), document, make.today)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty", b"", "xml.malformed"),
        ("NUL bytes", b"\x00" * 100, "xml.malformed"),
        ("JSON", b'{"invoice": 1}', "xml.malformed"),
        ("zip", b"PK\x03\x04" + b"\x00" * 50, "xml.malformed"),
        (
            "external entity",
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
            "xml.doctype",
        ),
        (
            "remote entity",
            b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><a>&x;</a>',
            "xml.doctype",
        ),
        ("external DTD", b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', "xml.doctype"),
        (
            "parameter entity",
            b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]><a/>',
            "xml.doctype",
        ),
        ("deep nesting", b"<a>" * 5000 + b"</a>" * 5000, "xml.malformed"),
        ("another root", f'<CreditNote xmlns="{NAMESPACE}"/>'.encode(), "ubltr.xml.root"),
        ("undeclared Latin-5", "<a>ş</a>".encode("iso-8859-9"), "xml.malformed"),
        ("unknown encoding", b"<?xml version='1.0' encoding='klingon'?><a/>", "xml.malformed"),
    ],
)
def test_things_that_are_no_invoice(make, name, content, code):
    assert [each.code for each in check(content, make)] == [code], name


def test_billion_laughs(make):
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>'.encode()
    assert [each.code for each in check(bomb, make)] in (["xml.doctype"], ["xml.malformed"])


def test_quadratic_blow_up(make):
    bomb = f'<!DOCTYPE a [<!ENTITY b "{"x" * 50_000}">]><a>{"&b;" * 50_000}</a>'.encode()
    assert [each.code for each in check(bomb, make)] in (["xml.doctype"], ["xml.malformed"])


def test_a_huge_document_is_refused_unread(make, sale):
    (found,) = check(sale.replace(b"ABC2025000000001", b"A" * LIMIT), make)
    assert found.code == "xml.too_large"


def test_xinclude_is_not_followed(make, sale):
    include = (
        b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    )
    found = check(sale.replace(b"<cbc:Note>", b"<cbc:Note>" + include), make)
    assert "ubltr.xsd.simple_type" in {each.code for each in found} or any(
        each.code.startswith("ubltr.xsd") for each in found
    )


@pytest.mark.parametrize("cut", [1, 100, 1000, 5000, -1, -20])
def test_truncated_documents(make, sale, cut):
    assert [each.code for each in check(sale.rstrip()[:cut], make)] == ["xml.malformed"]


def test_a_nul_byte_inside(make, sale):
    assert [each.code for each in check(sale.replace(b"Defter", b"Def\x00ter"), make)] == ["xml.malformed"]


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-9"])
def test_another_encoding_is_refused(make, sale, encoding):
    text = sale.decode().replace("UTF-8", encoding)
    assert [each.code for each in check(text.encode(encoding), make)] == ["ubltr.xml.encoding"]


@pytest.mark.parametrize(
    "value", ["NaN", "-Infinity", "1e999999999", "9" * 5000, "", "१२३", "<x/>", "&#x1F4A9;"]
)
@pytest.mark.parametrize("name", ["PayableAmount", "TaxAmount", "PriceAmount", "Percent", "LineCountNumeric"])
def test_spoilt_numbers_block(make, sale, name, value):
    start = sale.index(f"<cbc:{name}".encode())
    text, end = sale.index(b">", start) + 1, sale.index(f"</cbc:{name}>".encode(), start)
    found = check(sale[:text] + value.encode() + sale[end:], make)
    assert any(each.blocks for each in found) or (name, value) == ("Percent", "")
    assert "ubltr.gib.failed" not in {each.code for each in found}


def test_a_long_value_does_not_make_a_long_finding(make, sale):
    found = check(sale.replace(b">TRY<", b">" + b"T" * 100_000 + b"<"), make)
    assert any(each.blocks for each in found)
    assert all(len(each.message.tr) < 2000 and len(each.detail) <= 4000 for each in found)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_spoilt_byte_gives_findings_at_most(make, sale, data):
    at = data.draw(st.integers(0, len(sale) - 1))
    length = data.draw(st.integers(0, 30))
    spoilt = sale[:at] + data.draw(st.binary(max_size=30)) + sale[at + length :]
    for found in check(spoilt, make):
        assert found.message.tr
