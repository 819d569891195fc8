"""Where grants live: outside of Singer config and state."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.codec import GrantCodec
from health_tap_core.oauth.stores.file import FileTokenStore

if TYPE_CHECKING:
    from health_tap_core.oauth.stores.base import TokenStore

_POSTGRES = re.compile(r"postgres(ql)?://")


def is_database(address: str) -> bool:
    """Whether a setting ``token_store`` names a database rather than a folder."""
    return bool(_POSTGRES.match(address))


def open_store(address: str, provider: str) -> TokenStore:
    """The store that a setting ``token_store`` names; nothing is read yet.

    Args:
        address: A folder, or the URL of a PostgreSQL database without a password.
        provider: The vendor whose grants it keeps.

    Raises:
        TokenStoreError: The key in the environment is none, or the database driver is missing.
    """
    codec = GrantCodec.from_environment()
    if not is_database(address):
        return FileTokenStore(Path(address).expanduser(), provider, codec)
    try:
        # Only who keeps grants in a database needs its driver.
        from health_tap_core.oauth.stores.postgres import PostgresTokenStore  # noqa: PLC0415
    except ImportError:
        raise TokenStoreError(
            "token_store names a PostgreSQL database, but its driver is missing. Install the tap "
            "with its extra 'postgres'."
        ) from None
    return PostgresTokenStore(address, provider, codec)
