"""What to do about each class of error that a tap writes into the sync log."""

from __future__ import annotations

_LOGIN = "meltano invoke tap-{source}:login"
_AGAIN = "meltano run {source}"

_HINTS = {
    "grant_dead": (
        f"log in again ({_LOGIN}), or put a new seed refresh token into .env "
        f"({{variable}}_REFRESH_TOKEN)"
    ),
    "refresh_failed": f"type {_AGAIN} again; if that fails too, log in again ({_LOGIN})",
    "client_rejected": "check {variable}_CLIENT_ID and {variable}_CLIENT_SECRET in .env",
    "token_store": (
        "check that {variable}_TOKEN_STORE can be read and written and that "
        "HEALTH_TAPS_TOKEN_KEY is the key it was written with"
    ),
    "duplicate_user": (
        f"two accounts are one person at the vendor: take one of them out of "
        f"{{variable}}_ACCOUNTS, or log in with the other person ({_LOGIN})"
    ),
    "missing_scope": f"log in again and allow every scope that is asked for ({_LOGIN})",
    "access_token_rejected": f"type {_AGAIN} again; if that fails too, log in again ({_LOGIN})",
    "rate_limited": (
        f"wait some minutes, then type {_AGAIN}; if it happens often, lower "
        f"{{variable}}_REQUESTS_PER_MINUTE in .env"
    ),
    "quota": f"the vendor's daily allowance is used up: type {_AGAIN} tomorrow",
    "unreachable": (
        f"check this machine's network and the vendor's status page, then type {_AGAIN}"
    ),
    "vendor_failure": f"the vendor has a problem: type {_AGAIN} in an hour",
    "malformed_answer": f"the vendor sent something unreadable: type {_AGAIN} in an hour",
    "request_rejected": (
        f"the vendor's API may have changed: update this project, type meltano install and "
        f"{_AGAIN}, and report it if it stays"
    ),
    "page_loop": f"the vendor's paging went in circles: type {_AGAIN} in an hour",
}
_OTHERWISE = f"type {_AGAIN} and read the tap's own message"


def next_step(source: str, error: str | None) -> str:
    """The next thing to do when a window of `source` failed with the class `error`."""
    variable = f"TAP_{source.upper().replace('-', '_')}"
    return _HINTS.get(error or "", _OTHERWISE).format(source=source, variable=variable)
