"""Withings, simulated: OAuth server and data services. Facts come from developer.withings.com."""

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
from .oauth import LIFETIMES, SCOPES, OAuth
from .signature import Signatures

if TYPE_CHECKING:
    from health_sandbox.clock import Clock

_MINUTE_SECONDS = 60
_PER_MINUTE = 120


def build(settings: Settings, clock: Clock) -> Vendor:
    """Build the simulated Withings around the sandbox clock."""
    grants = Grants(clock, LIFETIMES, refresh_scope=None)
    grants.register(CLIENT_ID, CLIENT_SECRET)
    quota = Quota(settings.requests_per_minute or _PER_MINUTE, _MINUTE_SECONDS)
    signatures = Signatures(clock, grants)
    oauth = OAuth(grants, MEMBERS, signatures)
    since = first_day(clock.now(), settings.years)
    histories = {name: History(member, settings.seed, since) for name, member in MEMBERS.items()}
    api = Api(clock, grants, RateLimiter(clock, (quota,)), histories, settings.page_size)
    members = MemberControl(grants, MEMBERS, SCOPES, oauth.describe)
    records = RecordControl(clock, histories, COLLECTIONS)
    return Vendor(
        "withings",
        routes=[*api.routes(), *oauth.routes(), *signatures.routes()],
        control_routes=[*members.routes(), *records.routes()],
        fault_kinds=KINDS,
        grants=grants,
    )
