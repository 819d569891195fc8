"""Streams with a history: where each account stands, in the state."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.errors import BookmarkError
from health_tap_core.stream import HealthStream
from health_tap_core.timestamps import parse_instant, utc_text
from health_tap_core.window import Window, split

if TYPE_CHECKING:
    from datetime import datetime

    from health_tap_core.account import Account

BOOKMARK = "replication_key_value"
#: The tables that a bookmark speaks for, where a stream has derived ones.
TABLES = "tables"
#: A bookmark may lie this far ahead of the vendor's time before it counts as wrong.
CLOCK_SKEW = timedelta(hours=1)


class BookmarkedStream(HealthStream):
    """A stream that continues where the last run ended, for each account."""

    kind = "incremental"
    basis = "activity_time"

    #: Nothing can be older at this vendor; the start of a backfill without ``start_date``.
    earliest: ClassVar[datetime]
    #: The vendor's longest window; the setting ``window_days`` can make it shorter.
    window_length: ClassVar[timedelta | None] = None
    #: A connection test looks for records in this much of the recent past.
    test_span: ClassVar[timedelta] = timedelta(days=30)

    def plan(self, account: Account, context: Context) -> list[Window]:
        """The windows of this run; of a connection test, only the recent past."""
        end = account.run_end
        if self.ABORT_AT_RECORD_COUNT is not None:
            return [Window(end - self.test_span, end, "incremental")]
        end_date = self.config.get("end_date")
        if end_date and parse_instant(end_date) < end:
            windows = self._plan_stretch(account, context, parse_instant(end_date))
        else:
            windows = self.plan_run(account, context)
        if not windows:
            self.logger.warning(
                "%s of account %r: nothing lies between start (start_date, or the bookmark minus "
                "lookback_days) and end (end_date, or now), so nothing was read.",
                self.name,
                account.name,
            )
        return windows

    @abstractmethod
    def plan_run(self, account: Account, context: Context) -> list[Window]:
        """The windows of a run that ends now, ascending."""

    def _plan_stretch(self, account: Account, context: Context, end: datetime) -> list[Window]:
        """A stretch of the past, which says nothing of what was read before and behind it."""
        bookmark = self.position(account, context)
        start = self.start
        if bookmark is not None and not self.config.get("start_date"):
            start = max(bookmark - self.lookback, self.earliest)
        return split(start, end, self.length, "backfill", moves_bookmark=False)

    @property
    def start(self) -> datetime:
        """Where the history begins for this run."""
        start_date = self.config.get("start_date")
        return max(parse_instant(start_date), self.earliest) if start_date else self.earliest

    @property
    def lookback(self) -> timedelta:
        """How far behind its bookmark activity time is read again."""
        return timedelta(days=self.config["lookback_days"])

    @property
    def length(self) -> timedelta | None:
        """Longest window of this run; None reads everything as one."""
        days = self.config.get("window_days")
        wished = timedelta(days=days) if days else None
        return min(filter(None, (wished, self.window_length)), default=None)

    @property
    def tables(self) -> list[str]:
        """The selected tables that this stream fills."""
        return [stream.name for stream in (self, *self.derived) if stream.selected]

    def mark(
        self, account: Account, context: Context, instant: datetime, name: str = BOOKMARK
    ) -> None:
        """Move a position of the state, never back, and tell the loader."""
        before = self.position(account, context, name)
        if before is None or before < instant:
            state = self.get_context_state(context)
            state["replication_key"] = self.replication_key
            state[name] = utc_text(instant)
            if self.child_streams:
                state[TABLES] = self.tables
            if account.user_id is not None:
                state["user"] = _fingerprint(account)
            self._tap.state_writer.write_state(self.tap_state)

    def position(self, account: Account, context: Context, name: str = BOOKMARK) -> datetime | None:
        """A position of the state, if there is one. One that nobody can believe is dropped.

        Raises:
            BookmarkError: It is no instant.
        """
        state = self.get_context_state(context)
        value = state.get(name)
        if value is None:
            return None
        try:
            instant = parse_instant(value)
        except (TypeError, ValueError):
            raise BookmarkError(
                f"The bookmark in the state is no instant: {value!r}. Clear it to read the "
                "history again (in Meltano: meltano state clear)."
            ) from None
        if account.user_id is not None and state.get("user") not in {None, _fingerprint(account)}:
            doubt = "is somebody else's, who was logged in under this name before"
        elif instant > account.run_end + CLOCK_SKEW:
            doubt = "lies in the future, so a wrong clock wrote it"
        elif new := set(self.tables) - set(state.get(TABLES, self.tables)):
            doubt = f"is older than the selection of {', '.join(sorted(new))}"
        else:
            return instant
        del state[name]
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
