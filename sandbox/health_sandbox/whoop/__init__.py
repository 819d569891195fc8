"""WHOOP, simulated: API v2 and OAuth server. Facts come from developer.whoop.com."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_sandbox.grants import Grants
from health_sandbox.member_control import MemberControl
from health_sandbox.rate_limits import Quota, RateLimiter
from health_sandbox.record_control import RecordControl
from health_sandbox.timeline import first_day
from health_sandbox.vendor import CLIENT_ID, CLIENT_SECRET, Settings, Vendor

from .api import Api
from .control import COLLECTIONS
from .faults import KINDS
from .history import History
from .members import MEMBERS
from .oauth import LIFETIMES, OFFLINE, SCOPES, OAuth, describe

if TYPE_CHECKING:
    from health_sandbox.clock import Clock

_MINUTE_SECONDS, _DAY_SECONDS = 60, 86_400
_PER_MINUTE, _PER_DAY = 100, 10_000


def build(settings: Settings, clock: Clock) -> Vendor:
    """Build the simulated WHOOP around the sandbox clock."""
    grants = Grants(clock, LIFETIMES, refresh_scope=OFFLINE)
    grants.register(CLIENT_ID, CLIENT_SECRET)
    quotas = (
        Quota(settings.requests_per_minute or _PER_MINUTE, _MINUTE_SECONDS),
        Quota(settings.requests_per_day or _PER_DAY, _DAY_SECONDS),
    )
    since = first_day(clock.now(), settings.years)
    histories = {name: History(member, settings.seed, since) for name, member in MEMBERS.items()}
    api = Api(clock, grants, RateLimiter(clock, quotas), histories)
    members = MemberControl(grants, MEMBERS, SCOPES, describe)
    records = RecordControl(clock, histories, COLLECTIONS)
    return Vendor(
        "whoop",
        routes=[*api.routes(), *OAuth(grants, MEMBERS).routes()],
        control_routes=[*members.routes(), *records.routes()],
        fault_kinds=KINDS,
        grants=grants,
    )
