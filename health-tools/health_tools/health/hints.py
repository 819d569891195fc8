"""What to do about each class of error that a tap writes into the sync log."""

from __future__ import annotations

_HINTS = {
    "grant_dead": (
        "log in again (meltano invoke tap-{source}:login), or put a new seed refresh token "
        "into .env ({variable}_REFRESH_TOKEN)"
    ),
    "missing_scope": (
        "log in again and allow every scope that is asked for (meltano invoke tap-{source}:login)"
    ),
    "rate_limited": (
        "wait some minutes, then type meltano run {source}; if it happens often, lower "
        "{variable}_REQUESTS_PER_MINUTE in .env"
    ),
    "quota": "the vendor's allowance is used up: type meltano run {source} tomorrow",
    "unreachable": (
        "check this machine's network and the vendor's status page, then type meltano run {source}"
    ),
}
_OTHERWISE = "type meltano run {source} and read the tap's own message"


def next_step(source: str, error: str | None) -> str:
    """The next thing to do when a window of `source` failed with the class `error`."""
    variable = f"TAP_{source.upper().replace('-', '_')}"
    return _HINTS.get(error or "", _OTHERWISE).format(source=source, variable=variable)
