"""Does this machine know what time it is? No vendor is asked: the sync log has their time.

A wrong clock renews access tokens too late or too early, and dates failures wrongly.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from health_tools.doctor.finding import Message
from health_tools.health import sync_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tools.doctor.finding import Finding
    from health_tools.doctor.installation import Installation

CHECK = "clock"
#: Clocks that are set by the network agree to less than a second.
TOLERANCE = timedelta(minutes=1)

AGREES = Message("ok", "{now} UTC, as the database says")
DIFFERS = Message(
    "warning",
    "this machine's clock is {seconds} s {direction} the database's",
    "let the network set both, on Linux: timedatectl set-ntp true",
)
BEHIND = Message(
    "problem",
    "this machine says {now} UTC, but {source} answered at {newest} UTC already",
    "let the network set the clock, on Linux: timedatectl set-ntp true",
)


def check(installation: Installation) -> Iterator[Finding]:
    """Compare with the database and with the newest answer of each vendor."""
    with installation.session() as session:
        row = session.execute("select clock_timestamp()").fetchone()
        now = datetime.now(timezone.utc)
        states = sync_log.read(session)
    ahead = now - row[0] if row else timedelta()
    if abs(ahead) > TOLERANCE:
        direction = "ahead of" if ahead > timedelta() else "behind"
        seconds = round(abs(ahead).total_seconds())
        yield DIFFERS.finding(CHECK, seconds=seconds, direction=direction)
    else:
        yield AGREES.finding(CHECK, now=f"{now:%Y-%m-%d %H:%M}")
    answers: dict[str, datetime] = {}
    for state in states:
        if state.last_success:
            newest = answers.get(state.source, state.last_success)
            answers[state.source] = max(newest, state.last_success)
    for source, newest in answers.items():
        if newest > now + TOLERANCE:
            yield BEHIND.finding(
                CHECK, now=f"{now:%Y-%m-%d %H:%M}", source=source, newest=f"{newest:%Y-%m-%d %H:%M}"
            )
