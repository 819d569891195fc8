"""Was everything read, and lately? What `health status` knows, as findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from health_tools.doctor.finding import Finding, Message
from health_tools.health import status_report
from health_tools.health.display import age
from health_tools.health.meta import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tools.doctor.installation import Installation

STREAMS, DAYS_CHECK = "streams", "days"
#: A nightly run may fail once, and the next one come two hours late, before anybody need look.
MAX_AGE = timedelta(hours=26)

READ = Message("ok", "{streams} streams of {accounts} accounts, read {newest} to {oldest} ago")
EXPLAINED = Message("ok", "of the last {days} days, each is explained")
UNEXPLAINED = Message(
    "ok", "of the last {days} days, {missing} are not read or not scored yet; the next runs see"
)
NOT_BUILT = Message(
    "warning", "missing days are not known before the models are", "type {meltano} run dbt:build"
)


def check(installation: Installation) -> Iterator[Finding]:
    """Ask the sync log and the models."""
    with installation.session() as session:
        status = status_report.read(session)
    problems = status.problems()
    for problem in problems:
        yield Finding(STREAMS, "problem", *problem)
    late = list(replace(status, max_age=MAX_AGE).outdated())
    for problem in late:
        yield Finding(STREAMS, "warning", *problem)
    read = [stream for stream in status.streams if stream.is_current]
    lags = [lag for stream in read if (lag := status.lag(stream)) is not None]
    if lags:
        counts = {"streams": len(read), "accounts": len({(s.source, s.account) for s in read})}
        yield READ.finding(STREAMS, **counts, newest=age(min(lags)), oldest=age(max(lags)))
    if status.streams and not status.models_built:
        yield NOT_BUILT.finding(DAYS_CHECK)
    elif status.models_built:
        missing = {day for gap in status.gaps or () if gap.status != "failed" for day in gap.days}
        message = UNEXPLAINED if missing else EXPLAINED
        yield message.finding(DAYS_CHECK, days=DAYS, missing=len(missing))
