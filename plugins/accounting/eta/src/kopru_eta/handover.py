"""Own invoices handed over as cash register files, one each.

Before the file its name is written to ``kopru/`` beside it: ETA may take the file away at any time, and what
was handed over must stay known.
"""

import json

from kopru.model import ExternalRef
from kopru.model.money import cents
from kopru.sdk import (
    Absent,
    CannotTell,
    ConnectorError,
    Echo,
    Found,
    IdempotencyKey,
    LedgerInvoice,
    Located,
    Receipt,
    ReceiptState,
)
from kopru.toolkit import rows, validation
from kopru_eta import errors
from kopru_eta.client import Client
from kopru_eta.codes import RECEIPT
from kopru_eta.mapping import receipt
from kopru_eta.texts import TEXTS

FOLDER = "kopru"


def write(client: Client, key: IdempotencyKey, ledger: LedgerInvoice) -> Receipt:
    """Hand an invoice over; the same key writes the same files.

    Raises:
        Conflict: a file of this key with other content is there.
        Rejected: see ``receipt.file_of``.
    """
    content = receipt.file_of(client.config, ledger)
    client.ctx.files.write(_note(key), _noted(ledger))
    client.ctx.files.write(_name(client, key), content)
    return _receipt(key, json.loads(_noted(ledger)))


def locate(client: Client, key: IdempotencyKey) -> Located:
    """Say whether an invoice was handed over; a note without its file means that ETA may have taken it."""
    files = client.ctx.files
    if _note(key) not in files.list(f"{FOLDER}/*.json"):
        return Absent()
    if _name(client, key) not in files.list("*"):
        return CannotTell(TEXTS.text("eta.receipt.taken", name=_name(client, key)))
    try:
        return Found(_receipt(key, validation.read_json(files.read(_note(key), limit=10_000))))
    except (ValueError, AttributeError, ConnectorError) as error:
        raise errors.unreadable(str(error)) from error


def _receipt(key: IdempotencyKey, noted: rows.Row) -> Receipt:
    total = rows.number(noted, "total")
    number = rows.text(noted, "number")
    echo = Echo(
        total=None if total is None else cents(total),
        currency=rows.text(noted, "currency") or None,
        party=rows.text(noted, "party") or None,
        date=rows.text(noted, "date") or None,
        number=number or None,
    )
    return Receipt(ReceiptState.DONE, ExternalRef(kind=RECEIPT, id=key.short), number or None, echo)


def _noted(ledger: LedgerInvoice) -> bytes:
    invoice = ledger.invoice
    noted = {
        "number": invoice.number,
        "total": str(invoice.totals.payable),
        "currency": invoice.currency,
        "party": ledger.party_code,
        "date": invoice.issue_date.isoformat(),
    }
    return json.dumps(noted, ensure_ascii=False, sort_keys=True).encode()


def _note(key: IdempotencyKey) -> str:
    return f"{FOLDER}/{key.short}.json"


def _name(client: Client, key: IdempotencyKey) -> str:
    return client.config.receipts.name.replace("{key}", key.short)
