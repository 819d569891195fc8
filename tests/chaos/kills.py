"""Where the tap and the loader are killed: the cells of the kill matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .vendors import Vendor

Trace = list[str]
#: Chooses one of the moments of a name from the trace of an undisturbed sync; counted from 1.
Which = Callable[[Trace, str], int]


@dataclass(frozen=True)
class Setup:
    """A sync that somebody is killed in.

    Attributes:
        days: How much of the history it reads.
        window_days: In windows of this length; None is the tap's own.
        page_size: Rows on a page at Withings.
        drain_every: The loader drains after so many records.
        claims_first: The loader commits the sync log before the tables that it speaks of, else
            after them. By itself it does all at once, in threads.
    """

    days: int
    window_days: int | None = None
    page_size: int | None = None
    drain_every: int | None = None
    claims_first: bool = True

    def drain_order(self, vendor: Vendor) -> list[str]:
        """The tables in the order in which they are committed."""
        tables, log = TABLES[vendor.name], ["sync_windows"]
        return log + tables if self.claims_first else tables + log


#: Three windows.
WINDOWS = Setup(days=45, window_days=15)
#: The same, with the sync log as the last table.
CLAIMS_LAST = Setup(days=45, window_days=15, claims_first=False)
#: One window of several pages.
PAGES = Setup(days=60, page_size=20)
#: Five minutes pass several times.
DRAINS = Setup(days=45, window_days=15, drain_every=40)


def first(_: Trace, __: str) -> int:
    """The first one."""
    return 1


def last(trace: Trace, moment: str) -> int:
    """The last one."""
    return trace.count(moment)


def middle(trace: Trace, moment: str) -> int:
    """One in the middle."""
    return trace.count(moment) // 2 + 1


def second(_: Trace, __: str) -> int:
    """The second one."""
    return 2


def end_of_window(trace: Trace, moment: str) -> int:
    """The last one before the first window is claimed."""
    _, _, stream = moment.rpartition(" ")
    claim = next(i for i, name in enumerate(trace) if name.endswith(f"claim {stream}"))
    return trace[:claim].count(moment)


@dataclass(frozen=True)
class KillCell:
    """A kill.

    Attributes:
        vendor: Whose tap.
        process: Who dies: ``tap`` or ``loader``.
        moment: When.
        which: Which moment of that name.
        setup: In what sync.
        power_cut: Whether the other one dies with it.
        later: Whether it is a sync of changes, to a database that has everything else.
    """

    vendor: Vendor
    process: str
    moment: str
    which: Which = first
    setup: Setup = WINDOWS
    power_cut: bool = False
    later: bool = False


#: A collection of each vendor, what it is asked for by, and how the vendor is asked for the user.
STREAMS = {"whoop": "cycles", "withings": "measure_groups"}
QUESTIONS = {"whoop": "cycle", "withings": "getmeas"}
WHO = {"whoop": "basic", "withings": "getdevice"}
PARTS = {"before": "before", "half": "within", "after": "after"}
COMMITS = {
    "before": "before COMMIT of",
    "sent": "COMMIT sent of",
    "answered": "COMMIT unconfirmed of",
    "after": "after COMMIT of",
}
#: In the order in which they are announced; the sync log beside them.
TABLES = {
    "whoop": [
        "cycles",
        "recoveries",
        "sleeps",
        "user_basic_profile",
        "user_body_measurement",
        "workouts",
    ],
    "withings": [
        "activity",
        "devices",
        "goals",
        "heart_recordings",
        "measure_groups",
        "measures",
        "profile",
        "sleep_summary",
        "workouts",
    ],
}
Named = tuple[str, KillCell]


def messages(vendor: Vendor) -> dict[str, tuple[str, Which]]:
    """Kinds of Singer messages, in the words of the table."""
    stream = STREAMS[vendor.name]
    return {
        "the first SCHEMA": (f"schema {stream}", first),
        "the first RECORD": (f"record {stream}", first),
        "a RECORD amid a window": (f"record {stream}", middle),
        "the last RECORD of a window": (f"record {stream}", end_of_window),
        "a window's claim": (f"claim {stream}", first),
        "a STATE between windows": ("state", second),
        "the last STATE": ("state", last),
    }


def tap_at_messages(vendor: Vendor) -> Iterator[Named]:
    """The tap dies around each kind of message, or with a part of it in the pipe."""
    for words, (what, which) in messages(vendor).items():
        for part, when in PARTS.items():
            yield f"{when} {words}", KillCell(vendor, "tap", f"{part} {what}", which)
    yield "after the end of the sync", KillCell(vendor, "tap", "after end")


def loader_at_messages(vendor: Vendor) -> Iterator[Named]:
    """The loader dies around each kind of message."""
    for words, (what, which) in messages(vendor).items():
        for when in ("before", "after"):
            yield f"{when} {words}", KillCell(vendor, "loader", f"{when} {what}", which)
    yield "at the end of its input", KillCell(vendor, "loader", "before end of input")


def tap_at_requests(vendor: Vendor) -> Iterator[Named]:
    """The tap dies before a request, with half of its answer read, or when it has all of it."""
    page = f"request {QUESTIONS[vendor.name]}"
    places = {
        "the first request": (f"request {WHO[vendor.name]}", first, PAGES),
        "the first page": (page, first, PAGES),
        "a page amid others": (f"{page} next page", first, PAGES),
        "the last page": (f"{page} next page", last, PAGES),
        "the first page of a later window": (page, second, WINDOWS),
    }
    for words, (what, which, setup) in places.items():
        for when in ("before", "during", "after"):
            cell = KillCell(vendor, "tap", f"{when} {what}", which, setup)
            yield f"{when} {words}", cell


def loader_at_commits(vendor: Vendor) -> Iterator[Named]:
    """The loader dies around each commit, and with a commit in doubt."""
    tables = TABLES[vendor.name]
    works = {
        "the new schema": ("schema", first, WINDOWS),
        "the first new table": (f"ddl {tables[0]}", first, WINDOWS),
        "the last new table": (f"ddl {tables[-1]}", first, WINDOWS),
        **{f"the rows of {table}": (f"rows {table}", first, WINDOWS) for table in tables},
        "the claims, first of all": ("rows sync_windows", first, WINDOWS),
        "the claims, last of all": ("rows sync_windows", first, CLAIMS_LAST),
        "more rows, five minutes later": (f"rows {tables[0]}", second, DRAINS),
        "more claims, five minutes later": ("rows sync_windows", second, DRAINS),
    }
    for words, (what, which, setup) in works.items():
        for part, when in COMMITS.items():
            cell = KillCell(vendor, "loader", f"{part} commit {what}", which, setup)
            yield f"{when} {words}", cell
    for words, setup in {"the only": WINDOWS, "the second": DRAINS}.items():
        for when in ("before", "after"):
            which = second if setup is DRAINS else first
            cell = KillCell(vendor, "loader", f"{when} confirmation", which, setup)
            yield f"{when} {words} confirmation of a state", cell


def power_cuts(vendor: Vendor) -> Iterator[Named]:
    """Both die."""
    stream, page = STREAMS[vendor.name], f"request {QUESTIONS[vendor.name]}"
    moments = {
        "amid a window": ("tap", f"after record {stream}", middle, WINDOWS),
        "after a window's claim": ("tap", f"after claim {stream}", first, WINDOWS),
        "after a STATE between windows": ("tap", "after state", second, WINDOWS),
        "while the vendor answers": ("tap", f"during {page} next page", first, PAGES),
        "before COMMIT of the claims": (
            "loader",
            "before commit rows sync_windows",
            first,
            WINDOWS,
        ),
        "after COMMIT of the claims": ("loader", "after commit rows sync_windows", first, WINDOWS),
        "before a confirmation, five minutes later": (
            *("loader", "before confirmation", second),
            DRAINS,
        ),
        "after a confirmation, five minutes later": (
            *("loader", "after confirmation", second),
            DRAINS,
        ),
    }
    for words, (process, moment, which, setup) in moments.items():
        yield words, KillCell(vendor, process, moment, which, setup, power_cut=True)


def later_runs(vendor: Vendor) -> Iterator[Named]:
    """A run that brings changes is cut off: the old rows are there."""
    stream, page = STREAMS[vendor.name], f"request {QUESTIONS[vendor.name]}"
    moments = {
        "tap, during its request": ("tap", f"during {page}", first),
        "tap, before its first RECORD": ("tap", f"before record {stream}", first),
        "tap, within a RECORD": ("tap", f"half record {stream}", middle),
        "tap, after its claim": ("tap", f"after claim {stream}", first),
        "tap, after the last STATE": ("tap", "after state", last),
        "loader, before COMMIT of the rows": ("loader", f"before commit rows {stream}", first),
        "loader, COMMIT of the rows sent": ("loader", f"sent commit rows {stream}", first),
        "loader, after COMMIT of the claims": ("loader", "after commit rows sync_windows", first),
        "loader, before the confirmation": ("loader", "before confirmation", first),
        "loader, after the confirmation": ("loader", "after confirmation", first),
    }
    for words, (process, moment, which) in moments.items():
        yield words, KillCell(vendor, process, moment, which, later=True)


GROUPS: dict[str, Callable[[Vendor], Iterator[Named]]] = {
    "Tap killed at a Singer message": tap_at_messages,
    "Tap killed at a request": tap_at_requests,
    "Loader killed at a Singer message": loader_at_messages,
    "Loader killed at a commit": loader_at_commits,
    "Tap and loader killed": power_cuts,
    "A later run killed": later_runs,
}
