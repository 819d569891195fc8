from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from tap_whoop.tap import TapWhoop

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {"client_id": "id", "client_secret": "secret"}


def errors_of(config: dict[str, Any]) -> str:
    with pytest.raises(ConfigValidationError) as caught:
        TapWhoop(config={**GOOD, **config})
    return " | ".join(caught.value.errors)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"start_date": "last week"}, "start_date 'last week' is not an ISO 8601 date; write it"),
        ({"start_date": "2024-13-01"}, "start_date '2024-13-01' is not an ISO 8601 date"),
        ({"end_date": "24/01/31"}, "end_date '24/01/31' is not an ISO 8601 date"),
        ({"start_date": "2024-02-01", "end_date": "2024-01-01"}, "start_date must lie before"),
        ({"start_dat": "2024-01-01"}, "'start_dat' was unexpected"),
        ({"lookback_days": 3}, "3 is less than the minimum of 4"),
        ({"on_error": "ignore"}, "'ignore' is not one of"),
        ({"accounts": ["ana", "ana"]}, "accounts names the same account twice"),
        ({"accounts": []}, "accounts is empty"),
        ({"accounts": ["../ana"]}, "Account name '../ana' cannot be used"),
        ({"accounts": ["ana", "ben"], "refresh_token": "r"}, "refresh_token starts one grant"),
        ({"client_id": None}, "'client_id' is a required property"),
        ({"start_date": 2024}, "2024 is not of type 'string'"),
        ({"accounts": "ana"}, "'ana' is not of type 'array'"),
        ({"accounts": [1]}, "1 is not of type 'string'"),
        ({"lookback_days": 99999}, "99999 is greater than the maximum of 3650"),
        ({"api_url": "/developer"}, "api_url '/developer' is no web address"),
        ({"token_url": "localhost:1"}, "token_url 'localhost:1' is no web address"),
        ({"token_store": "mysql://db"}, "token_store is neither a folder"),
        ({"token_store": "~nobody/grants"}, "token_store is neither a folder"),
        ({"token_store": ""}, "token_store is neither a folder"),
        ({"token_store": "postgresql://u:p@h/d"}, "token_store holds a password"),
        ({"authorize_url": "whoop"}, "authorize_url 'whoop' is no web address"),
        ({"redirect_uri": "http://localhost:99999/c"}, "99999/c' has a port that does not exist"),
        ({"token_url": "https://localhost:abc/"}, "abc/' has a port that does not exist"),
        ({"redirect_uri": "callback"}, "redirect_uri 'callback' is no web address"),
        ({"batch_config": {}}, "'batch_config' was unexpected"),
    ],
)
def test_a_wrong_setting_is_named_at_start_up(config: dict[str, Any], message: str) -> None:
    assert message in errors_of(config)


def test_an_empty_seed_counts_as_none() -> None:
    config = {**GOOD, "accounts": ["ana", "ben"], "refresh_token": ""}
    assert TapWhoop(config=config).account_names == ["ana", "ben"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    said = errors_of({"start_date": "x", "end_date": "y", "api_url": "z"})
    assert all(name in said for name in ("start_date", "end_date", "api_url"))


def test_a_secret_of_the_wrong_type_is_not_shown() -> None:
    said = errors_of({"client_secret": 987654321})
    assert "987654321" not in said
    assert "(hidden) is not of type 'string' in config['client_secret']" in said


def test_a_null_setting_has_its_default() -> None:
    nothing = dict.fromkeys(("accounts", "lookback_days", "token_store", "requests_per_minute"))
    config = TapWhoop(config={**GOOD, **nothing}).config
    assert config["accounts"] == ["default"]
    assert (config["lookback_days"], config["requests_per_minute"]) == (7, 95)


@pytest.mark.parametrize("builtin", ["stream_maps", "flattening_enabled"])
def test_the_sdks_own_settings_are_still_accepted(builtin: str) -> None:
    known = TapWhoop.config_jsonschema
    TapWhoop.append_builtin_config(known)
    assert builtin in known["properties"]


def test_the_command_says_it_without_a_traceback(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({**GOOD, "start_date": "soon"}))
    run = subprocess.run(
        [sys.executable, "-m", "tap_whoop", "--config", str(config)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "start_date 'soon' is not an ISO 8601 date" in run.stderr
    assert "Traceback" not in run.stderr


def test_every_setting_explains_itself_and_secrets_are_marked() -> None:
    settings = TapWhoop.config_jsonschema["properties"]
    own = {name: s for name, s in settings.items() if name in OWN}
    assert set(own) == OWN
    assert all(s.get("title") and s.get("description") for s in own.values())
    secret = {name for name, s in own.items() if s.get("secret")}
    assert secret == {"client_id", "client_secret", "refresh_token"}


OWN = {
    "client_id",
    "client_secret",
    "refresh_token",
    "token_store",
    "accounts",
    "start_date",
    "end_date",
    "lookback_days",
    "window_days",
    "api_url",
    "authorize_url",
    "token_url",
    "redirect_uri",
    "user_agent",
    "requests_per_minute",
    "on_error",
}
