"""Sending: what goes into the message, what Uyumsoft's refusals mean, and what a lost answer leaves."""

from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from kopru.model import InternetSale, PaymentMethod, Profile, Withholding
from kopru.sdk import (
    Absent,
    AuthError,
    CannotTell,
    Conflict,
    Found,
    Operation,
    OutcomeUnknown,
    ReceiptState,
    Rejected,
    TransientError,
    Unsupported,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.toolkit import xml
from kopru_uyumsoft import plugin
from kopru_uyumsoft.simulation.documents import Fate

SEND = "/SendInvoice$"
T = "{http://tempuri.org/}"


def info_of(simulator, n=-1):
    return xml.parse(simulator.account.outbox.kept[n].info.encode())


@pytest.mark.parametrize("interface", ["integration", "basic"])
def test_a_document_is_taken_under_its_own_ettn_and_number(
    simulator, make_ctx, key, submission, ref_of, interface
):
    sent = submission()
    receipt = plugin.submit_invoice(make_ctx(interface=interface), key, sent)
    assert (receipt.state, receipt.ref) == (ReceiptState.ACCEPTED, ref_of(sent))
    assert receipt.number == receipt.echo.number == sent.invoice.number
    (held,) = simulator.held(Operation.SUBMIT_INVOICE)
    assert (held.reference, held.total) == (str(sent.invoice.id), Decimal("120.00"))


def test_the_document_arrives_as_it_was_rendered(simulator, send):
    content = send().document.content
    stored = simulator.account.outbox.kept[0].content
    assert canonical(stored) == canonical(content)


def canonical(content):
    root = xml.parse(content)
    return [etree.tostring(child, method="c14n", exclusive=True) for child in root]


def test_an_e_invoice_names_its_receiver_and_its_kind(simulator, send):
    sent = send(profile=Profile.COMMERCIAL)
    info = info_of(simulator)
    assert [xml.local_name(child) for child in info] == [
        "Invoice",
        "TargetCustomer",
        "Scenario",
        "CreateDateUtc",
    ]
    assert xml.text(info, f"{T}Scenario") == "eInvoice"
    assert info.get("LocalDocumentId") == str(sent.invoice.id)
    customer = info.find(f"{T}TargetCustomer")
    assert (customer.get("VknTckn"), customer.get("Alias")) == (
        sent.invoice.buyer.tax_id.value,
        sent.invoice.buyer_alias,
    )


def test_an_internet_sale_goes_beside_the_e_archive_invoice(simulator, send, make_ctx, key, submission):
    sale = InternetSale(
        website="https://ornek.example.com",
        payment_method=PaymentMethod.OTHER,
        payment_agent="Aracı",
        payment_date=date(2026, 3, 1),
        carrier_name="Kargo",
        carrier_tax_id="9900000011",
        shipped_on=date(2026, 3, 3),
    )
    send(1, profile=Profile.ARCHIVE, update={"internet_sale": sale})
    archive = info_of(simulator).find(f"{T}EArchiveInvoiceInfo")
    assert archive.get("DeliveryType") == "Electronic"
    found = archive.find(f"{T}InternetSalesInfo")
    assert xml.text(found, f"{T}PaymentType") == "DIGER - Diğer"
    assert xml.text(found, f"{T}PaymentDate") == "2026-03-01T00:00:00"
    assert xml.text(found, f"{T}ShipmentInfo/{T}SendDate") == "2026-03-03T00:00:00"
    assert found.find(f"{T}ShipmentInfo/{T}Carier").get("SenderTcknVkn") == "9900000011"
    paper = make_ctx(archive_delivery="paper")
    plugin.submit_invoice(paper, key, submission(2, profile=Profile.ARCHIVE, update={"internet_sale": sale}))
    assert info_of(simulator).find(f"{T}EArchiveInvoiceInfo").get("DeliveryType") == "Electronic"
    plugin.submit_invoice(paper, key, submission(3, profile=Profile.ARCHIVE))
    assert info_of(simulator).find(f"{T}EArchiveInvoiceInfo").get("DeliveryType") == "Paper"
    assert info_of(simulator).find(f"{T}EArchiveInvoiceInfo/{T}InternetSalesInfo") is None


def test_withholdings_of_an_e_archive_invoice_are_stated(simulator, send, submission):
    line = submission().invoice.lines[0]
    held = Withholding(
        code="601", name="Yapım", rate=Decimal(40), base=Decimal("20.00"), amount=Decimal("8.00")
    )
    send(profile=Profile.ARCHIVE, update={"lines": (line.model_copy(update={"withholdings": (held,)}),)})
    found = info_of(simulator).find(f"{T}EArchiveInvoiceInfo/{T}WithHoldings")
    assert [xml.text(found, f"{T}{name}") for name in ("Code", "Rate", "Total")] == ["601", "40", "8.00"]


def test_what_the_channel_cannot_carry_is_not_sent(simulator, ctx, key, submission):
    with pytest.raises(Unsupported):
        plugin.submit_invoice(ctx, key, submission(profile=Profile.EXPORT))
    with pytest.raises(Rejected, match=r"uyumsoft\.alias_missing"):
        plugin.submit_invoice(ctx, key, submission(alias=""))
    assert not simulator.served


@pytest.mark.parametrize("refused", [True, False])
def test_a_repeat_is_a_conflict_with_the_document_that_is_there(simulator, ctx, key, send, ref_of, refused):
    simulator.account.unknown_is_refused = refused
    sent = send()
    with pytest.raises(Conflict) as caught:
        plugin.submit_invoice(ctx, key, sent)
    assert caught.value.existing == ref_of(sent)
    located = plugin.locate(ctx, Operation.SUBMIT_INVOICE, key, ref_of(sent))
    assert isinstance(located, Found)
    echo = located.receipt.echo
    assert (echo.total, echo.currency, echo.number) == (Decimal("120.00"), "TRY", sent.invoice.number)
    assert (echo.party, echo.date) == (sent.invoice.buyer.tax_id.value, "2026-03-02")


@pytest.mark.parametrize("refused", [True, False])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"alias": "urn:mail:baska@alici.example.com"}, "etiketi"),
        ({"seller": "9911111111"}, "Gönderici"),
        ({"buyer": "9933333333"}, "mükellefi değildir"),
    ],
)
def test_a_refusal_keeps_uyumsofts_words(simulator, ctx, key, submission, change, words, refused):
    simulator.account.unknown_is_refused = refused
    with pytest.raises(Rejected) as caught:
        plugin.submit_invoice(ctx, key, submission(**change))
    assert caught.value.code == "uyumsoft.refused"
    assert words in caught.value.message.tr
    assert words in caught.value.findings[0].detail


def test_a_number_that_another_document_has_is_no_conflict(ctx, key, submission, send):
    send(1, number="EFA2026000000007")
    with pytest.raises(Rejected, match="numarası daha önce"):
        plugin.submit_invoice(ctx, key, submission(2, number="EFA2026000000007"))


@pytest.mark.parametrize("interface", ["integration", "basic"])
def test_a_wrong_password_is_no_refusal_of_the_document(make_ctx, key, submission, interface):
    with pytest.raises(AuthError, match=r"uyumsoft\.login_refused"):
        plugin.submit_invoice(make_ctx(password="wrong", interface=interface), key, submission())


def test_a_wrong_clock_is_told_as_a_login_problem(simulator, ctx, key, submission):
    simulator.account.clock = lambda: ctx.now().replace(year=2027)
    with pytest.raises(AuthError, match=r"soap\.login_refused"):
        plugin.submit_invoice(ctx, key, submission())


def test_a_lost_answer_is_found_by_ettn(simulator, ctx, key, submission, ref_of):
    sent = submission()
    assert plugin.locate(ctx, Operation.SUBMIT_INVOICE, key, ref_of(sent)) == Absent()
    simulator.faults.add(Fault(FaultKind.DROP_AFTER, "POST", SEND, times=1))
    with pytest.raises(OutcomeUnknown):
        plugin.submit_invoice(ctx, key, sent)
    assert isinstance(plugin.locate(ctx, Operation.SUBMIT_INVOICE, key, ref_of(sent)), Found)
    assert len(simulator.held(Operation.SUBMIT_INVOICE)) == 1


@pytest.mark.parametrize("refused", [True, False])
def test_absent_is_said_only_when_the_list_is_empty_too(simulator, ctx, key, submission, ref_of, refused):
    simulator.account.unknown_is_refused = refused
    sent = submission()
    assert plugin.locate(ctx, Operation.SUBMIT_INVOICE, key, ref_of(sent)) == Absent()
    simulator.faults.add(Fault(FaultKind.STATUS, "POST", "/GetOutboxInvoiceList$", status=500))
    with pytest.raises(TransientError):
        plugin.locate(ctx, Operation.SUBMIT_INVOICE, key, ref_of(sent))


def test_without_ettn_nobody_can_tell(ctx, key, submission, ref_of):
    assert isinstance(plugin.locate(ctx, Operation.SUBMIT_INVOICE, key, None), CannotTell)
    assert isinstance(plugin.locate(ctx, Operation.PUSH_STOCK, key, ref_of(submission())), CannotTell)


@pytest.mark.parametrize(
    "value",
    ["", '<Value Id="00000000-0000-4000-8000-00000000dead" Number="X"/>', '<Value Number="X"/>', "<Value/>"],
)
def test_an_answer_about_another_document_leaves_the_outcome_unknown(simulator, ctx, key, submission, value):
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SendInvoiceResponse '
        f'xmlns="http://tempuri.org/"><SendInvoiceResult IsSucceded="true">{value}</SendInvoiceResult>'
        "</SendInvoiceResponse></s:Body></s:Envelope>"
    )
    simulator.faults.add(Fault(FaultKind.REPLACED, "POST", SEND, body=body, times=1))
    with pytest.raises(OutcomeUnknown):
        plugin.submit_invoice(ctx, key, submission())


def test_a_server_fault_leaves_the_outcome_unknown(simulator, ctx, key, submission):
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>'
        "s:Server</faultcode><faultstring>busy</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    simulator.faults.add(Fault(FaultKind.STATUS, "POST", SEND, status=500, body=body, times=1))
    with pytest.raises(OutcomeUnknown):
        plugin.submit_invoice(ctx, key, submission())


def test_a_document_that_failed_at_gib_is_sent_again_under_its_ettn(simulator, ctx, key, send):
    sent = send()
    simulator.script(sent.invoice.id, Fate(polls=0, gib_code=1160))
    assert plugin.submit_invoice(ctx, key, sent).number == sent.invoice.number
    assert len(simulator.held(Operation.SUBMIT_INVOICE)) == 1
