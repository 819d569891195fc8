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
from tap_withings.envelope import decode_list, decode_object, decode_whole
from tap_withings.exact import scaled
from tap_withings.schemas import WITHINGS
from tap_withings.services import MEASURES
from tap_withings.streams.periods import FIRST_SCALE, TWO_YEARS, by_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient

_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode
_decode_value = msgspec.json.Decoder(float_hook=Decimal).decode


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
        first, *rest = client.pages(MEASURES, **by_seconds(window))
        self._update_time = _instant(first.body.get("updatetime"))
        for body, groups in (first, *rest):
            zone = _text(body.get("timezone"))
            for group in groups:
                yield VendorRecord(group, {"timezone": zone})

    def known_until(self, window: Window) -> datetime:
        """Withings' own time of the first page: changes behind it come with the next run."""
        told = self._update_time
        # A time before the window's own begin is none.
        return min(told, window.end) if told and told > window.start else window.end


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
            fields = decode_object(record.json)
            measures = decode_list(fields.pop("measures", msgspec.Raw(b"[]")))
            told = {name: value for name, value in record.context.items() if value is not None}
            yield from self._distinct({**_shared(fields), **told}, measures)
        except msgspec.MsgspecError:
            raise MalformedAnswerError("A measure group is not what Withings documents.") from None

    def _distinct(
        self, group: dict[str, Any], measures: list[msgspec.Raw]
    ) -> Iterator[VendorRecord]:
        seen: dict[tuple[int, int], list[Any]] = {}
        for measure in measures:
            fields = _decode(measure)
            place = {name: _code(fields.get(name)) for name in ("type", "position")}
            value = scaled(fields.get("value"), fields.get("unit"))
            told = [fields.get("value"), fields.get("unit")] if value is None else value
            values = seen.setdefault((place["type"], place["position"]), [])
            if told in values:
                continue
            if values and not self._warned_of_repeats:
                self._warned_of_repeats = True
                self.logger.warning(
                    "%s: a group holds several values of one type and position that differ. All "
                    "are kept; the column repeat tells them apart.",
                    self.name,
                )
            yield VendorRecord(measure, {**group, **place, "value": value, "repeat": len(values)})
            values.append(told)


def _code(value: object) -> int:
    """A type or position; -1 for none, and for what is no code: that must not cost the group."""
    try:
        return int(str(value))
    except ValueError:
        return -1


def _shared(group: dict[str, msgspec.Raw]) -> dict[str, Any]:
    """The fields of a group that its measures repeat, under the names of their columns."""
    columns = {WITHINGS.aliases.get(name, name): value for name, value in group.items()}
    return {name: _decode_value(value) for name, value in columns.items() if name in schemas.GROUP}


def _instant(update_time: msgspec.Raw | None) -> datetime | None:
    """Seconds since the epoch, documented as text, sent as a number."""
    try:
        return datetime.fromtimestamp(decode_whole(update_time), timezone.utc)
    except (ValueError, OverflowError, msgspec.MsgspecError):
        return None


def _text(value: msgspec.Raw | None) -> str | None:
    found = None if value is None else msgspec.json.decode(value)
    return found if isinstance(found, str) else None
