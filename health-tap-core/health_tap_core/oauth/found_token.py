"""The refresh token in what another tool has stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from health_tap_core.errors import SyncError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Names that tools give it, without separators and in lower case.
_NAMES = {"refreshtoken", "oauthrefreshtoken", "refresh"}


class NoTokenError(SyncError):
    """There is no refresh token, or more than one. The message holds none of them."""

    code = "import"


def find_refresh_token(document: str) -> str:
    """Find it in JSON, however deep.

    Everything else that tools store beside it (access token, end, scopes) is left where it is: the
    first refresh tells it anew.

    Raises:
        NoTokenError: There is none, or there are several different ones.
    """
    try:
        found = set(_refresh_tokens(json.loads(document)))
    except (ValueError, RecursionError):
        raise NoTokenError("It is no JSON, so nothing was imported.") from None
    if not found:
        raise NoTokenError("It holds no refresh token (refresh_token), so nothing was imported.")
    if len(found) > 1:
        raise NoTokenError(
            f"It holds {len(found)} different refresh tokens, so nothing was imported. Leave only "
            "the account's own in it."
        )
    return found.pop()


def _refresh_tokens(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _refresh_tokens(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            plain = name.lower().replace("_", "").replace("-", "")
            if plain in _NAMES and isinstance(item, str) and item.strip():
                yield item.strip()
            else:
                yield from _refresh_tokens(item)
