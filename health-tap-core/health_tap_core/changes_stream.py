"""Streams that the vendor can also filter by the time of change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.bookmarked_stream import BookmarkedStream
from health_tap_core.timestamps import utc_text
from health_tap_core.window import Window, split

if TYPE_CHECKING:
    from health_tap_core.account import Account

#: When the first reading of the history began.
HISTORY_BEGAN = "history_began"
#: Before every change. One second, because some vendors take zero for no time at all.
BEGINNING = datetime(1970, 1, 1, 0, 0, 1, tzinfo=timezone.utc)


class ChangesStream(BookmarkedStream):
    """A stream whose vendor tells what was created or changed since an instant.

    The first run reads the history twice. In windows of activity time, because only they can prove
    what the vendor does not hold, and because each is a stretch from which an interrupted run goes
    on. Then by change time, which also finds what was dated outside of all windows, or changed
    behind them. From then on each run asks for changes alone, so that a weigh-in that arrives hours
    or weeks after it was taken comes like any other; and for what a moved ``start_date`` adds.

    The bookmark is the instant up to which changes are known.
    """

    #: Changes are asked for again from this long before the bookmark: vendors' clocks and indexes
    #: are not exact.
    overlap = timedelta(hours=1)
    #: Whether the first reading by change covers the history again, or only the time since its
    #: reading by date began: for streams that pay a request for each record.
    rereads_history: ClassVar[bool] = True

    def plan_run(self, account: Account, context: Context) -> list[Window]:
        """What of the history was never read, then the changes since the bookmark."""
        end, bookmark = account.run_end, self.position(context)
        history = [
            window
            for gap in self.covered(context).gaps(self.start, bookmark or end)
            for window in split(*gap, self.length, "backfill")
        ]
        if bookmark and not (history and self.rereads_history):
            since = max(bookmark - self.overlap, BEGINNING)
            return [*history, Window(since, end, "incremental", "change_time")]
        since = self._first_change(account, context)
        if since >= end:
            return history
        # Also for what an earlier start_date adds: it may be dated outside of all windows, too.
        return [*history, Window(since, end, "backfill", "change_time")]

    def _first_change(self, account: Account, context: Context) -> datetime:
        if self.rereads_history:
            return max(self.start_date or BEGINNING, BEGINNING)
        return (self.position(context, HISTORY_BEGAN) or account.run_end) - self.overlap

    def complete(self, account: Account, context: Context, window: Window) -> None:
        """Take note of the stretch that was read, and of how far the changes are known."""
        covered = self.covered(context)
        positions: dict[str, Any] = {}
        if window.basis == "activity_time":
            covered.add(window.start, window.end)
            if not self.rereads_history and not self.position(context):
                began = self.position(context, HISTORY_BEGAN) or self.run_end(account)
                positions[HISTORY_BEGAN] = utc_text(began)
        else:
            known = self.known_until(window)
            # What happened since then cannot have been recorded before.
            covered.add(window.start, known)
            bookmark = max(filter(None, (self.position(context), known)))
            positions["replication_key_value"] = utc_text(bookmark)
            self.get_context_state(context).pop(HISTORY_BEGAN, None)
        self.mark(account, context, covered=covered.to_state(), **positions)

    def known_until(self, window: Window) -> datetime:
        """Up to when a window's answer holds all changes; never after the window's end."""
        return window.end
