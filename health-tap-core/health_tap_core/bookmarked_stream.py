"""Streams with a history: where each account stands, in the state."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.coverage import Coverage
from health_tap_core.errors import BookmarkError, UnreachableError
from health_tap_core.stream import HealthStream
from health_tap_core.timestamps import parse_instant, utc_text
from health_tap_core.window import Window, plan_windows, split

if TYPE_CHECKING:
    from datetime import datetime

    from health_tap_core.account import Account
    from health_tap_core.window import Kind

BOOKMARK = "replication_key_value"
#: The stretches of activity time that were read for good.
COVERED = "covered"
#: The tables that a bookmark speaks for, where a stream has derived ones.
TABLES = "tables"
#: Whose bookmark it is.
USER = "user"
#: Times that a stream tells the state in a run at least, of however many accounts.
STATES = 8
#: A window proves that a record is gone which lies in it with a day to spare at both edges. Where
#: two windows of a reconcile meet, both have this much, so that one of them does: records are up
#: to two days long, and some vendors' windows are whole days.
PROOF = timedelta(days=5)
#: A bookmark may lie this far ahead of the vendor's time before it counts as wrong.
CLOCK_SKEW = timedelta(hours=1)


class BookmarkedStream(HealthStream):
    """A stream that continues where the last run ended, for each account."""

    kind = "incremental"
    basis = "activity_time"

    #: Moves of positions that the loader has not been told of.
    _untold = 0

    #: Nothing can be older at this vendor; the start of a backfill without ``start_date``.
    earliest: ClassVar[datetime]
    #: The longest window; the setting ``window_days`` can make it shorter.
    window_length: ClassVar[timedelta]
    #: A connection test looks for records in this much of the recent past.
    test_span: ClassVar[timedelta] = timedelta(days=30)

    def plan(self, account: Account, context: Context) -> list[Window]:
        """The windows of this run; of a connection test, only the recent past."""
        end = account.run_end
        if self.ABORT_AT_RECORD_COUNT is not None:
            return [Window(end - self.test_span, end, "incremental")]
        self._drop_doubtful(account, context)
        windows = self._windows(account, context)
        if not windows:
            self.logger.warning(
                "%s of account %r: nothing lies between start (start_date, or the bookmark minus "
                "lookback_days) and end (end_date, or now), so nothing was read.",
                self.name,
                account.name,
            )
        return windows

    def _windows(self, account: Account, context: Context) -> list[Window]:
        end = min(account.run_end, self.end_date or account.run_end)
        if days := self.config.get("reconcile_days"):
            start = max(end - timedelta(days=days), self.start)
            kind: Kind = "reconcile" if self.covered(context).end else "backfill"
            return split(start, end, self.window_length, kind, overlap=PROOF)
        if end == account.run_end:
            return self.plan_run(account, context)
        if self.start_date:
            return split(self.start, end, self.length, "backfill")
        return self.plan_history(account, context, end)

    @abstractmethod
    def plan_run(self, account: Account, context: Context) -> list[Window]:
        """The windows of a run that ends now, ascending."""

    def plan_history(self, account: Account, context: Context, end: datetime) -> list[Window]:
        """Windows of activity time: what was never read for good before ``end``."""
        return plan_windows(
            covered=self.covered(context),
            earliest=self.start,
            end=end,
            settled=account.run_end - self.lookback,
            length=self.length,
        )

    @cached_property
    def start_date(self) -> datetime | None:
        """The setting."""
        return self._date("start_date")

    @cached_property
    def end_date(self) -> datetime | None:
        """The setting."""
        return self._date("end_date")

    def _date(self, setting: str) -> datetime | None:
        value = self.config.get(setting)
        return parse_instant(value) if value else None

    @property
    def start(self) -> datetime:
        """Where the history begins for this run."""
        return max(self.start_date or self.earliest, self.earliest)

    @property
    def lookback(self) -> timedelta:
        """For how long what happened may still come or change, so that it is read again."""
        return timedelta(days=self.config["lookback_days"])

    @property
    def length(self) -> timedelta:
        """Longest window of this run."""
        days = self.config.get("window_days")
        return min(timedelta(days=days), self.window_length) if days else self.window_length

    @property
    def tables(self) -> list[str]:
        """The selected tables that this stream fills."""
        return [stream.name for stream in (self, *self.derived) if stream.selected]

    def run_end(self, account: Account) -> datetime:
        """When the run began, however far ahead the machine's clock was before the vendor spoke."""
        return min(account.run_end, self._tap.clock.now())

    def covered(self, context: Context) -> Coverage:
        """The stretches of activity time that were read for good.

        A bookmark alone, as it was once written, speaks for all before it but the look-back.
        """
        state = self.get_context_state(context)
        bookmark = state.get(BOOKMARK)
        if COVERED not in state and bookmark:
            return Coverage((self.start, parse_instant(bookmark) - self.lookback))
        return Coverage.from_state(state.get(COVERED))

    def position(self, context: Context, name: str = BOOKMARK) -> datetime | None:
        """An instant in the state, if there is one."""
        value = self.get_context_state(context).get(name)
        return parse_instant(value) if value else None

    def mark(self, account: Account, context: Context, **positions: Any) -> None:
        """Move positions of the state, and tell the loader if one did move.

        What was read of nobody is proof of nothing, so it counts as not read.
        """
        if account.user_id is None:
            return
        state = self.get_context_state(context)
        before = dict(state)
        state["replication_key"] = self.replication_key
        state |= positions
        if self.child_streams:
            state[TABLES] = self.tables
        state[USER] = _fingerprint(account)
        if state != before:
            self._tell()

    def _tell(self) -> None:
        """Tell the loader the state; of many accounts, after several moves.

        A state names all accounts, so that one for each of them would cost their square. What is
        left at the end of the stream the SDK tells then.
        """
        self._untold += 1
        if self._untold * STATES >= len(self._tap.account_names):
            self._untold = 0
            self._tap.state_writer.write_state(self.tap_state)

    def _drop_doubtful(self, account: Account, context: Context) -> None:
        """Forget a position that nobody can believe.

        Raises:
            BookmarkError: It is none.
            UnreachableError: The vendor does not tell whether it is.
        """
        state = self.get_context_state(context)
        try:
            reached = [self.position(context), self.covered(context).end]
        except (TypeError, ValueError):
            raise BookmarkError(
                f"The bookmark in the state is none: {state.get(BOOKMARK)!r}, covered "
                f"{state.get(COVERED)!r}. Clear it to read the history again (in Meltano: meltano "
                "state clear)."
            ) from None
        newest = max(filter(None, reached), default=None)
        if newest is None:
            return
        if account.user_id is not None and state.get(USER) not in {None, _fingerprint(account)}:
            doubt = "is somebody else's, who was logged in under this name before"
        elif newest > account.run_end + CLOCK_SKEW:
            if not self._tap.clock.was_heard:
                raise UnreachableError(
                    f"The bookmark {utc_text(newest)} lies in the future by this machine's clock, "
                    "and the vendor does not answer, so nobody knows which is wrong. Check the "
                    "clock and the connection; the bookmark stays."
                )
            doubt = "lies in the future, so a wrong clock wrote it"
        elif new := set(self.tables) - set(state.get(TABLES, self.tables)):
            doubt = f"is older than the selection of {', '.join(sorted(new))}"
        else:
            return
        for name in set(state) - {"context"}:
            del state[name]
        self.logger.warning(
            "%s of account %r: the bookmark %s %s. The history is read from its beginning.",
            self.name,
            account.name,
            utc_text(newest),
            doubt,
        )


def _fingerprint(account: Account) -> str:
    """Tells whose bookmark it is, without the vendor's user id in the state."""
    return _slow_hash(account.name, str(account.user_id))


@cache
def _slow_hash(account: str, user_id: str) -> str:
    # User ids are short numbers: with a fast hash, whoever sees a state could try them all.
    return hashlib.scrypt(user_id.encode(), salt=account.encode(), n=2**13, r=8, p=1, dklen=8).hex()
