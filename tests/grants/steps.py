"""Every step of a refresh at which a process is killed: the rows of the table in docs/grants.md."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests
import urllib3.connection

from health_tap_core.oauth.stores import file, postgres
from health_tap_core.oauth.stores.base import HeldGrant

from . import patches
from .patches import after, before

if TYPE_CHECKING:
    from .patches import Install


@dataclass(frozen=True)
class Step:
    """A moment of a refresh.

    Attributes:
        words: For people.
        in_file: Makes a process with the file store end there.
        in_postgres: Makes one with the PostgreSQL store end there, if it knows such a moment.
        asked: The vendor carries the request out, so by its rules the refresh token is replaced.
        kept: The new grant is out of the process's hands, in those of the store.
        beside: What the file store leaves beside the grant (see ``Stored.beside``).
    """

    words: str
    in_file: Install
    in_postgres: Install | None
    asked: bool = True
    kept: bool = True
    beside: str = ""

    @property
    def lost(self) -> bool:
        """Whether the new refresh token went with the process, or was on its way to it."""
        return self.asked and not self.kept


# The file store forces three things to the disk, in this order: the reserve, the new file, the
# folder. Session.send carries the refresh first, then the request for data. Steps above the store
# or below the vendor's answer are the same for both stores.
_SEND = before(requests.Session, "send")
_SENT = before(urllib3.connection.HTTPConnection, "getresponse")
_READ = before(HeldGrant, "save")
_STORED = before(requests.Session, "send", call=2)
_USED = after(requests.Session, "send", call=2)

STEPS = {
    "unlocked": Step(
        "before it asks for the lock",
        before(file.FileTokenStore, "lock"),
        before(postgres.PostgresTokenStore, "lock"),
        asked=False,
        kept=False,
    ),
    "locked": Step(
        "with the lock, before anything else",
        before(file._HeldFile, "reserve"),
        before(postgres._HeldRow, "reserve"),
        asked=False,
        kept=False,
    ),
    "reserving": Step(
        "while it sets room aside for the new grant",
        before(os, "fsync"),
        after(postgres._HeldRow, "reserve"),
        asked=False,
        kept=False,
        beside="reserve",
    ),
    "before-request": Step(
        "before the request", _SEND, _SEND, asked=False, kept=False, beside="reserve"
    ),
    "half-request": Step(
        "in the middle of the request",
        patches.half_of_the_form,
        patches.half_of_the_form,
        asked=False,
        kept=False,
        beside="reserve",
    ),
    "request-sent": Step(
        "request sent, the vendor has not answered", _SENT, _SENT, kept=False, beside="reserve"
    ),
    "answer-unread": Step(
        "the vendor has answered, the answer is unread",
        patches.answer_unread,
        patches.answer_unread,
        kept=False,
        beside="reserve",
    ),
    "answer-read": Step(
        "answer read, nothing of it written", _READ, _READ, kept=False, beside="reserve"
    ),
    "half-written": Step(
        "new grant half written (PostgreSQL: half sent)",
        patches.half_of_the_file,
        patches.half_of_the_update,
        kept=False,
        beside="torn",
    ),
    "written": Step(
        "new grant written, not cut to its length (PostgreSQL: sent, perhaps not arrived)",
        patches.all_of_the_file,
        patches.update_sent,
        beside="long",
    ),
    "cut": Step(
        "cut to its length, not synced (PostgreSQL: committed, the confirmation unread)",
        before(os, "fsync", call=2),
        patches.update_answered,
        beside="whole",
    ),
    "synced": Step(
        "synced, not in its place (PostgreSQL: confirmed, still connected)",
        before(os, "replace"),
        after(HeldGrant, "save"),
        beside="whole",
    ),
    "in-place": Step("in its place, the folder not synced", after(os, "replace"), None),
    "before-use": Step("lock released, before the first use", _STORED, _STORED),
    "after-use": Step("after the first use", _USED, _USED),
}
