"""Deterministic identities of documents and of the writes made for them.

The same inputs give the same identity in every process and after every restore, so a repeat is recognised
on both sides. Nothing here depends on time, number or content.
"""

from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID, uuid5

from kopru.hooks.types import IdempotencyKey, Operation
from kopru.model import InvoiceKind

NAMESPACE = UUID("6f0c2b52-7a6d-5f0e-9a53-3f1f7c9f0d11")
"""Namespace of every identity of the engine. Changing it would make repeats look new."""

_RETURNS = frozenset({InvoiceKind.RETURN, InvoiceKind.WITHHOLDING_RETURN})


class DocumentType(StrEnum):
    """What a document is to its order, whatever tax class it falls in.

    A sale that turns out to be an exemption or a withholding case is still the order's one invoice.
    """

    INVOICE = "invoice"
    RETURN = "return"


def document_type(kind: InvoiceKind) -> DocumentType:
    """Return the document type of an invoice kind."""
    return DocumentType.RETURN if kind in _RETURNS else DocumentType.INVOICE


def document_key(
    tenant: UUID | str,
    connection: UUID | str,
    external_id: str,
    type: DocumentType,
    revision: int = 0,
) -> str:
    """Return the key of which at most one live document exists.

    Args:
        tenant: the company that issues.
        connection: the source connection the record came from.
        external_id: the unit the channel wants invoiced (a shipment package), or the customer's return.
        type: invoice or return.
        revision: 0 for the first document; rises only after the previous one is void, cancelled or fully
            credited. It is not the order's own revision.

    Raises:
        ValueError: an empty part or a negative revision.
    """
    if revision < 0:
        raise ValueError("revisions start at 0")
    return _join((str(tenant), str(connection), external_id, type.value, str(revision)))


def ettn(key: str) -> UUID:
    """Return the document's ETTN, known before anything is sent."""
    return uuid5(NAMESPACE, f"document:{key}")


def effect_key(
    subject: str, operation: Operation, connection: UUID | str, detail: str = ""
) -> IdempotencyKey:
    """Return the key of one write: subject × operation × connection.

    Args:
        subject: a document key, or the key of the partner, order or stock value that is written.
        operation: the write.
        connection: the connection written to.
        detail: tells writes of one operation apart (the action of an order update, a stock version).

    Raises:
        ValueError: an empty subject or connection.
    """
    value = _join((subject, operation.value, str(connection))) + (f"/{_escape(detail)}" if detail else "")
    return stored_key(value)


def stored_key(value: str) -> IdempotencyKey:
    """Return the key of a write whose value was stored."""
    return IdempotencyKey(value=value, uuid=uuid5(NAMESPACE, f"effect:{value}"))


def subject_key(*parts: UUID | str) -> str:
    """Return the key of something that is no document: a partner, an order, a product.

    Raises:
        ValueError: no part, or an empty one.
    """
    return _join([str(part) for part in parts])


def _join(parts: Sequence[str]) -> str:
    if not parts or not all(parts):
        raise ValueError("an identity has no empty part")
    return "/".join(_escape(part) for part in parts)


def _escape(part: str) -> str:
    return quote(part, safe="")
