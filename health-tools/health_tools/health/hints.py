"""What to do about each class of error in the sync log and in the models over it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The class of error of rows that a tap has read and nobody finds: the models', not the tap's.
ROWS_MISSING = "rows_missing"

_LOGIN = (
    "log in again with {meltano} invoke {tap}:login --account {account} and allow everything "
    "that is asked for"
)
_AGAIN = "{meltano} run {source}"

#: What to do about each class of error.
HINTS = {
    "grant_dead": f"{_LOGIN}; everything loaded so far stays",
    "refresh_failed": f"type {_AGAIN} again; if that fails too, {_LOGIN}",
    "client_rejected": "check {variable}_CLIENT_ID and {variable}_CLIENT_SECRET in .env",
    "token_store": (
        "see {meltano} invoke {tap}:status, and mend what it or the tap's own message names"
    ),
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
    "already_running": (
        f"another run reads this account: wait until it ends, or end it; then type {_AGAIN}"
    ),
    "page_loop": f"the vendor's paging went in circles: type {_AGAIN} in an hour",
    "bookmark": (
        "find the state with {meltano} state list and forget it with {meltano} state clear and its "
        f"name; then type {_AGAIN}"
    ),
    ROWS_MISSING: (
        f"what was read is not in the database: type {_AGAIN}; if it is still said then, "
        f"{{meltano}} run --full-refresh {{tap}} target-postgres and {_AGAIN}"
    ),
    "defect": "report the tap's own message: it is a defect of ours",
}
_OTHERWISE = f"type {_AGAIN} and read the tap's own message"


def next_step(
    source: str, account: str, error: str | None, environment: Mapping[str, str] = os.environ
) -> str:
    """The next thing to do when a window of an account of `source` failed with the class `error`.

    Commands name Meltano's environment, when there is one: each has grants and state of its own.
    """
    hint = HINTS.get(error or "", _OTHERWISE)
    tap = f"tap-{source.replace('_', '-')}"
    return hint.format(
        source=source,
        account=account,
        tap=tap,
        variable=tap.upper().replace("-", "_"),
        meltano=meltano(environment),
    )


def meltano(environment: Mapping[str, str] = os.environ) -> str:
    """The beginning of a command of Meltano's, with its environment when there is one."""
    named = environment.get("MELTANO_ENVIRONMENT")
    return f"meltano --environment={named}" if named else "meltano"
