"""Envelope encryption: a key per tenant, wrapped by the master key; the place of a value is bound in.

AES-256-GCM. A value moved to another row, name or tenant does not open. The master key never
touches the database; rotating it re-wraps the tenant keys only.
"""

import base64
import hashlib
import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kopru.hooks.errors import ConfigError
from kopru.model import Text

NONCE = 12


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A 256-bit key that wraps tenant keys; its id is a hash and may be stored."""

    raw: bytes

    @property
    def id(self) -> str:
        """Return the key's public name."""
        return hashlib.sha256(b"kopru-key-id" + self.raw).hexdigest()[:16]

    @classmethod
    def generate(cls) -> "MasterKey":
        """Return a new random key."""
        return cls(random.token_bytes(32))

    @classmethod
    def from_text(cls, text: str) -> "MasterKey":
        """Read a key from base64.

        Raises:
            ConfigError: not 32 bytes in base64.
        """
        try:
            raw = base64.b64decode(text.strip(), validate=True)
        except ValueError as error:
            raise _bad_key() from error
        if len(raw) != 32:
            raise _bad_key()
        return cls(raw)

    def to_text(self) -> str:
        """Return the key in base64."""
        return base64.b64encode(self.raw).decode()


def _bad_key() -> ConfigError:
    return ConfigError(
        "secrets.bad_master_key",
        Text(
            tr="Ana anahtar base64 ile yazılmış 32 bayt olmalı. Yenisi: openssl rand -base64 32",
            en="The master key must be 32 bytes in base64. For a new one: openssl rand -base64 32",
        ),
    )


def _cannot_open() -> ConfigError:
    return ConfigError(
        "secrets.cannot_open",
        Text(
            tr="Gizli bilgi çözülemedi: anahtar değişmiş ya da kayıt bozuk. Bilgileri yeniden girin.",
            en="A secret cannot be opened: the key changed or the record is damaged. Enter it again.",
        ),
    )


class Envelope:
    """Seals and opens the secrets of one tenant."""

    def __init__(self, key: bytes, tenant_id: UUID) -> None:
        """Take the tenant's unwrapped key."""
        self._cipher = AESGCM(key)
        self._tenant = str(tenant_id)

    def seal(self, value: str, place: str) -> bytes:
        """Encrypt a text for one place."""
        nonce = random.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, value.encode(), self._aad(place))

    def open(self, sealed: bytes, place: str) -> str:
        """Decrypt a text that was sealed for this place.

        Raises:
            ConfigError: the value was moved, changed or sealed under another key.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], self._aad(place)).decode()
        except (InvalidTag, ValueError) as error:
            raise _cannot_open() from error

    def _aad(self, place: str) -> bytes:
        return f"{self._tenant}:{place}".encode()


class KeyRing:
    """The master keys known to this process; the first one wraps new tenant keys."""

    def __init__(self, current: MasterKey, *older: MasterKey) -> None:
        """Take the current key and older ones that may still be in use."""
        self._current = current
        self._known: Mapping[str, MasterKey] = {key.id: key for key in (current, *older)}

    def new_tenant_key(self, tenant_id: UUID) -> tuple[str, bytes]:
        """Return (key id, wrapped key) of a fresh tenant key."""
        return self._wrap(AESGCM.generate_key(256), tenant_id)

    def envelope(self, tenant_id: UUID, key_id: str, wrapped: bytes) -> Envelope:
        """Unwrap a tenant's key.

        Raises:
            ConfigError: the master key that wrapped it is not known here, or the wrapped key is damaged.
        """
        return Envelope(self._unwrap(tenant_id, key_id, wrapped), tenant_id)

    @property
    def current(self) -> str:
        """Return the id of the key that wraps."""
        return self._current.id

    def rewrap(self, tenant_id: UUID, key_id: str, wrapped: bytes) -> tuple[str, bytes]:
        """Wrap a tenant's key under the current master key.

        Raises:
            ConfigError: the master key that wrapped it is not known here, or the wrapped key is damaged.
        """
        return self._wrap(self._unwrap(tenant_id, key_id, wrapped), tenant_id)

    def _wrap(self, key: bytes, tenant_id: UUID) -> tuple[str, bytes]:
        nonce = random.token_bytes(NONCE)
        return self._current.id, nonce + AESGCM(self._current.raw).encrypt(nonce, key, tenant_id.bytes)

    def _unwrap(self, tenant_id: UUID, key_id: str, wrapped: bytes) -> bytes:
        master = self._known.get(key_id)
        if master is None:
            raise ConfigError(
                "secrets.unknown_master_key",
                Text(
                    tr="Gizli bilgiler başka bir anahtarla şifreli. KOPRU_MASTER_KEY değerini geri verin.",
                    en="The secrets were encrypted under another master key. Restore KOPRU_MASTER_KEY.",
                ),
                detail=f"key id {key_id}",
            )
        try:
            return AESGCM(master.raw).decrypt(wrapped[:NONCE], wrapped[NONCE:], tenant_id.bytes)
        except (InvalidTag, ValueError) as error:
            raise _cannot_open() from error
