"""The errors a plugin may raise, and what each one makes the engine do.

Every error has a stable dotted ``code``, a ``message`` for the operator in both languages and a
``detail`` for the developer. Its class fixes the consequence: who must act, and whether the try counts.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar

from kopru.model import ExternalRef, Finding, Text


class Actor(StrEnum):
    """Who has to do something about an error."""

    OPERATOR = "operator"
    ENGINE = "engine"
    INTEGRATOR = "integrator"


class ConnectorError(Exception):
    """Base of everything a hook may raise."""

    actor: ClassVar[Actor] = Actor.OPERATOR
    counts: ClassVar[bool] = True
    """Whether the try is counted towards giving up."""
    default: ClassVar[Text] = Text(tr="Bağlayıcı hatası.", en="Connector error.")

    def __init__(self, code: str, message: Text | None = None, *, detail: str = "", field: str = "") -> None:
        """Take the stable code, the operator's text, the developer's detail and the field meant."""
        self.code = code
        self.message = message or self.default
        self.detail = detail
        self.field = field
        super().__init__(f"{code}: {self.message.en}" + (f" ({detail})" if detail else ""))


class ConfigError(ConnectorError):
    """Settings are wrong or incomplete. The job is blocked until the operator changes them."""

    default = Text(
        tr="Bağlantı ayarları hatalı ya da eksik.", en="The connection settings are wrong or incomplete."
    )


class AuthError(ConnectorError):
    """Credentials were refused. The connection goes to ``needs_reauth``; its jobs wait."""

    counts = False
    default = Text(
        tr="Karşı sistem kimlik bilgilerini kabul etmedi.", en="The remote system refused the credentials."
    )


class RateLimited(ConnectorError):
    """Too many calls. The job waits ``retry_after`` seconds; the try is not counted."""

    actor = Actor.ENGINE
    counts = False
    default = Text(
        tr="Karşı sistemin çağrı sınırına gelindi.", en="The remote system's call limit was reached."
    )

    def __init__(
        self,
        code: str,
        message: Text | None = None,
        *,
        retry_after: float | None = None,
        scope: str = "",
        detail: str = "",
    ) -> None:
        """Take the wait in seconds, if the remote said one, and the quota bucket meant."""
        super().__init__(code, message, detail=detail)
        self.retry_after = retry_after
        self.scope = scope


class TransientError(ConnectorError):
    """A fault that passes by itself and left no trace on the other side. Retried with backoff."""

    actor = Actor.ENGINE
    default = Text(
        tr="Karşı sisteme şu an ulaşılamıyor.", en="The remote system cannot be reached right now."
    )


class OutcomeUnknown(ConnectorError):
    """A write may or may not have happened. Only ``locate`` may follow, never a blind repeat."""

    actor = Actor.ENGINE
    default = Text(
        tr="Gönderimin sonucu bilinmiyor; kayıt karşı sistemde aranacak.",
        en="The outcome of the write is unknown; the record will be looked up.",
    )


class Rejected(ConnectorError):
    """The remote refused this record. No retry until the record changes."""

    default = Text(tr="Karşı sistem kaydı reddetti.", en="The remote system rejected the record.")

    def __init__(
        self,
        code: str,
        message: Text | None = None,
        *,
        findings: Sequence[Finding] = (),
        detail: str = "",
        field: str = "",
    ) -> None:
        """Take what the remote found wrong, one finding per field if it says so."""
        super().__init__(code, message, detail=detail, field=field)
        self.findings = tuple(findings)


class Conflict(ConnectorError):
    """The record is already there. The engine compares, binds to it and goes on."""

    actor = Actor.ENGINE
    default = Text(tr="Kayıt karşı sistemde zaten var.", en="The record already exists in the remote system.")

    def __init__(
        self,
        code: str,
        message: Text | None = None,
        *,
        existing: ExternalRef | None = None,
        detail: str = "",
    ) -> None:
        """Take the existing record's reference, when the refusal names it."""
        super().__init__(code, message, detail=detail)
        self.existing = existing


class MappingMissing(ConnectorError):
    """The operator must map values first. ``keys`` lists all that are missing, not only the first."""

    default = Text(tr="Eşleme eksik.", en="A mapping is missing.")

    def __init__(self, code: str, keys: Sequence[str], message: Text | None = None) -> None:
        """Take every missing key."""
        super().__init__(code, message, detail=", ".join(keys))
        self.keys = tuple(keys)


class CursorExpired(ConnectorError):
    """The source forgot our place. The stream starts again from its watermark."""

    actor = Actor.ENGINE
    counts = False
    default = Text(
        tr="Okuma konumu geçersiz; baştan okunacak.", en="The read position expired; reading again."
    )


class Unsupported(ConnectorError):
    """The plugin cannot do this. The action is hidden."""

    default = Text(tr="Bu işlem desteklenmiyor.", en="This operation is not supported.")


class PluginBug(ConnectorError):
    """Anything else a plugin raised, or an answer that breaks the contract."""

    actor = Actor.INTEGRATOR
    default = Text(tr="Eklenti beklenmeyen bir hata verdi.", en="The plugin failed unexpectedly.")
