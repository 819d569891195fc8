"""What a test asks a process to do, and what is known of it afterwards. JSON, a line each."""

from __future__ import annotations

from typing import Literal

import msgspec

Vendor = Literal["whoop", "withings"]


class Login(msgspec.Struct, frozen=True):
    """What a login brings."""

    refresh_token: str
    access_token: str
    expires_in: float


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a tap, as far as its grant is concerned.

    Attributes:
        vendor: Whose rules and addresses.
        url: The sandbox.
        address: The setting token_store.
        account: The account's name.
        now: The machine's clock.
        login: Store this and do nothing else.
        seed: The setting refresh_token.
        step: Where the process is to be killed, if anywhere.
        plain: Without the key that encrypts.
        processes: How many do this; all go for the lock at the same moment.
    """

    vendor: Vendor
    url: str
    address: str
    account: str
    now: float
    login: Login | None = None
    seed: str | None = None
    step: str = ""
    plain: bool = False
    processes: int = 1


class Stored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of a store.

    Attributes:
        problem: Why the grant cannot be loaded; empty if it can.
        version: Of the grant.
        dead: Whether it is marked as dead.
        encrypted: Whether it is stored so.
        files: What lies in the folder, if the store is one.
        beside: The content of the file that is to replace the grant's: nothing but the room set
            aside (``reserve``), a ``whole`` grant, one with the rest of that room behind it
            (``long``), or none of these (``torn``). Empty without that file.
    """

    problem: str = ""
    version: int = 0
    dead: bool = False
    encrypted: bool = False
    files: list[str] = []
    beside: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a process said before it ended, and how it ended.

    Attributes:
        killed_at: The step that it reached, said immediately before it killed itself.
        error: The class of the error that ended it.
        message: What the error says.
        token: Fingerprint of the access token that served.
        found: The store when it began.
        left: The store when it ended by itself.
        signal: Number of the signal that ended it.
    """

    killed_at: str = ""
    error: str = ""
    message: str = ""
    token: str = ""
    found: Stored = Stored()
    left: Stored = Stored()
    signal: int = 0

    @property
    def works(self) -> bool:
        """Whether an access token was had, and served."""
        return bool(self.token) and not self.error
