"""Following documents to their end, downloads and cancellation."""

from datetime import UTC

import pytest

from kopru.model import ExternalRef, Profile
from kopru.sdk import (
    Absent,
    Cancellation,
    DocumentFormat,
    Found,
    Operation,
    PendingReceipt,
    ReceiptState,
    Rejected,
    RemoteState,
    TransientError,
    Unsupported,
)
from kopru.testing.faults import Fault, FaultKind
from kopru_uyumsoft import plugin
from kopru_uyumsoft.simulation.documents import Fate

NOBODY = ExternalRef(kind="e_invoice", id="00000000-0000-4000-8000-00000000dead")


def ask(ctx, *refs, operation=Operation.SUBMIT_INVOICE):
    pending = [PendingReceipt(operation, ref, ref.kind == "e_archive") for ref in refs]
    return plugin.fetch_receipts(ctx, pending)


@pytest.mark.parametrize(
    ("profile", "fate", "state"),
    [
        (Profile.BASIC, Fate(polls=9), RemoteState.PENDING),
        (Profile.BASIC, Fate(polls=0), RemoteState.DELIVERED),
        (Profile.COMMERCIAL, Fate(polls=0), RemoteState.AWAITING_ANSWER),
        (Profile.COMMERCIAL, Fate(polls=0, answer="Approved"), RemoteState.ACCEPTED),
        (Profile.COMMERCIAL, Fate(polls=0, answer="Declined"), RemoteState.REFUSED),
        (Profile.COMMERCIAL, Fate(polls=0, answer="Return"), RemoteState.REFUSED),
        (Profile.ARCHIVE, Fate(polls=0), RemoteState.DONE),
        (Profile.BASIC, Fate(polls=0, gib_code=1160), RemoteState.RETRYABLE),
        (Profile.BASIC, Fate(polls=0, gib_code=1163), RemoteState.FAILED),
        (Profile.BASIC, Fate(polls=0, error="Mali mühür süresi dolmuş"), RemoteState.FAILED),
        (Profile.BASIC, Fate(status="Draft"), RemoteState.PENDING),
        (Profile.BASIC, Fate(status="Canceled"), RemoteState.CANCELLED),
        (Profile.BASIC, Fate(status="Brandnew"), RemoteState.PENDING),
    ],
)
def test_every_state_has_a_meaning(simulator, ctx, send, ref_of, profile, fate, state):
    sent = send(profile=profile)
    simulator.script(sent.invoice.id, fate)
    (update,) = ask(ctx, ref_of(sent))
    assert (update.state, update.ref) == (state, ref_of(sent))
    unclear = state in (RemoteState.RETRYABLE, RemoteState.FAILED) or fate.status in ("Draft", "Brandnew")
    assert bool(update.findings) is unclear


def test_a_failure_names_gibs_code_and_uyumsofts_words(simulator, ctx, send, ref_of):
    sent, other = send(1), send(2)
    simulator.fail(sent.invoice.id, 1171)
    simulator.script(other.invoice.id, Fate(polls=0, error="Seri tanımsız"))
    at_gib, before_gib = ask(ctx, ref_of(sent), ref_of(other))
    assert (at_gib.remote_code, at_gib.findings[0].code) == ("1171", "uyumsoft.gib.alias")
    assert "Seri tanımsız" in before_gib.findings[0].message.tr


def test_many_documents_are_asked_for_at_once(simulator, make_ctx, send, ref_of):
    refs = [ref_of(send(n)) for n in range(1, 8)]
    simulator.served.clear()
    updates = ask(make_ctx(status_batch=3), *refs[:4], NOBODY, *refs[4:], refs[0])
    assert [update.ref for update in updates] == [*refs[:4], NOBODY, *refs[4:], refs[0]]
    assert updates[4].findings[0].code == "uyumsoft.status.not_found"
    asked = [
        request.path for request in simulator.served if request.path.endswith("QueryOutboxInvoiceStatus")
    ]
    assert len(asked) == 3


def test_one_unknown_document_does_not_spoil_the_others(simulator, ctx, send, ref_of):
    simulator.account.unknown_is_refused = True
    refs = [ref_of(send(n)) for n in (1, 2)]
    first, nobody, last = ask(ctx, refs[0], NOBODY, refs[1])
    assert (first.remote_code, last.remote_code) == ("Queued", "Queued")
    assert nobody.findings[0].code == "uyumsoft.status.not_found"


def test_trouble_is_no_final_word(simulator, ctx, send, ref_of):
    sent = send()
    simulator.faults.add(Fault(FaultKind.STATUS, "POST", "StatusWithLogs$|Status$", status=503))
    with pytest.raises(TransientError):
        ask(ctx, ref_of(sent))


def test_documents_come_in_three_forms(ctx, send, ref_of):
    sent = send()
    for form, start in (
        (DocumentFormat.XML, b"<?xml"),
        (DocumentFormat.PDF, b"%PDF"),
        (DocumentFormat.HTML, b"<!DOCTYPE"),
    ):
        document = plugin.fetch_document(ctx, ref_of(sent), form, False)
        assert document.content.startswith(start)
        assert form.value in document.media_type
        assert document.filename == f"{sent.invoice.id}.{form.value}"


def test_an_incoming_document_is_downloaded_from_the_inbox(simulator, ctx):
    ref = ExternalRef(kind="incoming_invoice", id=simulator.receive())
    assert plugin.fetch_document(ctx, ref, DocumentFormat.PDF, False).content.startswith(b"%PDF")
    wrong = ExternalRef(kind="e_invoice", id=ref.id)
    with pytest.raises(Rejected, match="not_found"):
        plugin.fetch_document(ctx, wrong, DocumentFormat.PDF, False)


def test_a_document_still_being_made_is_asked_for_again(simulator, ctx, send, ref_of):
    sent = send()
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetOutboxInvoicePdfResponse '
        'xmlns="http://tempuri.org/"><GetOutboxInvoicePdfResult IsSucceded="true"><Value/>'
        "</GetOutboxInvoicePdfResult></GetOutboxInvoicePdfResponse></s:Body></s:Envelope>"
    )
    simulator.faults.add(Fault(FaultKind.REPLACED, "POST", "Pdf$", body=body))
    with pytest.raises(TransientError, match=r"uyumsoft\.document\.unreadable"):
        plugin.fetch_document(ctx, ref_of(sent), DocumentFormat.PDF, False)


def test_an_e_archive_invoice_is_cancelled_once(simulator, ctx, key, send, ref_of):
    ref = ref_of(send(profile=Profile.ARCHIVE))
    assert plugin.locate(ctx, Operation.CANCEL_DOCUMENT, key, ref) == Absent()
    first = plugin.cancel_document(ctx, key, Cancellation(ref, "iptal", True))
    assert (first.state, first.ref) == (ReceiptState.ACCEPTED, ref)
    (update,) = ask(ctx, ref, operation=Operation.CANCEL_DOCUMENT)
    assert update.state is RemoteState.CANCELLED
    again = plugin.cancel_document(ctx, key, Cancellation(ref, "iptal", True))
    assert again.state is ReceiptState.DONE
    assert isinstance(plugin.locate(ctx, Operation.CANCEL_DOCUMENT, key, ref), Found)
    assert [fact.kind for fact in simulator.truth].count("document.cancelled") == 1


def test_a_cancellation_that_is_not_done_yet_goes_on(ctx, send, ref_of):
    (update,) = ask(ctx, ref_of(send(profile=Profile.ARCHIVE)), operation=Operation.CANCEL_DOCUMENT)
    assert update.state is RemoteState.PENDING


def test_a_refused_cancellation_keeps_its_words(simulator, ctx, key, send, ref_of):
    sent = send(profile=Profile.ARCHIVE)
    simulator.script(sent.invoice.id, Fate(polls=0, error="x"))
    with pytest.raises(Rejected, match="Hatalı fatura"):
        plugin.cancel_document(ctx, key, Cancellation(ref_of(sent), "iptal", True))


@pytest.mark.parametrize("kind", ["e_invoice", "incoming_invoice"])
def test_an_e_invoice_is_never_cancelled(simulator, ctx, key, kind):
    with pytest.raises(Unsupported, match="not_cancellable"):
        plugin.cancel_document(ctx, key, Cancellation(ExternalRef(kind=kind, id=NOBODY.id), "iptal"))
    assert not simulator.served


def test_the_cancellation_carries_an_unmistakable_time(simulator, ctx, key, send, ref_of, monkeypatch):
    sent = send(profile=Profile.ARCHIVE)
    dates = []
    take = type(simulator)._cancel
    monkeypatch.setattr(
        type(simulator),
        "_cancel",
        lambda self, message: (
            dates.append(message.argument("request").get("CancelDate")) or take(self, message)
        ),
    )
    plugin.cancel_document(ctx, key, Cancellation(ref_of(sent), "iptal", True))
    assert dates == ["2026-03-02T12:00:00+03:00"]
    assert ctx.now().tzinfo is UTC
