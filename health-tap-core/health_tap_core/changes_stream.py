"""Streams that the vendor can also filter by the time of change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, ClassVar

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.bookmarked_stream import BookmarkedStream
from health_tap_core.timestamps import parse_instant
from health_tap_core.window import Window, split

if TYPE_CHECKING:
    from health_tap_core.account import Account

#: End of the last complete window of the history, for a first run that was interrupted,
HISTORY = "history_until"
#: and when the reading of the history began.
HISTORY_BEGAN = "history_began"
#: Before every change. One second, because some vendors take zero for no time at all.
BEGINNING = datetime(1970, 1, 1, 0, 0, 1, tzinfo=timezone.utc)


class ChangesStream(BookmarkedStream):
    """A stream whose vendor tells what was created or changed since an instant.

    The first run reads the history twice. In windows of activity time, because only they can prove
    what the vendor does not hold, and because each moves a position from which an interrupted run
    goes on. Then by change time, which also finds what was dated outside of all windows, or changed
    behind them. From then on each run asks for changes alone, so that a weigh-in that arrives hours
    or weeks after it was taken comes like any other.

    The bookmark is the instant up to which changes are known.
    """

    #: Changes are asked for again from this long before the bookmark: vendors' clocks and indexes
    #: are not exact.
    overlap = timedelta(hours=1)
    #: Whether the first reading by change covers the history again, or only the time since its
    #: reading by date began: for streams that pay a request for each record.
    rereads_history: ClassVar[bool] = True

    def plan_run(self, account: Account, context: Context) -> list[Window]:
        """The changes since the bookmark; before the first bookmark, the history and then those."""
        end, bookmark = account.run_end, self.position(account, context)
        if bookmark is not None:
            since = max(bookmark - self.overlap, BEGINNING)
            return [Window(since, end, "incremental", "change_time")]
        start = self.position(account, context, HISTORY) or self.start
        history = split(start, end, self.length, "backfill")
        since = self._first_change(account, context)
        if since >= end:
            return history
        return [*history, Window(since, end, "backfill", "change_time")]

    def _first_change(self, account: Account, context: Context) -> datetime:
        if not self.rereads_history:
            began = self.position(account, context, HISTORY_BEGAN) or account.run_end
            return began - self.overlap
        start_date = self.config.get("start_date")
        return max(parse_instant(start_date), BEGINNING) if start_date else BEGINNING

    def complete(self, account: Account, context: Context, window: Window) -> None:
        """Take note of how far the history, or the changes, are known."""
        if window.basis == "change_time":
            for name in (HISTORY, HISTORY_BEGAN):
                self.get_context_state(context).pop(name, None)
            self.mark(account, context, self.known_until(window))
        elif window.moves_bookmark and self.position(account, context) is None:
            if self.position(account, context, HISTORY_BEGAN) is None:
                self.mark(account, context, account.run_end, HISTORY_BEGAN)
            self.mark(account, context, window.end, HISTORY)

    def known_until(self, window: Window) -> datetime:
        """Up to when a window's answer holds all changes; never after the window's end."""
        return window.end
