"""The two vendors, as far as the cells tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..oracle.whoop import WhoopOracle
from ..oracle.withings import WithingsOracle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from psycopg import Connection

    from health_sandbox.client import ControlClient

    from ..oracle.records import Difference, Key, Row, TrueRecord


class Oracle(Protocol):
    """What is true of one member, and how it is stored."""

    @property
    def sandbox(self) -> ControlClient:
        """The control endpoint of the vendor."""

    @property
    def member(self) -> str:
        """The member's name."""

    @property
    def user_id(self) -> str:
        """The vendor's name of the member."""

    @property
    def start(self) -> datetime:
        """The earliest activity time that is asked for."""

    @property
    def by_change(self) -> frozenset[str]:
        """The tables that are filled by asking for changes."""

    @property
    def schema(self) -> str:
        """Where the loader puts the tables."""

    @property
    def keys(self) -> Mapping[str, Sequence[str]]:
        """The tables of records, and the columns of their keys."""

    def truth(self, stream: str) -> list[TrueRecord]:
        """Every record of a stream, whenever it was."""

    def wants(self, record: TrueRecord) -> bool:
        """Whether a sync since the start has to deliver a record."""

    def lies_in(self, record: TrueRecord, start: datetime, end: datetime) -> bool:
        """Whether a record is in the vendor's answer for a stretch of activity time."""

    def rows(self, connection: Connection[Any], stream: str) -> dict[Key, Row]:
        """The rows of a table that count, by key."""

    def stored(self, connection: Connection[Any], stream: str) -> dict[Key, Row]:
        """All rows of a table by key."""

    def compare(self, connection: Connection[Any], stream: str) -> Difference:
        """How a table differs from the truth."""


@dataclass(frozen=True)
class Vendor:
    """A vendor.

    Attributes:
        name: As the sandbox calls it.
        words: As people do.
        oracle: Makes the oracle of a member, of activity since an instant.
    """

    name: str
    words: str
    oracle: Callable[[ControlClient, str, datetime], Oracle]

    @property
    def tap(self) -> str:
        """The name of its tap."""
        return f"tap-{self.name}"

    @property
    def prefix(self) -> str:
        """What the names of its tap's variables begin with."""
        return f"TAP_{self.name.upper()}_"


WHOOP = Vendor("whoop", "WHOOP", WhoopOracle)
WITHINGS = Vendor("withings", "Withings", WithingsOracle)
VENDORS = {vendor.name: vendor for vendor in (WHOOP, WITHINGS)}
