"""Following a document to its end, downloading it, cancelling it."""

import base64
import json

import pytest

from kopru.model import ExternalRef, Profile
from kopru.sdk import (
    Absent,
    AuthError,
    Cancellation,
    DocumentFormat,
    Found,
    Operation,
    OutcomeUnknown,
    PendingReceipt,
    ReceiptState,
    Rejected,
    RemoteState,
    TransientError,
    Unsupported,
)
from kopru.testing.faults import Fault, FaultKind
from kopru.transport.errors import PlannedRequest
from kopru_nilvera import plugin
from kopru_nilvera.simulation.documents import Fate

SUBMIT, CANCEL = Operation.SUBMIT_INVOICE, Operation.CANCEL_DOCUMENT
UNKNOWN = ExternalRef(kind="e_archive", id="9f2504e0-4f89-41d3-9a0c-0305e82c3301")


@pytest.fixture
def send(ctx, key, submission):
    """Return how to send a document and get its reference."""

    def send_one(n=1, profile=Profile.BASIC):
        return plugin.submit_invoice(ctx, key, submission(n, profile=profile)).ref

    return send_one


def states_of(ctx, ref, times, operation=SUBMIT):
    pending = [PendingReceipt(operation, ref, archive=ref.kind == "e_archive")]
    return [plugin.fetch_receipts(ctx, pending)[0].state for _ in range(times)]


def test_a_basic_invoice_is_delivered(ctx, send):
    assert states_of(ctx, send(), 3) == [RemoteState.PENDING, RemoteState.DELIVERED, RemoteState.DELIVERED]


def test_gibs_steps_are_shown_on_the_way(simulator, ctx, send):
    ref = send()
    simulator.script(ref.id, Fate(polls=4))
    codes = [plugin.fetch_receipts(ctx, [PendingReceipt(SUBMIT, ref)])[0].remote_code for _ in range(5)]
    assert codes == ["1000", "1100", "1200", "1220", "1300"]


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ("approved", RemoteState.ACCEPTED),
        ("rejected", RemoteState.REFUSED),
        ("documentAnsweredAutomatically", RemoteState.ACCEPTED),
    ],
)
def test_a_commercial_invoice_waits_for_its_buyer(simulator, ctx, send, answer, end):
    ref = send(profile=Profile.COMMERCIAL)
    assert states_of(ctx, ref, 3) == [RemoteState.PENDING] + 2 * [RemoteState.AWAITING_ANSWER]
    simulator.answer(ref.id, answer, "Adet eksik")
    assert states_of(ctx, ref, 1) == [end]


def test_an_answer_can_be_scripted_ahead(simulator, ctx, send):
    ref = send(profile=Profile.COMMERCIAL)
    simulator.script(ref.id, Fate(polls=1, answer="approved", answer_polls=2))
    waiting = [RemoteState.PENDING] + 2 * [RemoteState.AWAITING_ANSWER]
    assert states_of(ctx, ref, 4) == [*waiting, RemoteState.ACCEPTED]


def test_an_archive_invoice_is_done_when_it_is_reported(simulator, ctx, send):
    ref = send(profile=Profile.ARCHIVE)
    assert states_of(ctx, ref, 3) == [RemoteState.PENDING, RemoteState.PENDING, RemoteState.DONE]
    other = send(2, profile=Profile.ARCHIVE)
    simulator.script(other.id, Fate(polls=0, report_polls=1000))
    assert states_of(ctx, other, 2) == [RemoteState.PENDING, RemoteState.PENDING]
    simulator.report(other.id)
    assert states_of(ctx, other, 1) == [RemoteState.DONE]


@pytest.mark.parametrize(
    ("gib", "end"),
    [(1150, RemoteState.RETRYABLE), (1215, RemoteState.RETRYABLE), (1163, RemoteState.FAILED)],
)
def test_gib_refuses_a_document(simulator, ctx, send, gib, end):
    ref = send()
    simulator.fail(ref.id, gib)
    (update,) = plugin.fetch_receipts(ctx, [PendingReceipt(SUBMIT, ref)])
    assert (update.state, update.remote_code) == (end, str(gib))
    assert update.findings[0].message.tr


def test_nilvera_itself_fails_a_document(simulator, ctx, send):
    ref = send(profile=Profile.ARCHIVE)
    simulator.script(ref.id, Fate(polls=0, error="Mali mühür bulunamadı"))
    (update,) = plugin.fetch_receipts(ctx, [PendingReceipt(SUBMIT, ref, archive=True)])
    assert update.state is RemoteState.FAILED
    assert "Mali mühür bulunamadı" in update.findings[0].message.tr


def test_time_can_hold_a_document_back(simulator, ctx, send):
    ref = send()
    simulator.script(ref.id, Fate(polls=0, seconds=3600))
    assert states_of(ctx, ref, 2) == [RemoteState.PENDING, RemoteState.PENDING]


def test_many_documents_are_answered_in_order_and_one_bad_one_holds_up_none(simulator, ctx, send):
    refs = [send(n) for n in range(1, 4)]
    strange = ExternalRef(kind="e_invoice", id="../../general/Credits")
    pending = [PendingReceipt(SUBMIT, ref) for ref in (refs[0], UNKNOWN, refs[1], strange, refs[2])]
    plugin.fetch_receipts(ctx, pending)
    simulator.faults.add(Fault(FaultKind.STATUS, path=f"{refs[1].id}/Status$", status=500))
    updates = plugin.fetch_receipts(ctx, pending)
    assert [update.ref for update in updates] == [entry.ref for entry in pending]
    delivered, waiting = RemoteState.DELIVERED, RemoteState.PENDING
    assert [update.state for update in updates] == [delivered, waiting, waiting, waiting, delivered]
    codes = [[finding.code for finding in update.findings] for update in updates]
    missing, unavailable = ["nilvera.status.not_found"], ["nilvera.status.unavailable"]
    assert codes == [[], missing, unavailable, missing, []]


def test_when_no_state_can_be_read_the_job_is_tried_again(simulator, ctx, send):
    pending = [PendingReceipt(SUBMIT, send(n)) for n in (1, 2)]
    simulator.faults.add(Fault(FaultKind.STATUS, path="/Status$", status=500))
    with pytest.raises(TransientError):
        plugin.fetch_receipts(ctx, pending)


def test_a_refused_key_stops_the_whole_call(ctx, send, make_ctx):
    pending = [PendingReceipt(SUBMIT, send())]
    with pytest.raises(AuthError):
        plugin.fetch_receipts(make_ctx(api_key="other"), pending)
    assert plugin.fetch_receipts(ctx, []) == ()


def test_a_document_that_reads_do_not_show_yet_stays_pending(simulator, ctx, send):
    simulator.read_lag = 3600
    assert states_of(ctx, send(), 1) == [RemoteState.PENDING]


# Downloads


@pytest.mark.parametrize("wrapping", ["json", "raw"])
@pytest.mark.parametrize("profile", [Profile.BASIC, Profile.ARCHIVE])
def test_a_document_is_downloaded_in_every_form(simulator, ctx, key, submission, profile, wrapping):
    simulator.wrapping = wrapping
    sent = submission(profile=profile)
    ref = plugin.submit_invoice(ctx, key, sent).ref
    archive = profile is Profile.ARCHIVE
    xml = plugin.fetch_document(ctx, ref, DocumentFormat.XML, archive)
    assert xml.content == sent.document.content
    assert (xml.media_type, xml.filename) == ("application/xml", f"{ref.id}.xml")
    pdf = plugin.fetch_document(ctx, ref, DocumentFormat.PDF, archive)
    assert pdf.content.startswith(b"%PDF-") and pdf.content.rstrip().endswith(b"%%EOF")
    html = plugin.fetch_document(ctx, ref, DocumentFormat.HTML, archive)
    assert sent.invoice.number.encode() in html.content and html.media_type == "text/html"


def test_a_received_document_is_downloaded_too(simulator, ctx):
    ref = ExternalRef(kind="incoming_invoice", id=simulator.receive())
    assert plugin.fetch_document(ctx, ref, DocumentFormat.PDF, False).content.startswith(b"%PDF-")


def test_an_older_reference_is_found_by_the_archive_flag(ctx, key, submission):
    sent = submission(profile=Profile.ARCHIVE)
    plugin.submit_invoice(ctx, key, sent)
    ref = ExternalRef(kind="document", id=str(sent.invoice.id))
    assert plugin.fetch_document(ctx, ref, DocumentFormat.XML, True).content == sent.document.content
    with pytest.raises(Rejected):
        plugin.fetch_document(ctx, ref, DocumentFormat.XML, False)


@pytest.mark.parametrize("ref", [UNKNOWN, ExternalRef(kind="e_invoice", id="../Series")])
def test_an_unknown_document_is_not_found(ctx, ref):
    with pytest.raises(Rejected) as caught:
        plugin.fetch_document(ctx, ref, DocumentFormat.PDF, True)
    assert caught.value.code == "nilvera.document.not_found"


def test_a_document_that_is_not_made_yet_is_asked_for_again(simulator, ctx, send):
    ref = send()
    simulator.faults.add(Fault(FaultKind.MALFORMED, path="/pdf$"))
    with pytest.raises(TransientError) as caught:
        plugin.fetch_document(ctx, ref, DocumentFormat.PDF, False)
    assert caught.value.code == "nilvera.document.unreadable"


def test_the_simulated_pdf_has_a_true_cross_reference_table(simulator, ctx, send):
    content = plugin.fetch_document(ctx, send(), DocumentFormat.PDF, False).content
    start = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    lines = content[start:].splitlines()
    assert lines[0] == b"xref"
    count = int(lines[1].split()[1])
    for number, line in enumerate(lines[3 : 2 + count], start=1):
        offset = int(line.split()[0])
        assert content[offset:].startswith(b"%d 0 obj" % number)


# Cancelling


def cancel(ctx, key, ref, archive=True):
    return plugin.cancel_document(ctx, key, Cancellation(ref, "Sipariş iptal", archive=archive))


def test_an_archive_invoice_is_cancelled(simulator, ctx, key, send):
    ref = send(profile=Profile.ARCHIVE)
    assert plugin.locate(ctx, CANCEL, key, ref) == Absent()
    receipt = cancel(ctx, key, ref)
    assert (receipt.state, receipt.ref) == (ReceiptState.DONE, ref)
    assert isinstance(plugin.locate(ctx, CANCEL, key, ref), Found)
    assert [held.reference for held in simulator.held(CANCEL)] == [ref.id]
    assert states_of(ctx, ref, 1) == states_of(ctx, ref, 1, CANCEL) == [RemoteState.CANCELLED]
    assert not simulator.held(SUBMIT)[0].live


@pytest.mark.parametrize("refused", [True, False])
def test_cancelling_twice_is_done_whatever_nilvera_answers(simulator, ctx, key, send, refused):
    simulator.account.cancelling_twice_is_refused = refused
    ref = send(profile=Profile.ARCHIVE)
    cancel(ctx, key, ref)
    assert cancel(ctx, key, ref).state is ReceiptState.DONE
    assert len(simulator.truth.of("document.cancelled")) == 1


def test_a_cancellation_whose_answer_was_lost_is_found(simulator, ctx, key, send):
    ref = send(profile=Profile.ARCHIVE)
    simulator.faults.add(Fault(FaultKind.DROP_AFTER, path="/Cancel$", times=1))
    with pytest.raises(OutcomeUnknown):
        cancel(ctx, key, ref)
    assert isinstance(plugin.locate(ctx, CANCEL, key, ref), Found)


def test_a_cancellation_is_not_in_doubt_when_only_its_state_cannot_be_read(simulator, ctx, key, send):
    ref = send(profile=Profile.ARCHIVE)
    simulator.faults.add(Fault(FaultKind.STATUS, path="/Status$", status=500))
    assert cancel(ctx, key, ref).state is ReceiptState.ACCEPTED
    assert len(simulator.held(CANCEL)) == 1


def test_a_refused_cancellation_of_a_live_invoice_is_refused(simulator, ctx, key, send):
    ref = send(profile=Profile.ARCHIVE)
    simulator.script(ref.id, Fate(polls=0, error="Hata"))
    with pytest.raises(Rejected) as caught:
        cancel(ctx, key, ref)
    assert "iptal edilemez" in caught.value.message.tr
    assert simulator.held(CANCEL) == []


def test_an_unknown_archive_invoice_cannot_be_cancelled(ctx, key):
    with pytest.raises(Rejected) as caught:
        cancel(ctx, key, UNKNOWN)
    assert caught.value.code == "nilvera.document.not_found"
    assert plugin.locate(ctx, CANCEL, key, UNKNOWN) == Absent()


def test_an_e_invoice_is_never_cancelled_here_and_the_text_names_the_ways(simulator, ctx, key, send):
    ref = send()
    with pytest.raises(Unsupported) as caught:
        cancel(ctx, key, ref, archive=True)
    text = caught.value.message.tr
    for way in ("RED", "GİB", "noter", "KEP", "iade"):
        assert way in text
    assert plugin.locate(ctx, CANCEL, key, ref) == Absent()
    with pytest.raises(Unsupported):
        cancel(ctx, key, ExternalRef(kind="incoming_invoice", id=ref.id))
    with pytest.raises(Unsupported):
        cancel(ctx, key, ExternalRef(kind="document", id=ref.id), archive=False)


def test_a_dry_run_cancels_nothing(simulator, make_ctx, key, send):
    ref = send(profile=Profile.ARCHIVE)
    with pytest.raises(PlannedRequest):
        cancel(make_ctx(dry_run=True), key, ref)
    assert simulator.held(CANCEL) == []


def test_a_pdf_inside_json_is_really_base64(simulator, ctx, send):
    ref = send()
    answer = ctx.http.request(
        "GET", f"/einvoice/Sale/{ref.id}/pdf", headers={"authorization": f"Bearer {simulator.api_key}"}
    )
    assert base64.b64decode(json.loads(answer.content)).startswith(b"%PDF-")
