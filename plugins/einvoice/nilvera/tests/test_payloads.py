"""Downloads: the same document comes out however Nilvera wrapped it."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopru.sdk import DocumentFormat
from kopru_nilvera.payloads import unwrap

XML = '﻿<?xml version="1.0" encoding="UTF-8"?>\n<Invoice>İĞÜŞÖÇ ışık</Invoice>\n'


@given(st.binary(max_size=300))
def test_a_pdf_survives_every_wrapping(tail):
    pdf = b"%PDF-1.4\n" + tail
    text = base64.b64encode(pdf)
    for wrapped in (
        pdf,
        text,
        json.dumps(text.decode()).encode(),
        b"\xef\xbb\xbf" + json.dumps(text.decode()).encode(),
    ):
        assert unwrap(wrapped, DocumentFormat.PDF) == pdf


@given(st.text(max_size=200).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_xml_survives_every_wrapping(tail):
    xml = (XML + tail).encode()
    for wrapped in (
        xml,
        json.dumps(xml.decode()).encode(),
        json.dumps(xml.decode(), ensure_ascii=False).encode(),
        base64.b64encode(xml),
        json.dumps(base64.b64encode(xml).decode()).encode(),
    ):
        assert unwrap(wrapped, DocumentFormat.XML) == xml


def test_base64_may_be_broken_into_lines():
    pdf = b"%PDF-1.4\n" + b"x" * 200
    assert unwrap(base64.encodebytes(pdf), DocumentFormat.PDF) == pdf


def test_raw_bytes_are_not_touched():
    for raw in (b"\xef\xbb\xbf  <a/>\r\n", '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")):
        assert unwrap(raw, DocumentFormat.XML) == raw


def test_html_is_taken_as_it_is():
    page = "<!DOCTYPE html><p>Fatura</p>"
    assert unwrap(json.dumps(page).encode(), DocumentFormat.HTML) == page.encode()


@pytest.mark.parametrize(
    "content", [b"", b"null", b'""', b'"not base64!"', b"{}", b"%PDF", b"\x00" * 50, b'"unclosed']
)
@pytest.mark.parametrize("form", list(DocumentFormat))
def test_anything_else_is_no_document(content, form):
    assert unwrap(content, form) is None


@given(st.binary(max_size=200))
def test_no_content_raises(content):
    for form in DocumentFormat:
        unwrap(content, form)
