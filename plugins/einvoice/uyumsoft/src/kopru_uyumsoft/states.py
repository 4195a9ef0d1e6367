"""From Uyumsoft's states to the engine's, to the end of each document's life."""

from typing import Any

from kopru.model import ExternalRef, Finding, Severity
from kopru.sdk import Operation, PendingReceipt, ReceiptUpdate, RemoteState
from kopru.toolkit.einvoice import GIB_FAULTS
from kopru_uyumsoft import mapping
from kopru_uyumsoft.codes import APPROVED, DRAFTS, ERROR, STATES, Side
from kopru_uyumsoft.errors import words
from kopru_uyumsoft.texts import TEXTS


def update(pending: PendingReceipt, side: Side, row: Any, gib: int, commercial: bool) -> ReceiptUpdate:
    """Return what a row of a status answer says about an earlier write.

    ``gib`` is GİB's envelope code of a failed document, 0 when unknown; ``commercial`` says that the buyer
    answers the document. A cancellation is over when the document is cancelled and goes on otherwise.
    """
    found = _update(pending.ref, side, row, gib, commercial)
    if pending.operation is Operation.CANCEL_DOCUMENT and found.state is not RemoteState.CANCELLED:
        return ReceiptUpdate(
            pending.ref, RemoteState.PENDING, remote_code=found.remote_code, remote_text=found.remote_text
        )
    return found


def unknown(ref: ExternalRef, code: str, detail: str = "") -> ReceiptUpdate:
    """Return the update for a document whose state could not be learned: still pending, with a warning."""
    return ReceiptUpdate(ref, RemoteState.PENDING, findings=(_warning(code, detail),))


def gib_code(row: Any) -> int:
    """Return GİB's envelope code of a row, 0 without one."""
    value = row.get("EnvelopeStatusCode") if isinstance(row, dict) else None
    return value if isinstance(value, int) else 0


def _update(ref: ExternalRef, side: Side, row: Any, gib: int, commercial: bool) -> ReceiptUpdate:
    status, said = mapping.status_of(row), words(row.get("Message") if isinstance(row, dict) else None)[:500]
    if status == APPROVED:
        return ReceiptUpdate(ref, _approved(side, commercial), status, said)
    if status == ERROR:
        return _failed(ref, gib, said)
    state = STATES.get(status)
    if state is None:
        warning = _warning("uyumsoft.status.unknown", said, status=status or "?")
        return ReceiptUpdate(ref, RemoteState.PENDING, status, said, (warning,))
    findings = (_warning("uyumsoft.status.draft", said),) if status in DRAFTS else ()
    return ReceiptUpdate(ref, state, status, said, findings)


def _approved(side: Side, commercial: bool) -> RemoteState:
    if side is Side.E_ARCHIVE:
        return RemoteState.DONE
    return RemoteState.ACCEPTED if commercial else RemoteState.DELIVERED


def _failed(ref: ExternalRef, gib: int, said: str) -> ReceiptUpdate:
    group = GIB_FAULTS.get(gib)
    if group is None:
        # Failed before GİB, or with a code that contradicts a failure: a person has to look.
        code = "uyumsoft.status.failed"
        finding = Finding(code=code, message=TEXTS.text(code, reason=said or "?"), detail=said)
        return ReceiptUpdate(ref, RemoteState.FAILED, str(gib) if gib else ERROR, said, (finding,))
    code = f"uyumsoft.gib.{group}"
    finding = Finding(code=code, message=TEXTS.text(code, gib=gib), detail=said)
    return ReceiptUpdate(ref, group.state, str(gib), said, (finding,))


def _warning(code: str, detail: str, **values: str) -> Finding:
    return Finding(
        code=code, message=TEXTS.text(code, **values), severity=Severity.WARNING, detail=detail[:1000]
    )
