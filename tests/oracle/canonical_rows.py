"""A row of a canonical table, as it has to be."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .canonical_readings import Known
    from .records import Key, Row

Record = dict[str, Any]
_JOULES = Decimal("4.184")
_MILLI = Decimal("0.001")


@dataclass(frozen=True)
class Account:
    """A member of one vendor.

    Attributes:
        vendor: The vendor.
        number: The vendor's id of the member, as text.
        alias: The name of the grant.
        owner: The person, if the account is known to be theirs.
    """

    vendor: str
    number: str
    alias: str
    owner: str | None = None

    @property
    def name(self) -> str:
        """What a person is called of whom nothing else is known."""
        return f"{self.vendor}:{self.number}"

    @property
    def user_id(self) -> str:
        """The person."""
        return self.owner or self.name

    @property
    def columns(self) -> Row:
        """What every row says of whose it is."""
        return {
            "user_id": self.user_id,
            "source_system": self.vendor,
            "source_account_id": self.number,
        }


@dataclass(frozen=True)
class Expected:
    """A row that has to be there.

    Attributes:
        columns: Its values, but for those that say how and when it was loaded.
        raw_key: The key of the raw row that it comes from, in the table ``raw_relation``; None
            if it comes from none.
        more_raw_keys: Those of other raw rows that it comes from; the newest tells when it was
            loaded.
        content: What the vendor says of the record: if it changes, so does ``record_hash``.
    """

    columns: Row = field(repr=False)
    raw_key: Key | None = None
    content: Any = field(default=None, repr=False)
    more_raw_keys: tuple[Key, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The content as text."""
        return json.dumps(self.content, sort_keys=True, default=str)


def key(*parts: object) -> str:
    """The key of something that consists of these parts: the md5 of ``=a|=b``."""
    return hashlib.md5("|".join(f"={part}" for part in parts).encode()).hexdigest()


def device_key(account: Account, device: str | None) -> str | None:
    """The key of a device; None of none."""
    return key(account.vendor, account.number, device) if device else None


def of_record(account: Account, relation: str, known: Known) -> Row:
    """What every row says of the vendor's record that it comes from."""
    return {
        **account.columns,
        "raw_source_id": known.name,
        "raw_relation": relation,
        "source_created_at": known.created_at,
        "source_updated_at": known.updated_at,
        "synced_at": known.read_at,
        "deleted_at": known.deleted_at,
        "is_deleted": known.deleted_at is not None,
    }


def number(value: float | str | None) -> Decimal | None:
    """A vendor's number, digit by digit."""
    return None if value is None else Decimal(str(value))


def present(value: float | None) -> Decimal | None:
    """A number of which zero says that there is none."""
    return number(value) if value else None


def seconds(milliseconds: float | None) -> Decimal | None:
    """Milliseconds in seconds."""
    value = number(milliseconds)
    return None if value is None else rounded(value * _MILLI)


def kilojoules(kilocalories: Decimal | None) -> Decimal | None:
    """Energy in kilojoules."""
    return None if kilocalories is None else kilocalories * _JOULES


def kilocalories(kilojoules: float | None) -> Decimal | None:
    """Energy in kilocalories."""
    value = number(kilojoules)
    return None if value is None else rounded(value / _JOULES)


def rounded(value: Decimal) -> Decimal:
    """Three places."""
    return value.quantize(_MILLI, ROUND_HALF_UP)
