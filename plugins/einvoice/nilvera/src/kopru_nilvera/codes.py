"""Code tables: Nilvera's error codes and states, and what each one means here.

Source: Nilvera's published API description and error page.
"""

from collections.abc import Mapping
from enum import StrEnum

from kopru.model import Profile
from kopru.sdk import (
    ConfigError,
    Conflict,
    ConnectorError,
    OutcomeUnknown,
    Rejected,
    RemoteState,
    TransientError,
)


class Side(StrEnum):
    """Where Nilvera keeps a document; the value is the kind of our external references."""

    E_INVOICE = "e_invoice"
    E_ARCHIVE = "e_archive"
    INCOMING = "incoming_invoice"

    @property
    def documents(self) -> str:
        """Return the path of the documents of this side."""
        return _DOCUMENTS[self]

    @property
    def module(self) -> str:
        """Return the path of the module that sends and holds series and templates."""
        return "/earchive" if self is Side.E_ARCHIVE else "/einvoice"


_DOCUMENTS = {
    Side.E_INVOICE: "/einvoice/Sale",
    Side.E_ARCHIVE: "/earchive/Invoices",
    Side.INCOMING: "/einvoice/Purchase",
}

OUTGOING = (Side.E_INVOICE, Side.E_ARCHIVE)

ISSUE_DATE = "IssueDate"
"""The one date filter both sides offer, and the one every document has before it is in an envelope."""

PROFILES = (Profile.BASIC, Profile.COMMERCIAL, Profile.PUBLIC, Profile.ARCHIVE)
"""Profiles whose whole life at Nilvera is documented. Export and traveller invoices end at the customs."""

ANSWERED_PROFILE = "TICARIFATURA"
"""The one profile the buyer answers inside the system."""


ErrorClass = type[ConnectorError]

REFUSALS: Mapping[int, tuple[ErrorClass, str]] = {
    1000: (ConfigError, "nilvera.tax_number_mismatch"),
    1001: (Conflict, "nilvera.ettn_exists"),
    1004: (Conflict, "nilvera.invoice_exists"),
    1005: (Conflict, "nilvera.series_exists"),
    1015: (Conflict, "nilvera.record_exists"),
    2000: (ConfigError, "nilvera.credit_missing"),
    2004: (OutcomeUnknown, "nilvera.record_failed"),
    2015: (Rejected, "nilvera.schema"),
    2024: (Rejected, "nilvera.wrong_channel"),
    2025: (Rejected, "nilvera.wrong_channel"),
    2051: (ConfigError, "nilvera.sender_not_registered"),
    2052: (Rejected, "nilvera.alias_not_in_use"),
    2053: (Rejected, "nilvera.wrong_channel"),
    2054: (Rejected, "nilvera.wrong_channel"),
    2057: (TransientError, "nilvera.alias_lookup_failed"),
    2059: (Rejected, "nilvera.scenario_must_be_public"),
    2060: (Rejected, "nilvera.wrong_channel"),
    2061: (Rejected, "nilvera.scenario_must_not_be_public"),
    2063: (Rejected, "nilvera.wrong_channel"),
    2065: (Rejected, "nilvera.series_empty"),
    2075: (ConfigError, "nilvera.credit_expired"),
    2078: (ConfigError, "nilvera.credit_too_little"),
    2100: (Rejected, "nilvera.series_year"),
    3000: (Rejected, "nilvera.alias_not_in_use"),
    3001: (ConfigError, "nilvera.sender_alias_unknown"),
    3002: (Rejected, "nilvera.alias_not_in_use"),
    3003: (Rejected, "nilvera.document.not_found"),
    3004: (Rejected, "nilvera.document.not_found"),
    3005: (Rejected, "nilvera.document_empty"),
    3006: (Rejected, "nilvera.document.not_found"),
    3009: (Rejected, "nilvera.series_unknown"),
    3010: (ConfigError, "nilvera.template_unknown"),
    3011: (ConfigError, "nilvera.template_unknown"),
    3012: (ConfigError, "nilvera.template_unknown"),
    3017: (ConfigError, "nilvera.package_unknown"),
    3030: (ConfigError, "nilvera.api_unknown"),
}
"""Nilvera's error code → our error class and code."""

SENT_BEFORE = frozenset({1001, 1004, 1015})
ETTN_EXISTS = 1001
SERIES_UNKNOWN = 3009
MUST_BE_E_ARCHIVE = frozenset({2024, 2054, 2060})
MUST_BE_E_INVOICE = frozenset({2025, 2053, 2063})

WAITING = frozenset({"unknown", "waiting"})
"""``unknown`` is what an e-Arşiv invoice says until the evening's report is made."""

ANSWERS: Mapping[str, RemoteState] = {
    "unknown": RemoteState.AWAITING_ANSWER,
    "waitingForApproval": RemoteState.AWAITING_ANSWER,
    "approved": RemoteState.ACCEPTED,
    "rejected": RemoteState.REFUSED,
    "documentAnsweredAutomatically": RemoteState.ACCEPTED,
}
