"""How much of what each vendor allows by day was used?"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from psycopg import sql

from health_tools.doctor.finding import Message
from health_tools.errors import HealthToolsError
from health_tools.health import sync_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from health_tools.doctor.finding import Finding
    from health_tools.doctor.installation import Installation
    from health_tools.doctor.vendors import Vendor

CHECK = "quota"
#: Percent of the allowance from which on a run may not get through.
MUCH = 80

UNCOUNTED = Message("ok", "{vendor}: {requests} requests in 24 hours; it sets no limit by day")
USED = Message("ok", "{vendor}: {requests} of {allowed} requests in 24 hours")
NEARLY_USED_UP = Message(
    "warning",
    "{vendor}: {requests} of {allowed} requests in 24 hours",
    "have the schedule run less often, or leave out streams ({meltano} select {tap}); a long "
    "history goes on by itself the next day",
)
USED_UP = Message(
    "problem",
    "{vendor}: {requests} requests in 24 hours; {allowed} are allowed",
    "nothing is lost; type {meltano} run {source} tomorrow, or ask {vendor} for more",
)

_REQUESTS = sql.SQL("""
    select coalesce(sum(requests), 0)
    from {log}
    where synced_at > now() at time zone 'UTC' - interval '24 hours'
""")


def check(installation: Installation) -> Iterator[Finding]:
    """Count the requests of all accounts: the allowance is that of the client id."""
    vendors = list(_vendors(installation))
    with installation.session() as session:
        logs = sync_log.schemas(session)
        for vendor in vendors:
            if schema := logs.get(vendor.source):
                yield _finding(vendor, _requests(session, schema))


def _vendors(installation: Installation) -> Iterator[Vendor]:
    for asked in installation.taps:
        with suppress(HealthToolsError):  # the grants say so
            yield asked.vendor


def _requests(session: psycopg.Connection, schema: str) -> int:
    row = session.execute(_REQUESTS.format(log=sql.Identifier(schema, sync_log.LOG))).fetchone()
    return int(row[0]) if row else 0


def _finding(vendor: Vendor, requests: int) -> Finding:
    allowed = vendor.requests_per_day
    if allowed is None:
        message = UNCOUNTED
    elif requests >= allowed:
        message = USED_UP
    else:
        message = NEARLY_USED_UP if 100 * requests >= MUCH * allowed else USED
    return message.finding(
        CHECK,
        vendor=vendor.name,
        tap=vendor.tap,
        source=vendor.source,
        requests=requests,
        allowed=allowed,
    )
