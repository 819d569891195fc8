"""The settings that every tap shares. Their names are a contract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from singer_sdk import typing as th

from health_tap_core.oauth.stores import is_database
from health_tap_core.timestamps import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from health_tap_core.oauth.provider import Provider

_WEB_ADDRESS = re.compile(r"https?://[^\s/]+")
#: No web address, and no `~name`, which may not exist.
_FOLDER = re.compile(r"(?!\w+://)(~/)?[^~].*")
#: Where a browser comes back to after a login, unless the vendor was told another address.
REDIRECT_URI = "http://localhost:8970/callback"
#: Account names become file names and state keys.
_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def shared_settings(
    *,
    tap: str,
    provider: Provider,
    api_url: str,
    requests_per_minute: int,
    lookback_minimum: int,
) -> dict[str, Any]:
    """The JSON schema of a tap's settings.

    Args:
        tap: Name of the tap, for defaults.
        provider: The vendor's OAuth 2.0.
        api_url: Default base URL of the API.
        requests_per_minute: Default pace, below the vendor's limit for a client id.
        lookback_minimum: Days below which this vendor's late scores would be missed.
    """
    vendor = provider.name
    schema = th.PropertiesList(
        th.Property(
            "client_id",
            th.StringType,
            required=True,
            secret=True,
            title="Client ID",
            description=f"Client id of your {vendor} app.",
        ),
        th.Property(
            "client_secret",
            th.StringType,
            required=True,
            secret=True,
            title="Client secret",
            description=f"Client secret of your {vendor} app.",
        ),
        th.Property(
            "refresh_token",
            th.StringType,
            secret=True,
            title="Refresh token (seed)",
            description=(
                "Starts a grant where nobody can log in. Used once; from then on the grant lives "
                "in the token store. A changed seed starts again. Only with a single account."
            ),
        ),
        th.Property(
            "token_store",
            th.StringType,
            default=f"~/.local/state/{tap}/grants",
            title="Token store",
            description=(
                "Folder that keeps the grants, or the URL of a PostgreSQL database "
                "(postgresql://user@host/name, its password in PGPASSWORD or ~/.pgpass)."
            ),
        ),
        th.Property(
            "accounts",
            th.ArrayType(th.StringType),
            default=["default"],
            title="Accounts",
            description="Your names for the grants to read, one per person.",
        ),
        th.Property(
            "start_date",
            th.StringType,
            title="Start date",
            description=(
                "Earliest activity time to read (ISO 8601, UTC unless it names an offset). "
                "Without it the whole history is read."
            ),
        ),
        th.Property(
            "end_date",
            th.StringType,
            title="End date",
            description="Latest activity time to read, exclusive. Without it: now.",
        ),
        th.Property(
            "lookback_days",
            th.IntegerType(minimum=lookback_minimum, maximum=3650),
            default=7,
            title="Look-back in days",
            description=(
                "How far behind its bookmark a run reads again, because records arrive late and "
                f"are scored again. At least {lookback_minimum}."
            ),
        ),
        th.Property(
            "reconcile_days",
            th.IntegerType(minimum=3, maximum=3650),
            title="Days to reconcile",
            description=(
                "Reads this many last days again by activity time, and no changes: the answers "
                "prove which records were deleted at the vendor. For a nightly run."
            ),
        ),
        th.Property(
            "window_days",
            th.IntegerType(minimum=1),
            title="Window length in days",
            description=(
                "Longest window. A history is read in windows, oldest first, and a run that is cut "
                "off goes on after the last one that was loaded. Each stream has a length of its "
                "own; this one can only be shorter, and does not shorten those of reconcile_days."
            ),
        ),
        th.Property(
            "api_url",
            th.StringType,
            default=api_url,
            title="API URL",
            description=f"Base URL of the {vendor} API.",
        ),
        th.Property(
            "authorize_url",
            th.StringType,
            default=provider.authorize_url,
            title="Authorize URL",
            description=f"{vendor}'s page on which a person allows access.",
        ),
        th.Property(
            "token_url",
            th.StringType,
            default=provider.token_url,
            title="Token URL",
            description=f"{vendor}'s OAuth 2.0 token endpoint.",
        ),
        th.Property(
            "redirect_uri",
            th.StringType,
            default=REDIRECT_URI,
            title="Redirect URI",
            description=(
                f"Where the browser comes back to after a login, exactly as in your {vendor} app. "
                "An http address of this machine is answered; any other is to be pasted."
            ),
        ),
        th.Property(
            "user_agent",
            th.StringType,
            default=f"{tap} (health-taps)",
            title="User agent",
            description="Sent with every request.",
        ),
        th.Property(
            "requests_per_minute",
            th.IntegerType(minimum=1),
            default=requests_per_minute,
            title="Requests per minute",
            description="Pace over all streams and accounts of the client id.",
        ),
        th.Property(
            "on_error",
            th.StringType,
            allowed_values=["fail", "continue"],
            default="fail",
            title="On error",
            description=(
                "When a stream of an account fails, everything else is synced all the same. Then "
                "'fail' ends with a non-zero exit code; 'continue' leaves it to the sync log."
            ),
        ),
    ).to_dict()
    # The SDK accepts unknown settings silently, so a typo would go unnoticed for ever.
    return {**schema, "additionalProperties": False}


def check_settings(config: Mapping[str, Any]) -> Iterator[str]:
    """What JSON schema cannot say about settings that satisfy it: one message for each wrong."""
    yield from _check_dates(config)
    for name in ("api_url", "authorize_url", "token_url", "redirect_uri"):
        if name in config and not _WEB_ADDRESS.match(config[name]):
            yield f"{name} {config[name]!r} is no web address: https:// and a host are missing."
        elif name in config and not _has_sound_port(config[name]):
            yield f"{name} {config[name]!r} has a port that does not exist."
    yield from _check_token_store(config.get("token_store", "."))
    yield from _check_accounts(config)


def _has_sound_port(address: str) -> bool:
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def _check_token_store(address: str) -> Iterator[str]:
    # Never quoted: it might hold the password that it must not hold.
    if is_database(address):
        url = urlsplit(address)
        if url.password is not None or "password" in parse_qs(url.query):
            yield (
                "token_store holds a password, which Meltano would write to disk: take it out, "
                "and put it into PGPASSWORD or ~/.pgpass."
            )
    elif not _FOLDER.fullmatch(address):
        yield (
            "token_store is neither a folder (a path, absolute or beginning with ~/) nor the URL "
            "of a PostgreSQL database (postgresql://...)."
        )


def _check_dates(config: Mapping[str, Any]) -> Iterator[str]:
    dates = {}
    for name in ("start_date", "end_date"):
        if name in config:
            try:
                dates[name] = parse_instant(config[name])
            except ValueError:
                yield f"{name} {config[name]!r} is not an ISO 8601 date; write it like 2024-01-31."
    if len(dates) > 1 and dates["start_date"] >= dates["end_date"]:
        yield "start_date must lie before end_date."


def _check_accounts(config: Mapping[str, Any]) -> Iterator[str]:
    accounts = config.get("accounts", ["default"])
    for name in accounts:
        if not _ACCOUNT_NAME.fullmatch(name):
            yield (
                f"Account name {name!r} cannot be used: up to 63 letters, digits, '.', '_' or "
                "'-', the first a letter or digit."
            )
    if len(set(accounts)) < len(accounts):
        yield "accounts names the same account twice."
    if not accounts:
        yield "accounts is empty: name at least one account, or leave it out."
    if len(accounts) > 1 and config.get("refresh_token"):
        yield "refresh_token starts one grant, but accounts names several: remove one of the two."
