"""May every account be read, and all of it? The taps are asked; the vendors are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_tools.doctor.finding import Message
from health_tools.errors import HealthToolsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tools.doctor.finding import Finding
    from health_tools.doctor.installation import Installation
    from health_tools.doctor.vendors import Grant, Vendor

CHECK = "grants"

LIVES = Message("ok", "account {account} of {vendor}: all scopes, access until {until}")
RENEWS = Message("ok", "account {account} of {vendor}: all scopes, the next run renews the access")
STARTS = Message("ok", "account {account} of {vendor}: the next run starts it with refresh_token")
NOT_USED = Message("ok", "{vendor} is not set up")
NO_GRANT = Message(
    "problem",
    "account {account} of {vendor} has no grant",
    "type {meltano} invoke {tap}:login --account {account}, or take it out of {variable}_ACCOUNTS "
    "in .env",
)
DEAD = Message(
    "problem",
    "account {account} of {vendor}: {vendor} has ended the grant",
    "type {meltano} invoke {tap}:login --account {account}; everything loaded so far stays",
)
OTHER_CLIENT = Message(
    "problem",
    "account {account} of {vendor}: the grant was given to another client id",
    "set {variable}_CLIENT_ID in .env to that one, or type {meltano} invoke {tap}:login --account "
    "{account}",
)
UNREADABLE = Message(
    "problem",
    "account {account} of {vendor}: the stored grant cannot be read",
    "see docs/grants.md, When something is wrong: {note}",
)
SCOPES = Message(
    "warning",
    "account {account} of {vendor} lacks the scopes {scopes}",
    "enable them for your app at the vendor, then type {meltano} invoke {tap}:login --account "
    "{account} and allow everything",
)
NOT_CONFIGURED = Message(
    "warning",
    "account {account} of {vendor} has a grant, but {variable}_ACCOUNTS does not name it",
    "add it there, in .env, or type {meltano} invoke {tap}:logout --account {account}",
)
NO_APP = Message(
    "problem",
    "{vendor}: there are grants, but no client id and secret",
    "set {variable}_CLIENT_ID and {variable}_CLIENT_SECRET in .env",
)
NO_STATUS = Message(
    "warning", "{tap} does not tell its grants: {reason}", "type {meltano} invoke {tap}:status"
)
NO_TAPS = Message("warning", "no tap in {root}/meltano.yml tells its grants", "type make setup")

_STATES = {
    "ok": LIVES,
    "expired": RENEWS,
    "seed": STARTS,
    "none": NO_GRANT,
    "dead": DEAD,
    "other client": OTHER_CLIENT,
    "unreadable": UNREADABLE,
}


def check(installation: Installation) -> Iterator[Finding]:
    """One finding for each account, and what else is odd about it."""
    if not installation.taps:
        yield NO_TAPS.finding(CHECK, root=installation.root)
    for asked in installation.taps:
        try:
            vendor = asked.vendor
        except HealthToolsError as error:
            yield NO_STATUS.finding(CHECK, tap=asked.tap, reason=error)
            continue
        if not vendor.is_used:
            yield NOT_USED.finding(CHECK, vendor=vendor.name)
            continue
        if not vendor.has_app:
            yield NO_APP.finding(CHECK, **_names(vendor))
        for grant in vendor.grants:
            yield from _look_at(vendor, grant)


def _look_at(vendor: Vendor, grant: Grant) -> Iterator[Finding]:
    values = {
        **_names(vendor),
        "account": grant.account,
        "until": grant.access_token_until,
        "scopes": ", ".join(grant.missing_scopes),
        "note": grant.note,
    }
    if not grant.configured:
        yield NOT_CONFIGURED.finding(CHECK, **values)
    elif grant.lives and grant.missing_scopes:
        yield SCOPES.finding(CHECK, **values)
    else:
        yield _STATES[grant.state].finding(CHECK, **values)


def _names(vendor: Vendor) -> dict[str, str]:
    variable = vendor.tap.upper().replace("-", "_")
    return {"vendor": vendor.name, "tap": vendor.tap, "variable": variable}
