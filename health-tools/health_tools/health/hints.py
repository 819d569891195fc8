"""What to do about each class of error that a tap writes into the sync log."""

from __future__ import annotations

_LOGIN = (
    "log in at the vendor again, allow everything that is asked for, and put the new refresh "
    "token into .env ({variable}_REFRESH_TOKEN)"
)
_AGAIN = "meltano run {source}"

_HINTS = {
    "grant_dead": _LOGIN,
    "refresh_failed": f"type {_AGAIN} again; if that fails too, {_LOGIN}",
    "client_rejected": "check {variable}_CLIENT_ID and {variable}_CLIENT_SECRET in .env",
    "token_store": "mend the file or folder that the tap's own message names",
    "duplicate_user": (
        "two accounts are one person at the vendor: take one of them out of {variable}_ACCOUNTS"
    ),
    "missing_scope": f"enable the scope for your app at the vendor; then {_LOGIN}",
    "access_token_rejected": f"type {_AGAIN} again; if that fails too, {_LOGIN}",
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
    "bookmark": f"clear the state with meltano state clear, then type {_AGAIN}",
    "defect": "report the tap's own message: it is a defect of ours",
}
_OTHERWISE = f"type {_AGAIN} and read the tap's own message"


def next_step(source: str, error: str | None) -> str:
    """The next thing to do when a window of `source` failed with the class `error`."""
    variable = f"TAP_{source.upper().replace('-', '_')}"
    return _HINTS.get(error or "", _OTHERWISE).format(source=source, variable=variable)
