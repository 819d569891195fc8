"""What scales, blood pressure monitors and thermometers measure, and what people enter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from health_tap_core.changes_stream import ChangesStream
from health_tap_core.columns import record_schema
from health_tap_core.derived_stream import DerivedStream
from health_tap_core.errors import MalformedAnswerError
from health_tap_core.record import VendorRecord
from tap_withings import schemas
from tap_withings.envelope import decode_list
from tap_withings.schemas import WITHINGS
from tap_withings.services import MEASURES
from tap_withings.streams.periods import FIRST_SCALE, TWO_YEARS, by_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient

#: No quantity has more digits before or behind the point than this.
_LARGEST_EXPONENT = 100
_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode


class _Group(msgspec.Struct):
    measures: msgspec.Raw = msgspec.Raw(b"[]")


class MeasureGroups(ChangesStream):
    """Measures taken together, as Withings keeps them. One weigh-in is several groups.

    Asked for without a list of types: that alone returns all of them, documented or not.
    """

    name = "measure_groups"
    primary_keys = ("grpid",)
    replication_key = "modified"
    schema = record_schema(schemas.MEASURE_GROUPS, keys=primary_keys)
    dialect = WITHINGS
    earliest = FIRST_SCALE
    window_length = TWO_YEARS

    _update_time: datetime | None = None

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """Every group of the window, with the account's present zone."""
        client: WithingsClient = account.client
        self._update_time = None
        for body, groups in client.pages(MEASURES, **by_seconds(window)):
            if self._update_time is None:
                self._update_time = _instant(body.get("updatetime"))
            zone = _text(body.get("timezone"))
            for group in groups:
                yield VendorRecord(group, {"timezone": zone})

    def known_until(self, window: Window) -> datetime:
        """Withings' own time of the first page: changes behind it come with the next run."""
        return min(self._update_time or window.end, window.end)


class Measures(DerivedStream):
    """One row for each measured value, exact; with what its group says of all of them.

    A group is always read whole: rows of a group that are older (``synced_at``) than its newest are
    measures that Withings has taken out of it.
    """

    name = "measures"
    parent_stream_type = MeasureGroups
    primary_keys = ("grpid", "type", "position", "repeat")
    replication_key = "modified"
    schema = record_schema(schemas.MEASURES, keys=primary_keys)
    dialect = replace(
        WITHINGS, aliases={**WITHINGS.aliases, "value": "value_raw", "unit": "unit_exponent"}
    )

    _warned_of_repeats = False

    def derive(self, record: VendorRecord) -> Iterable[VendorRecord]:
        """The measures of a group. Some groups hold one twice: equal ones become one row.

        Raises:
            MalformedAnswerError: The group is no object, or its measures are no list of objects.
        """
        try:
            measures = decode_list(msgspec.json.decode(record.json, type=_Group).measures)
            yield from self._distinct({**_shared(record.json), **record.context}, measures)
        except msgspec.MsgspecError:
            raise MalformedAnswerError("A measure group is not what Withings documents.") from None

    def _distinct(
        self, group: dict[str, Any], measures: list[msgspec.Raw]
    ) -> Iterator[VendorRecord]:
        seen: dict[tuple[Any, Any], list[Any]] = {}
        for measure in measures:
            fields = _decode(measure)
            value = scaled(fields.get("value"), fields.get("unit"))
            values = seen.setdefault((fields.get("type"), fields.get("position")), [])
            if value in values:
                continue
            if values and not self._warned_of_repeats:
                self._warned_of_repeats = True
                self.logger.warning(
                    "%s: a group holds several values of one type and position that differ. All "
                    "are kept; the column repeat tells them apart.",
                    self.name,
                )
            yield VendorRecord(measure, {**group, "value": value, "repeat": len(values)})
            values.append(value)


def scaled(value: object, exponent: object) -> Decimal | None:
    """``value * 10^exponent``, exact, with as many decimals as the exponent says.

    None if one of them is no number, or the exponent is beyond any quantity.
    """
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    if isinstance(exponent, bool) or not isinstance(exponent, int):
        return None
    if abs(exponent) > _LARGEST_EXPONENT:
        return None
    # Not by multiplication, which rounds to the context's digits.
    sign, digits, own_exponent = Decimal(value).as_tuple()
    if not isinstance(own_exponent, int):
        return None
    if (power := own_exponent + exponent) <= 0:
        return Decimal((sign, digits, power))
    return Decimal((sign, (*digits, *[0] * power), 0))


def _shared(group: msgspec.Raw) -> dict[str, Any]:
    """The fields of a group that its measures repeat, under the names of their columns."""
    fields = {WITHINGS.aliases.get(name, name): value for name, value in _decode(group).items()}
    return {name: value for name, value in fields.items() if name in schemas.GROUP}


def _instant(update_time: msgspec.Raw | None) -> datetime | None:
    """Seconds since the epoch, documented as text, sent as a number."""
    if update_time is None:
        return None
    try:
        return datetime.fromtimestamp(int(msgspec.json.decode(update_time)), timezone.utc)
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError):
        return None


def _text(value: msgspec.Raw | None) -> str | None:
    found = None if value is None else msgspec.json.decode(value)
    return found if isinstance(found, str) else None
