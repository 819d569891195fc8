"""Streams with a history, read by activity time from a bookmark on."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.errors import BookmarkError
from health_tap_core.stream import HealthStream
from health_tap_core.timestamps import parse_instant, utc_text
from health_tap_core.window import Window, plan_windows

if TYPE_CHECKING:
    from datetime import datetime

    from health_tap_core.account import Account

#: A connection test looks for records in this much of the recent past.
TEST_SPAN = timedelta(days=30)
#: A bookmark may lie this far ahead of the vendor's time before it counts as wrong.
CLOCK_SKEW = timedelta(hours=1)


class WindowedStream(HealthStream):
    """A stream that the vendor can filter by activity time.

    The bookmark is the end of the last complete window. ``updated_at`` is announced as replication
    key because it is the version of a row for whoever loads it, not because we would read by it:
    the vendors' filters do not know it.
    """

    basis = "activity_time"
    kind = "incremental"
    replication_key = "updated_at"

    #: Nothing can be older at this vendor; the start of a backfill without ``start_date``.
    earliest: ClassVar[datetime]

    def plan(self, account: Account, context: Context) -> list[Window]:
        """From the bookmark minus the look-back, or from ``start_date``, to the run's end."""
        config = self.config
        end, earliest = account.run_end, self.earliest
        if self.ABORT_AT_RECORD_COUNT is not None:
            return [Window(end - TEST_SPAN, end, "incremental")]
        if start_date := config.get("start_date"):
            earliest = parse_instant(start_date)
        if end_date := config.get("end_date"):
            end = min(end, parse_instant(end_date))
        length = config.get("window_days")
        windows = plan_windows(
            bookmark=self._bookmark(account, context),
            earliest=earliest,
            end=end,
            lookback=timedelta(days=config["lookback_days"]),
            length=timedelta(days=length) if length else None,
        )
        if not windows:
            self.logger.warning(
                "%s of account %r: nothing lies between start (start_date, or the bookmark minus "
                "lookback_days) and end (end_date, or now), so nothing was read.",
                self.name,
                account.name,
            )
        return windows

    def complete(self, account: Account, context: Context, window: Window) -> None:
        """Move the bookmark to the window's end, never back, and tell the loader."""
        bookmark = self._bookmark(account, context)
        if bookmark is None or bookmark < window.end:
            state = self.get_context_state(context)
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = utc_text(window.end)
            if account.user_id is not None:
                state["user"] = _fingerprint(account)
            self._tap.state_writer.write_state(self.tap_state)

    def _bookmark(self, account: Account, context: Context) -> datetime | None:
        """The end of the last complete window. One that nobody can believe is dropped.

        Raises:
            BookmarkError: It is no instant.
        """
        state = self.get_context_state(context)
        value = state.get("replication_key_value")
        if value is None:
            return None
        try:
            bookmark = parse_instant(value)
        except (TypeError, ValueError):
            raise BookmarkError(
                f"The bookmark in the state is no instant: {value!r}. Clear it to read the "
                "history again (in Meltano: meltano state clear)."
            ) from None
        if account.user_id is not None and state.get("user") not in {None, _fingerprint(account)}:
            doubt = "is somebody else's, who was logged in under this name before"
        elif bookmark > account.run_end + CLOCK_SKEW:
            doubt = "lies in the future, so a wrong clock wrote it"
        else:
            return bookmark
        del state["replication_key_value"]
        self.logger.warning(
            "%s of account %r: the bookmark %s %s. The history is read from its beginning.",
            self.name,
            account.name,
            value,
            doubt,
        )
        return None


def _fingerprint(account: Account) -> str:
    """Tells whose bookmark it is, without the vendor's user id in the state."""
    return _slow_hash(account.name, str(account.user_id))


@cache
def _slow_hash(account: str, user_id: str) -> str:
    # User ids are short numbers: with a fast hash, whoever sees a state could try them all.
    return hashlib.scrypt(user_id.encode(), salt=account.encode(), n=2**13, r=8, p=1, dklen=8).hex()
