"""Mapping of rows, register entries and receipts; payloads are made up in the documented shape."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from kopru.model import ExternalRef, TaxId, TaxScheme
from kopru.sdk import OutcomeUnknown, ReceiptState, TransientError
from kopru_nilvera import mapping
from kopru_nilvera.codes import Side
from kopru_nilvera.simulation.views import incoming_ubl

ETTN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
REF = ExternalRef(kind="e_invoice", id=ETTN)
ISTANBUL, UTC_ZONE = mapping.zone_of("istanbul"), mapping.zone_of("utc")
BUYER = TaxId(scheme=TaxScheme.VKN, value="9876543209")


def sale(**changes):
    row = {
        "UUID": ETTN.upper(),
        "InvoiceNumber": "EFA2026000000007",
        "InvoiceProfile": "TEMELFATURA",
        "IssueDate": "2026-03-02T00:00:00",
        "CreatedDate": "2026-03-02T12:30:15.123",
        "CurrencyCode": "TRY",
        "PayableAmount": Decimal("118.00000000000001"),
        "StatusCode": "succeed",
    }
    return {**row, **changes}


def test_a_sale_becomes_a_reference():
    record = mapping.to_ref(sale(), Side.E_INVOICE, ISTANBUL)
    ref = record.value
    assert (record.findings, record.external_id) == ((), ETTN.upper())
    assert (ref.external_id, ref.our_reference, ref.number) == (ETTN, ETTN, "EFA2026000000007")
    assert (ref.total, ref.currency, ref.cancelled) == (Decimal("118.00"), "TRY", False)
    assert ref.at.replace(microsecond=0) == datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)


def test_times_without_zone_follow_the_setting_and_zones_are_kept():
    assert mapping.to_ref(sale(), Side.E_INVOICE, UTC_ZONE).value.at.hour == 12
    zoned = sale(CreatedDate="2026-03-02T12:30:15.123Z")
    assert mapping.to_ref(zoned, Side.E_INVOICE, ISTANBUL).value.at.hour == 12


def test_an_unset_time_falls_back_to_the_date_of_issue():
    ref = mapping.to_ref(sale(CreatedDate="0001-01-01T00:00:00"), Side.E_INVOICE, ISTANBUL).value
    assert ref.at == datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
    assert mapping.to_ref(sale(CreatedDate=None, IssueDate=""), Side.E_INVOICE, ISTANBUL).value.at is None


def test_only_an_archive_row_can_be_cancelled():
    assert mapping.to_ref(sale(IsCancel=True), Side.E_ARCHIVE, ISTANBUL).value.cancelled
    assert not mapping.to_ref(sale(IsCancel=True), Side.E_INVOICE, ISTANBUL).value.cancelled


@pytest.mark.parametrize("amount", [None, "118", True, [], {}])
def test_an_amount_of_another_type_is_left_out(amount):
    assert mapping.to_ref(sale(PayableAmount=amount), Side.E_INVOICE, ISTANBUL).value.total is None


@pytest.mark.parametrize(
    "row",
    [
        None,
        5,
        "x",
        [],
        {},
        sale(UUID=None),
        sale(UUID="nonsense"),
        sale(UUID=7),
        sale(CreatedDate="yesterday"),
    ],
)
def test_a_row_that_cannot_be_read_becomes_a_finding(row):
    record = mapping.to_ref(row, Side.E_INVOICE, ISTANBUL)
    assert record.value is None
    assert record.findings and all(finding.blocks for finding in record.findings)
    assert record.raw.content


def test_a_page_says_how_many_there_are():
    page = mapping.to_listing({"Page": 1, "PageSize": 2, "TotalCount": 3, "TotalPages": 2, "Content": [1, 2]})
    assert (page.rows, page.pages, page.total) == ((1, 2), 2, 3)


def test_an_empty_page_ends_the_list_whatever_it_claims():
    assert mapping.to_listing({"TotalPages": 10**9, "Content": []}).pages == 0
    assert mapping.to_listing({"TotalPages": 10**9, "Content": None}).pages == 0


@pytest.mark.parametrize("data", [None, [], "x", {"Content": "x"}, {"Content": {}}])
def test_a_page_of_another_shape_is_asked_for_again(data):
    with pytest.raises(TransientError) as caught:
        mapping.to_listing(data)
    assert caught.value.code == "nilvera.answer.malformed"


def entry(alias, **changes):
    row = {
        "TaxNumber": BUYER.value,
        "Title": "MİSAL YAPI LTD. ŞTİ.",
        "CreationTime": "2024-01-05T10:00:00",
        "DocumentType": "Invoice",
        "Name": alias,
        "Type": "Özel",
    }
    return {**row, **changes}


def test_a_registered_taxpayer_with_several_mailboxes():
    one, two = "urn:mail:defaultpk@misal.example", "urn:mail:muhasebepk@misal.example"
    recipient = mapping.to_recipient(BUYER, [entry(one), entry(two), entry(one)])
    assert recipient.registered
    assert [mailbox.alias for mailbox in recipient.mailboxes] == [one, two]
    assert recipient.title == "MİSAL YAPI LTD. ŞTİ."
    assert recipient.mailboxes[0].created_at == "2024-01-05T10:00:00"


def test_nobody_listed_means_not_registered():
    assert not mapping.to_recipient(BUYER, []).registered


def test_entries_of_others_and_of_despatches_do_not_register_anyone():
    rows = [entry("urn:a", TaxNumber="1111111111"), entry("urn:b", DocumentType="DespatchAdvice")]
    assert not mapping.to_recipient(BUYER, rows).registered


@pytest.mark.parametrize("data", [None, {}, "x", [None], [{"Name": None}], [{"TaxNumber": "1"}]])
def test_an_unreadable_register_answer_never_means_not_registered(data):
    with pytest.raises(TransientError):
        mapping.to_recipient(BUYER, data)


def test_a_receipt_carries_the_number_nilvera_gave():
    receipt = mapping.to_receipt(REF, {"UUID": ETTN.upper(), "InvoiceNumber": "EFA2026000000009"})
    assert receipt.state is ReceiptState.ACCEPTED
    assert (receipt.ref, receipt.number, receipt.echo.number) == (REF, "EFA2026000000009", "EFA2026000000009")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (
            {"UUID": "9f2504e0-4f89-41d3-9a0c-0305e82c3301", "InvoiceNumber": "X"},
            "nilvera.answer.other_document",
        ),
        ({}, "nilvera.answer.malformed"),
        ([], "nilvera.answer.malformed"),
        (None, "nilvera.answer.malformed"),
        ({"UUID": 5}, "nilvera.answer.malformed"),
    ],
)
def test_an_answer_about_something_else_leaves_the_outcome_unknown(data, code):
    with pytest.raises(OutcomeUnknown) as caught:
        mapping.to_receipt(REF, data)
    assert caught.value.code == code


def incoming(content: bytes, **changes):
    row = {
        "UUID": ETTN,
        "CreatedDate": "2026-03-02T12:00:00",
        "AnswerCode": "unknown",
        "StatusCode": "succeed",
    }
    return mapping.to_incoming({**row, **changes}, content, ISTANBUL)


def ubl(**changes) -> bytes:
    values = {
        "ettn": ETTN,
        "number": "GLN2026000000001",
        "profile": "TICARIFATURA",
        "issued": datetime(2026, 3, 1, 22, 0, tzinfo=UTC),
        "sender": ("9911111112", "Öz & Oğulları <Ltd>"),
        "buyer": "9900000009",
        "payable": Decimal("1234.56"),
    }
    return incoming_ubl(**{**values, **changes})


def test_an_incoming_invoice_is_read_from_its_xml():
    record = incoming(ubl(), AnswerCode="waitingForApproval")
    invoice = record.value
    assert record.findings == ()
    assert record.raw.content == ubl() and record.raw.media_type == "application/xml"
    assert (invoice.id, invoice.number) == (UUID(ETTN), "GLN2026000000001")
    assert (invoice.kind, invoice.profile) == ("SATIS", "TICARIFATURA")
    assert invoice.issue_date == date(2026, 3, 2)
    assert (invoice.sender_tax_number, invoice.sender_name) == ("9911111112", "Öz & Oğulları <Ltd>")
    assert (invoice.currency, invoice.payable) == ("TRY", Decimal("1234.56"))
    assert invoice.received_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert invoice.state == "waitingForApproval"


def test_a_sender_who_is_a_person_and_odd_prefixes_are_read():
    text = ubl().decode()
    text = text.replace("<cac:PartyName><cbc:Name>Öz &amp; Oğulları &lt;Ltd&gt;</cbc:Name></cac:PartyName>",
                        "<cac:Person><cbc:FirstName>Ayşe</cbc:FirstName><cbc:FamilyName>Örnek</cbc:FamilyName></cac:Person>")  # fmt: skip
    text = (
        text.replace('schemeID="VKN">9911111112', 'schemeID="TCKN">11111111111')
        .replace("cbc:", "b:")
        .replace("xmlns:cbc", "xmlns:b")
    )
    text = text.replace(
        "<b:ID schemeID",
        '<b:ID schemeID="MERSISNO">123</b:ID></cac:PartyIdentification><cac:PartyIdentification><b:ID schemeID',
        1,
    )
    invoice = incoming(text.encode()).value
    assert (invoice.sender_tax_number, invoice.sender_name) == ("11111111111", "Ayşe Örnek")
    assert invoice.state == "succeed"


def test_an_invoice_inside_its_envelope_is_found():
    inner = ubl().decode().partition("?>")[2]
    assert (
        incoming(f"<e:Package xmlns:e='urn:x'><e:List>{inner}</e:List></e:Package>".encode()).value
        is not None
    )


BOMB = b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "xml.malformed"),
        (b"\x00\x01", "xml.malformed"),
        (ubl()[:300], "xml.malformed"),
        (BOMB, "xml.doctype"),
        (b"<a/>", "einvoice.field"),
        (ubl().replace(b"1234.56", b"1e9999999"), "einvoice.field"),
        (ubl().replace(b"1234.56", b"NaN"), "einvoice.field"),
        (ubl().replace(b"1234.56", b""), "xml.missing"),
        (ubl().replace(b"2026-03-02", b"2026-13-45"), "einvoice.field"),
        (ubl().replace(ETTN.encode(), b"9" * 36), "nilvera.incoming.other_document"),
        (
            ubl().replace(b"<cbc:DocumentCurrencyCode>TRY", b"<cbc:DocumentCurrencyCode>TL"),
            "nilvera.incoming.value",
        ),
        (ubl().replace(b"9911111112", b""), "nilvera.incoming.length"),
        (ubl().replace(b"GLN2026000000001", b"N" * 100_000), "nilvera.incoming.length"),
    ],
)
def test_a_bad_incoming_document_becomes_a_finding_with_its_bytes_kept(content, code):
    record = incoming(content)
    assert record.value is None
    assert [finding.code for finding in record.findings] == [code]
    assert record.raw.content == content


def test_an_incoming_row_without_a_time_is_a_finding():
    record = incoming(ubl(), CreatedDate=None)
    assert record.value is None
    assert record.findings[0].field == "CreatedDate"


def test_a_series_tells_its_last_numbers():
    row = {
        "Name": "EFA",
        "IsActive": True,
        "IsDefault": False,
        "Details": [{"Year": "2026", "OrdinalNumber": 41}, None],
    }
    series = mapping.to_series(row, Side.E_INVOICE)
    assert (series.kind, series.code) == ("e_invoice_series", "EFA")
    assert series.extra == {"active": "true", "default": "false", "2026": "41"}
    assert mapping.to_series({"Name": None}, Side.E_INVOICE) is None
    assert mapping.to_series({"Name": "X", "Details": "?"}, Side.E_INVOICE).extra["active"] == "false"
