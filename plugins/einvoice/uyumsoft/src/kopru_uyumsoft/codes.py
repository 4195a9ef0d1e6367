"""Code tables: Uyumsoft's states and words, and what each one means here.

Sources: Uyumsoft's customer web service document (2.0.6) and the service description it publishes.
"""

from collections.abc import Mapping
from enum import StrEnum

from kopru.model import PaymentMethod, Profile
from kopru.sdk import DocumentFormat, RemoteState


class Side(StrEnum):
    """Where Uyumsoft keeps a document; the value is the kind of our external references."""

    E_INVOICE = "e_invoice"
    E_ARCHIVE = "e_archive"
    INCOMING = "incoming_invoice"

    @property
    def box(self) -> str:
        """Return the word for the box in names of operations."""
        return "Inbox" if self is Side.INCOMING else "Outbox"


SCENARIOS: Mapping[Side, str] = {Side.E_INVOICE: "eInvoice", Side.E_ARCHIVE: "eArchive"}
"""``Scenario`` of a submission. It is always stated, so that Uyumsoft refuses instead of choosing itself."""

PROFILES = (Profile.BASIC, Profile.COMMERCIAL, Profile.PUBLIC, Profile.ARCHIVE)
"""Profiles whose whole life at Uyumsoft is documented. Export and traveller invoices end at the customs."""

DOWNLOADS: Mapping[DocumentFormat, str] = {
    DocumentFormat.XML: "Data",
    DocumentFormat.PDF: "Pdf",
    DocumentFormat.HTML: "View",
}
"""What follows the box in the name of the operation that hands out a document."""

MEDIA_TYPES: Mapping[DocumentFormat, str] = {
    DocumentFormat.XML: "application/xml",
    DocumentFormat.PDF: "application/pdf",
    DocumentFormat.HTML: "text/html",
}

COMMERCIAL = "ComercialInvoice"
"""``Type`` of a listed TICARIFATURA, in Uyumsoft's spelling."""

STATUS_CODES: Mapping[int, str] = {
    10: "Canceled",
    100: "Queued",
    200: "Processing",
    300: "SentToGib",
    1000: "Approved",
    1100: "WaitingForAprovement",
    1200: "Declined",
    1300: "Return",
    1400: "EArchivedCanceled",
    2000: "Error",
}
"""``StatusCode`` → ``Status``, for a state that comes under another name. 0 stands for three states."""

DRAFTS = frozenset({"NotPrepared", "NotSend", "Draft"})
"""States in which nothing goes on unless somebody sends the draft in the portal."""

APPROVED = "Approved"
ERROR = "Error"

STATES: Mapping[str, RemoteState] = {
    **dict.fromkeys(DRAFTS, RemoteState.PENDING),
    "Queued": RemoteState.PENDING,
    "Processing": RemoteState.PENDING,
    "SentToGib": RemoteState.PENDING,
    "WaitingForAprovement": RemoteState.AWAITING_ANSWER,
    "Declined": RemoteState.REFUSED,
    "Return": RemoteState.REFUSED,
    "Canceled": RemoteState.CANCELLED,
    "EArchivedCanceled": RemoteState.CANCELLED,
}
"""What each ``Status`` means; ``Approved`` depends on the document, ``Error`` on GİB's code."""

PAYMENT_FORMS: Mapping[PaymentMethod, str] = {
    PaymentMethod.CARD: "KREDIKARTI/BANKAKARTI",
    PaymentMethod.TRANSFER: "EFT/HAVALE",
    PaymentMethod.CASH_ON_DELIVERY: "KAPIDAODEME",
    PaymentMethod.PLATFORM: "ODEMEARACISI",
    PaymentMethod.OTHER: "DIGER - Diğer",
}
"""``PaymentType`` of an internet sale; "other" must name itself after a dash."""
