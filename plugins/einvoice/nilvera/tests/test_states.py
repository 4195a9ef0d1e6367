"""The state tables: every status answer ends where the documentation says it ends."""

from typing import Any

import pytest

from kopru.model import ExternalRef, Severity
from kopru.sdk import Operation, PendingReceipt, RemoteState
from kopru.toolkit.einvoice import GIB_FAULTS
from kopru_nilvera import states
from kopru_nilvera.codes import Side

INVOICE = ExternalRef(kind="e_invoice", id="11111111-1111-4111-8111-111111111111")
ARCHIVE = ExternalRef(kind="e_archive", id="22222222-2222-4222-8222-222222222222")


def invoice_status(
    code: object,
    *,
    gib: object = 1300,
    profile: object = "TEMELFATURA",
    answer: object = "unknown",
    **more: Any,
) -> dict[str, Any]:
    """A made-up status answer in the documented shape."""
    return {
        "InvoiceProfile": profile,
        "Answer": {"AnswerCode": answer, "AnswerNote": more.get("note")},
        "InvoiceStatus": {"Code": code, "Description": "Açıklama", "DetailDescription": "Ayrıntı"},
        "EnvelopeInfo": {"GIBCode": gib, "GIBDescription": "GİB açıklaması"},
    }


def of_invoice(status: Any, operation: Operation = Operation.SUBMIT_INVOICE):
    return states.update(PendingReceipt(operation, INVOICE), Side.E_INVOICE, status)


def of_archive(status: Any, operation: Operation = Operation.SUBMIT_INVOICE):
    return states.update(PendingReceipt(operation, ARCHIVE, archive=True), Side.E_ARCHIVE, status)


@pytest.mark.parametrize("code", ["waiting", "unknown"])
@pytest.mark.parametrize("gib", [1000, 1100, 1200, 1210, 1220, 1215, None])
def test_waiting_is_pending_whatever_gib_says_meanwhile(code, gib):
    update = of_invoice(invoice_status(code, gib=gib))
    assert update.state is RemoteState.PENDING
    assert update.findings == ()


@pytest.mark.parametrize("profile", ["TEMELFATURA", "KAMU", "IHRACAT"])
def test_success_of_an_unanswered_profile_is_delivered(profile):
    update = of_invoice(invoice_status("succeed", profile=profile, answer="waitingForApproval"))
    assert update.state is RemoteState.DELIVERED
    assert update.remote_code == "1300"
    assert update.remote_text == "GİB açıklaması"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("unknown", RemoteState.AWAITING_ANSWER),
        ("", RemoteState.AWAITING_ANSWER),
        ("waitingForApproval", RemoteState.AWAITING_ANSWER),
        ("approved", RemoteState.ACCEPTED),
        ("rejected", RemoteState.REFUSED),
        ("documentAnsweredAutomatically", RemoteState.ACCEPTED),
    ],
)
def test_success_of_a_commercial_invoice_follows_the_buyers_answer(answer, state):
    update = of_invoice(invoice_status("succeed", profile="TICARIFATURA", answer=answer, note="Fiyat yanlış"))
    assert update.state is state
    if answer == "rejected":
        assert update.remote_code == "rejected"
        assert update.remote_text == "Fiyat yanlış"


def test_an_answer_without_a_profile_is_still_an_answer():
    assert of_invoice(invoice_status("succeed", profile=None, answer="rejected")).state is RemoteState.REFUSED
    assert of_invoice(invoice_status("succeed", profile=None)).state is RemoteState.DELIVERED


def test_an_unknown_answer_goes_on_waiting_and_says_so():
    update = of_invoice(invoice_status("succeed", profile="TICARIFATURA", answer="perhaps"))
    assert update.state is RemoteState.AWAITING_ANSWER
    assert [finding.code for finding in update.findings] == ["nilvera.status.unknown"]


@pytest.mark.parametrize("gib", sorted(GIB_FAULTS))
def test_a_gib_fault_may_be_sent_again_except_the_duplicate(gib):
    update = of_invoice(invoice_status("error", gib=gib))
    assert update.state is (RemoteState.FAILED if gib == 1163 else RemoteState.RETRYABLE)
    assert update.remote_code == str(gib)
    (finding,) = update.findings
    assert str(gib) in finding.message.tr and str(gib) in finding.message.en
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("text", ["1150", 1150])
def test_a_gib_code_may_come_as_text(text):
    assert of_invoice(invoice_status("error", gib=text)).state is RemoteState.RETRYABLE


@pytest.mark.parametrize("gib", [None, 0, 1300, 1220, 9999, "", "x", -5])
def test_a_failure_without_a_gib_fault_needs_a_person(gib):
    update = of_invoice(invoice_status("error", gib=gib))
    assert update.state is RemoteState.FAILED
    (finding,) = update.findings
    assert finding.code == "nilvera.status.failed"
    assert "Açıklama – Ayrıntı" in finding.message.tr


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ({"StatusCode": "waiting", "ReportStatus": "NotReported"}, RemoteState.PENDING, "waiting"),
        ({"StatusCode": "unknown", "ReportStatus": "NotReported"}, RemoteState.PENDING, "unknown"),
        ({"StatusCode": "succeed", "ReportStatus": "NotReported"}, RemoteState.PENDING, "NotReported"),
        ({"StatusCode": "succeed", "ReportStatus": "Reported"}, RemoteState.DONE, "Reported"),
        ({"StatusCode": "error", "StatusDetail": "Mühür yok"}, RemoteState.FAILED, "error"),
        (
            {"StatusCode": "succeed", "ReportStatus": "Reported", "CancelStatus": True},
            RemoteState.CANCELLED,
            "Reported",
        ),
        ({"StatusCode": "waiting", "CancelStatus": True}, RemoteState.CANCELLED, "waiting"),
    ],
)
def test_an_archive_invoice_ends_when_it_is_reported_cancelled_or_failed(status, state, code):
    update = of_archive({"CancelStatus": False, **status})
    assert (update.state, update.remote_code) == (state, code)


def test_a_cancellation_is_pending_until_the_document_is_cancelled():
    cancel = Operation.CANCEL_DOCUMENT
    reported = {"StatusCode": "succeed", "ReportStatus": "Reported", "CancelStatus": False}
    assert of_archive(reported, cancel).state is RemoteState.PENDING
    assert of_archive({**reported, "CancelStatus": True}, cancel).state is RemoteState.CANCELLED


@pytest.mark.parametrize(
    "status",
    [None, [], "x", 7, {}, {"InvoiceStatus": None}, {"InvoiceStatus": []}, {"InvoiceStatus": {"Code": 3}},
     {"InvoiceStatus": {"Code": "new-state", "Description": "a\x00b" * 100_000}},
     {"StatusCode": {"deep": 1}, "StatusDetail": ["x"]}],
)  # fmt: skip
def test_an_answer_of_another_shape_stays_pending_with_a_warning(status):
    for update in (of_invoice(status), of_archive(status)):
        assert update.state is RemoteState.PENDING
        (finding,) = update.findings
        assert finding.code == "nilvera.status.unknown"
        assert not finding.blocks
        assert "\x00" not in update.remote_text and len(update.remote_text) <= 500


def test_only_a_true_flag_counts_as_cancelled():
    assert states.is_cancelled({"CancelStatus": True})
    for other in ({"CancelStatus": "true"}, {"CancelStatus": 1}, {}, None, []):
        assert not states.is_cancelled(other)
