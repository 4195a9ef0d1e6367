"""From Nilvera's status answers to the engine's states, to the end of each document's life."""

from typing import Any

from kopru.model import ExternalRef, Finding, Severity
from kopru.sdk import Operation, PendingReceipt, ReceiptUpdate, RemoteState
from kopru.toolkit.einvoice import GIB_FAULTS
from kopru_nilvera.codes import (
    ANSWERED_PROFILE,
    ANSWERS,
    WAITING,
    Side,
)
from kopru_nilvera.texts import TEXTS

_LONGEST_WORDS = 500


def update(pending: PendingReceipt, side: Side, data: Any) -> ReceiptUpdate:
    """Return what a status answer says about an earlier write.

    A cancellation is over when the document is cancelled and goes on otherwise.
    """
    status = data if isinstance(data, dict) else {}
    state = _e_archive(pending.ref, status) if side is Side.E_ARCHIVE else _e_invoice(pending.ref, status)
    if pending.operation is Operation.CANCEL_DOCUMENT and state.state is not RemoteState.CANCELLED:
        return ReceiptUpdate(
            pending.ref, RemoteState.PENDING, remote_code=state.remote_code, remote_text=state.remote_text
        )
    return state


def is_cancelled(data: Any) -> bool:
    """Whether an e-Arşiv status answer says that the invoice is cancelled."""
    return isinstance(data, dict) and data.get("CancelStatus") is True


def unknown(ref: ExternalRef, code: str, detail: str) -> ReceiptUpdate:
    """Return the update for a document whose state could not be learned: still pending, with a warning."""
    warning = Finding(code=code, message=TEXTS[code], severity=Severity.WARNING, detail=detail[:1000])
    return ReceiptUpdate(ref, RemoteState.PENDING, findings=(warning,))


def _e_invoice(ref: ExternalRef, status: dict[str, Any]) -> ReceiptUpdate:
    invoice, envelope, answer = (_part(status, name) for name in ("InvoiceStatus", "EnvelopeInfo", "Answer"))
    code = _word(invoice.get("Code"))
    gib = _gib_code(envelope.get("GIBCode"))
    words = _words(invoice.get("Description"), invoice.get("DetailDescription"))
    said = _words(envelope.get("GIBDescription")) or words
    remote_code = str(gib) if gib else code
    if code == "succeed":
        return _delivered(ref, _word(status.get("InvoiceProfile")), answer, remote_code, said)
    if code == "error":
        return _failed(ref, gib, words or said)
    if code in WAITING:
        return ReceiptUpdate(ref, RemoteState.PENDING, remote_code, said)
    return _strange(ref, code, said)


def _delivered(
    ref: ExternalRef, profile: str, answer: dict[str, Any], remote_code: str, said: str
) -> ReceiptUpdate:
    given = _word(answer.get("AnswerCode"))
    answered = profile == ANSWERED_PROFILE or (not profile and given in ANSWERS and given != "unknown")
    if not answered:
        return ReceiptUpdate(ref, RemoteState.DELIVERED, remote_code, said)
    if given and given not in ANSWERS:
        return _strange(ref, given, said, state=RemoteState.AWAITING_ANSWER)
    note = _words(answer.get("AnswerNote")) or _words(answer.get("Description"))
    return ReceiptUpdate(ref, ANSWERS[given or "unknown"], given or remote_code, note or said)


def _failed(ref: ExternalRef, gib: int, words: str) -> ReceiptUpdate:
    group = GIB_FAULTS.get(gib)
    if group is None:
        # Failed before GİB, or with a code that contradicts a failure: a person has to look.
        code = "nilvera.status.failed"
        text = TEXTS.text(code, reason=words or str(gib or "?"))
        return _ended(ref, RemoteState.FAILED, Finding(code=code, message=text, detail=words), gib)
    code = f"nilvera.gib.{group}"
    finding = Finding(code=code, message=TEXTS.text(code, gib=gib), detail=words)
    return _ended(ref, group.state, finding, gib)


def _e_archive(ref: ExternalRef, status: dict[str, Any]) -> ReceiptUpdate:
    code, report = _word(status.get("StatusCode")), _word(status.get("ReportStatus"))
    said = _words(status.get("StatusDetail"))
    if is_cancelled(status):
        return ReceiptUpdate(ref, RemoteState.CANCELLED, report or code, said)
    if code == "error":
        failed = "nilvera.status.failed"
        text = TEXTS.text(failed, reason=said or "?")
        return _ended(ref, RemoteState.FAILED, Finding(code=failed, message=text, detail=said))
    if code == "succeed" and report == "Reported":
        return ReceiptUpdate(ref, RemoteState.DONE, report, said)
    if code == "succeed" or code in WAITING:
        # Issued, but not final until it stands in a report that GİB accepted.
        return ReceiptUpdate(ref, RemoteState.PENDING, report if code == "succeed" else code, said)
    return _strange(ref, code, said)


def _ended(ref: ExternalRef, state: RemoteState, finding: Finding, gib: int = 0) -> ReceiptUpdate:
    return ReceiptUpdate(ref, state, str(gib) if gib else "error", finding.detail, (finding,))


def _strange(
    ref: ExternalRef, code: str, said: str, *, state: RemoteState = RemoteState.PENDING
) -> ReceiptUpdate:
    text = TEXTS.text("nilvera.status.unknown", status=code or "?")
    warning = Finding(
        code="nilvera.status.unknown", message=text, severity=Severity.WARNING, detail=said[:1000]
    )
    return ReceiptUpdate(ref, state, code, said, (warning,))


def _part(status: dict[str, Any], name: str) -> dict[str, Any]:
    part = status.get(name)
    return part if isinstance(part, dict) else {}


def _word(value: Any) -> str:
    return value[:100] if isinstance(value, str) else ""


def _words(*values: Any) -> str:
    parts = dict.fromkeys(value.strip() for value in values if isinstance(value, str) and value.strip())
    return " – ".join(parts).replace("\x00", "")[:_LONGEST_WORDS]


def _gib_code(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 0
