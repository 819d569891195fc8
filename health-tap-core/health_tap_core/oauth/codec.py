"""Grants as bytes: JSON, encrypted when the environment has a key."""

from __future__ import annotations

import base64
import os
import re
from typing import TYPE_CHECKING

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.grant import Grant

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The encryption key: a Fernet key, or several separated by commas, the one to write with first.
#: Only ever in the environment: Meltano writes settings to disk.
KEY_VARIABLE = "HEALTH_TAPS_TOKEN_KEY"
#: Every Fernet token begins so: a version byte, and a time in seconds that has many zeros.
_ENCRYPTED = b"gAAAAA"
#: Version, time, initialisation vector and signature of a Fernet token, around blocks of AES.
_FRAME, _BLOCK = 1 + 8 + 16 + 32, 16
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
#: What to type to get one.
NEW_KEY = (
    'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
)


class UndecipherableError(TokenStoreError):
    """The grant is encrypted, and this process has not the key; or it is corrupt."""


class GrantCodec:
    """Writes with the first key and reads with any; without a key, plain JSON."""

    def __init__(self, keys: str = "") -> None:
        """Take keys as the environment has them.

        Raises:
            TokenStoreError: One of them is no key.
        """
        single = [key.strip() for key in keys.split(",") if key.strip()]
        # Fernet itself passes over what follows a key, be it a second one on a line of its own.
        if not all(map(_KEY.fullmatch, single)):
            raise TokenStoreError(
                f"{KEY_VARIABLE} is not a Fernet key (or several, separated by commas), so no "
                f"grant was touched. Make a new one with: {NEW_KEY}"
            )
        fernets = [Fernet(key) for key in single]
        self._fernet = MultiFernet(fernets) if fernets else None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> GrantCodec:
        """The codec for the keys in the environment, if there are any."""
        return cls(environment.get(KEY_VARIABLE, ""))

    @property
    def encrypts(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def encode(self, grant: Grant) -> bytes:
        """A grant as it is stored."""
        document = msgspec.json.encode(grant)
        return self._fernet.encrypt(document) if self._fernet else document

    def decode(self, document: bytes, place: str) -> Grant:
        """Read a stored grant.

        Args:
            document: As it is stored.
            place: Where, for messages.

        Raises:
            TokenStoreError: It cannot be read; the message says what to do.
        """
        if is_encrypted(document):
            document = self._decrypt(document, place)
        try:
            return msgspec.json.decode(document, type=Grant)
        except msgspec.MsgspecError:
            raise TokenStoreError(
                f"The stored grant {place} is corrupt; it was left as it is. Restore it from a "
                "backup; or remove it and log in again."
            ) from None

    def _decrypt(self, document: bytes, place: str) -> bytes:
        if not self._fernet:
            raise UndecipherableError(
                f"The stored grant {place} is encrypted, and the environment has no "
                f"{KEY_VARIABLE}; it was left as it is. Set the key that it was written with."
            )
        try:
            return self._fernet.decrypt(document)
        except InvalidToken:
            raise UndecipherableError(
                f"The stored grant {place} is corrupt, or was encrypted with another key than "
                f"{KEY_VARIABLE} has; it was left as it is. Set the right key or restore it from a "
                "backup; or remove it and log in again."
            ) from None


def is_encrypted(document: bytes) -> bool:
    """Whether a stored grant is encrypted, rather than plain or corrupt."""
    return document.startswith(_ENCRYPTED)


def is_cut_short(document: bytes) -> bool:
    """Whether an encrypted grant cannot be whole under any key: its length is that of none."""
    try:
        length = len(base64.urlsafe_b64decode(document))
    except ValueError:
        return True
    return length <= _FRAME or (length - _FRAME) % _BLOCK != 0
