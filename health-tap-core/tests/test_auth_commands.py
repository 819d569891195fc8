"""The commands, with a made-up vendor."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
import requests
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from health_tap_core.oauth.auth_settings import SettingsError, read_settings
from health_tap_core.oauth.cli import auth_command
from health_tap_core.oauth.codec import KEY_VARIABLE
from health_tap_core.oauth.found_token import NoTokenError, find_refresh_token
from health_tap_core.oauth.grant import Grant, fingerprint
from health_tap_core.oauth.provider import Provider, Revocation
from health_tap_core.oauth.stores import open_store
from health_tap_core.settings import shared_settings

if TYPE_CHECKING:
    from requests_mock import Mocker

    from health_tap_core.oauth.stores.base import TokenStore

TOKEN_URL = "https://vendor.test/token"
REVOKE_URL = "https://vendor.test/api/access"


def revoke(grant: Revocation) -> None:
    headers = {"Authorization": f"Bearer {grant.access_token}"}
    grant.session.delete(f"{grant.api_url}/access", headers=headers).raise_for_status()


VENDOR = Provider(
    name="Vendor",
    authorize_url="https://vendor.test/allow",
    token_url=TOKEN_URL,
    scopes=("read:a", "read:b", "offline"),
    offline_scope="offline",
    revoke=revoke,
)
SCHEMA = shared_settings(
    tap="tap-vendor",
    provider=VENDOR,
    api_url="https://vendor.test/api",
    requests_per_minute=60,
    lookback_minimum=1,
)
CLIENT = {"TAP_VENDOR_CLIENT_ID": "id", "TAP_VENDOR_CLIENT_SECRET": "s3cret"}


class Person:
    """Types commands; the environment is that of a terminal without a screen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env: dict[str, str] = {**CLIENT, "TAP_VENDOR_TOKEN_STORE": str(folder)}
        self.provider = VENDOR

    @property
    def store(self) -> TokenStore:
        return open_store(str(self.folder), "Vendor")

    def types(self, *arguments: str, typed: str = "", code: int = 0) -> str:
        group = auth_command("tap-vendor", self.provider, SCHEMA, requests_per_day=500)
        nothing = dict.fromkeys(os.environ)
        done: Result = CliRunner().invoke(
            group, arguments, input=typed, env={**nothing, **self.env}, catch_exceptions=False
        )
        assert done.exit_code == code, done.output
        assert "s3cret" not in done.output
        return done.output

    def has(self, account: str = "default", **fields: Any) -> Grant:
        now = time.time()
        grant = {
            "refresh_token": "refresh-0",
            "access_token": "access-0",
            "obtained_at": now,
            "expires_at": now + 3600,
            "scope": "read:a read:b",
            "client": fingerprint("id"),
        }
        with self.store.lock(account) as held:
            return held.save(Grant(**{**grant, **fields}))


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path / "grants")


@pytest.fixture
def vendor(requests_mock: Mocker) -> Mocker:
    answer = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600}
    requests_mock.post(TOKEN_URL, json=answer)
    requests_mock.delete(REVOKE_URL, status_code=204)
    return requests_mock


# Settings.


def read(environment: dict[str, str], *files: Path) -> Any:
    return read_settings("tap-vendor", SCHEMA, [str(file) for file in files], environment)


def test_a_file_wins_over_the_environment_and_that_over_defaults(tmp_path: Path) -> None:
    one, two = tmp_path / "1.json", tmp_path / "2.json"
    one.write_text(json.dumps({"client_id": "f1", "client_secret": None, "start_date": "2024"}))
    two.write_text(json.dumps({"client_id": "f2", "stream_maps": {}}))
    environment = {**CLIENT, "TAP_VENDOR_ACCOUNTS": "", "TAP_VENDOR_REFRESH_TOKEN": ""}
    settings = read(environment, one, two)
    assert (settings.client_id, settings.client_secret) == ("f2", "s3cret")
    assert (settings.accounts, settings.refresh_token) == (["default"], None)
    assert settings.authorize_url == VENDOR.authorize_url
    assert settings.redirect_uri == "http://localhost:8970/callback"


@pytest.mark.parametrize("text", ['["ana", "ben"]', "ana,ben", " ana , ben "])
def test_a_list_may_be_written_in_two_ways(text: str) -> None:
    assert read({"TAP_VENDOR_ACCOUNTS": text}).accounts == ["ana", "ben"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "no JSON object"),
        ("{", "are no JSON"),
        ('{"client_secret": 987654321}', r"Expected `str`, got `int` - at `\$\.client_secret`"),
        ('{"accounts": "ana"}', r"Expected `array`, got `str` - at `\$\.accounts`"),
        ('{"accounts": ["../x"]}', "Account name '../x' cannot be used"),
        ('{"token_url": "x"}', "token_url 'x' is no web address"),
        ('{"token_store": "postgresql://u:p4ss@h/d"}', "holds a password"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(
    tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "config.json"
    file.write_text(content)
    with pytest.raises(SettingsError, match=message) as caught:
        read({}, file)
    assert "987654321" not in str(caught.value)
    assert "p4ss" not in str(caught.value)


def test_a_missing_file_and_a_broken_list_are_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read({}, tmp_path / "none.json")
    with pytest.raises(SettingsError, match="Expected `array`"):
        read({"TAP_VENDOR_ACCOUNTS": '["ana"'})


@pytest.mark.parametrize("command", ["login", "import", "logout"])
def test_what_talks_to_the_vendor_needs_the_client(person: Person, command: str) -> None:
    person.has(expires_at=1.0)
    person.env["TAP_VENDOR_CLIENT_SECRET"] = ""
    said = person.types(command, code=1)
    assert "client_secret is not set." in said
    assert "TAP_VENDOR_CLIENT_SECRET" in said


def test_with_several_accounts_one_has_to_be_named(person: Person) -> None:
    person.env["TAP_VENDOR_ACCOUNTS"] = "ana,ben"
    assert "Say which with --account: ana, ben." in person.types("login", code=1)
    assert "Account name '../x'" in person.types("login", "--account", "../x", code=1)


# login, without a browser; tests/test_login_in_browser.py has one.


@pytest.fixture
def known_state(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(
        "health_tap_core.oauth.login.secrets.token_urlsafe", lambda _: "known-state"
    )
    return "known-state"


@pytest.mark.parametrize("how", ["--no-browser", "no screen", "https", "broken browser"])
def test_the_address_may_be_pasted(
    person: Person, vendor: Mocker, known_state: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def fail(url: str) -> bool:
        opened.append(url)
        return False

    monkeypatch.setattr("webbrowser.open", fail)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    scheme = "https" if how == "https" else "http"
    person.env["TAP_VENDOR_REDIRECT_URI"] = f"{scheme}://localhost:{port}/"
    person.env["DISPLAY"] = "" if how == "no screen" else ":0"
    typed = f"nonsense\nhttps://x/?code=c&state={known_state}\n"
    said = person.types("login", *["--no-browser"] * (how == "--no-browser"), typed=typed)
    assert bool(opened) == (how == "broken browser")
    assert "state=known-state" in said
    assert "This address holds no answer to a login." in said
    assert "Account 'default' of Vendor is connected." in said
    assert f"The grant {person.store.place('default')} is stored in plain text." in said
    stored = person.store.load("default")
    assert stored
    assert stored.refresh_token == "refresh-1"
    assert not any(token in said for token in ("refresh-1", "access-1"))
    assert vendor.call_count == 1


def test_an_ended_input_ends_the_login(person: Person) -> None:
    said = person.types("login", code=1)
    assert "No address was pasted. Nothing was changed." in said
    assert "To try again: tap-vendor-auth login --account default" in said


def test_missing_scopes_and_an_account_that_is_not_configured_are_told(
    person: Person, requests_mock: Mocker, known_state: str
) -> None:
    answer = {"access_token": "a", "refresh_token": "r", "scope": "read:a"}
    requests_mock.post(TOKEN_URL, json=answer)
    said = person.types("login", "--account", "ben", typed=f"?code=c&state={known_state}\n")
    assert "Not allowed were: read:b." in said
    assert 'TAP_VENDOR_ACCOUNTS=\'["default", "ben"]\'' in said


def test_an_unreadable_store_is_told_before_anybody_is_asked(person: Person) -> None:
    person.has()
    path = Path(person.store.place("default"))
    path.write_bytes(b"{broken")
    said = person.types("login", code=1)
    assert "is corrupt" in said
    assert "https://vendor.test/allow" not in said
    assert path.read_bytes() == b"{broken"


@pytest.mark.usefixtures("vendor")
def test_a_login_is_not_undone_by_an_old_seed(person: Person, known_state: str) -> None:
    person.env["TAP_VENDOR_REFRESH_TOKEN"] = "old-seed"
    person.types("login", typed=f"?code=c&state={known_state}\n")
    stored = person.store.load("default")
    assert stored
    assert stored.seed_hash == fingerprint("old-seed")


# status


def status(person: Person, code: int = 0) -> dict[str, dict[str, Any]]:
    said = person.types("status", "--json", code=code)
    assert not any(token in said for token in ("refresh-0", "access-0"))
    found = json.loads(said)
    assert (found["vendor"], found["has_app"], found["requests_per_day"]) == ("Vendor", True, 500)
    return {each["account"]: each for each in found["accounts"]}


def test_status_is_complete_and_has_no_token(person: Person) -> None:
    person.has(expires_at=1_780_318_800.0, obtained_at=1_780_315_200.0)
    found = status(person)["default"]
    assert found == {
        "account": "default",
        "configured": True,
        "state": found["state"],
        "scopes": ["read:a", "read:b"],
        "missing_scopes": [],
        "access_token_until": "2026-06-01T13:00:00Z",
        "last_refresh": "2026-06-01T12:00:00Z",
        "stored_at": person.store.place("default"),
        "encrypted": False,
        "note": "",
    }


@pytest.mark.parametrize(
    ("fields", "state", "code", "note"),
    [
        ({}, "ok", 0, ""),
        ({"expires_at": 5.0}, "expired", 0, ""),
        ({"access_token": ""}, "expired", 0, ""),
        ({"dead_since": 5.0}, "dead", 1, "Vendor has ended it. Log in: tap-vendor-auth login"),
        ({"client": "x"}, "other client", 1, "another client_id"),
    ],
)
def test_the_states(
    person: Person, fields: dict[str, Any], state: str, code: int, note: str
) -> None:
    person.has(**fields)
    found = status(person, code)["default"]
    assert (found["state"], note in found["note"]) == (state, True)
    table = person.types("status", code=code)
    assert state in table.splitlines()[1]
    assert note in table


def test_accounts_come_from_settings_and_store(person: Person) -> None:
    person.env["TAP_VENDOR_ACCOUNTS"] = "ana,ben"
    person.has("ana", scope="read:a")
    person.has("old")
    found = status(person, 1)
    assert list(found) == ["ana", "ben", "old"]
    assert found["ben"]["state"] == "none"
    assert found["ben"]["encrypted"] is None
    assert found["ana"]["missing_scopes"] == ["read:b"]
    assert "does not name it" in found["old"]["note"]
    assert "all but read:b" in person.types("status", code=1)
    person.env["TAP_VENDOR_ACCOUNTS"] = "ana"
    person.types("status")


def test_an_unreadable_grant_is_one_line_of_many(person: Person) -> None:
    person.env["TAP_VENDOR_ACCOUNTS"] = "ana,ben"
    person.has("ana")
    Path(person.store.place("ben")).write_bytes(Fernet(Fernet.generate_key()).encrypt(b"{}"))
    found = status(person, 1)
    assert (found["ana"]["state"], found["ben"]["state"]) == ("ok", "unreadable")
    assert f"the environment has no {KEY_VARIABLE}" in found["ben"]["note"]
    assert found["ben"]["encrypted"] is True


def test_a_seed_that_waits_is_told(person: Person) -> None:
    person.env["TAP_VENDOR_REFRESH_TOKEN"] = "seed"
    waiting = status(person)["default"]
    assert waiting["state"] == "seed"
    assert "The next run starts it" in waiting["note"]


# import


@pytest.mark.parametrize(
    "document",
    [
        {"refresh_token": "T"},
        {"refreshToken": "T", "accessToken": "x", "expires_at": 1},
        {"status": 0, "body": {"userid": "1", "refresh_token": "T"}},
        {"whoop": {"tokens": {"refresh_token": "T"}}},
        [{"provider": "x", "credentials": {"refresh-token": " T "}}],
        {"a": {"refresh_token": "T"}, "b": {"refresh_token": "T"}, "refresh_token": None},
    ],
)
def test_the_refresh_token_of_another_tool_is_found(document: Any) -> None:
    assert find_refresh_token(json.dumps(document)) == "T"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("no json T1", "no JSON"),
        ('{"access_token": "T1"}', "holds no refresh token"),
        ('{"refresh_token": ""}', "holds no refresh token"),
        ('[{"refresh_token": "T1"}, {"refreshToken": "T2"}]', "2 different refresh tokens"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_what_is_not_clear_is_not_imported(document: str, message: str) -> None:
    with pytest.raises(NoTokenError, match=message) as caught:
        find_refresh_token(document)
    assert "T1" not in str(caught.value)


def sent(vendor: Mocker) -> dict[str, str]:
    assert vendor.last_request
    return dict(parse_qsl(vendor.last_request.text))


def test_import_from_a_file_or_from_standard_input(
    person: Person, vendor: Mocker, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    file.write_text('{"refresh_token": "theirs"}')
    said = person.types("import", "--from", str(file))
    assert "is connected" in said
    assert "the copy that the other tool has is dead" in said
    assert sent(vendor)["refresh_token"] == "theirs"
    stored = person.store.load("default")
    assert stored
    assert (stored.refresh_token, stored.version) == ("refresh-1", 1)
    person.types("import", "--from", "-", "--replace", typed='{"refresh_token": "other"}')
    assert sent(vendor)["refresh_token"] == "other"


def test_import_from_the_setting(person: Person, vendor: Mocker) -> None:
    assert "There is nothing to import" in person.types("import", code=1)
    person.env["TAP_VENDOR_REFRESH_TOKEN"] = "seed"
    person.types("import")
    assert sent(vendor)["refresh_token"] == "seed"
    stored = person.store.load("default")
    assert stored
    assert stored.seed_hash == fingerprint("seed")


def test_import_keeps_the_token_that_a_vendor_does_not_replace(
    person: Person, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, json={"access_token": "a"})
    person.types("import", "--from", "-", typed='{"refresh_token": "stays"}')
    stored = person.store.load("default")
    assert stored
    assert stored.refresh_token == "stays"


def test_import_spends_nothing_where_a_grant_works(person: Person, vendor: Mocker) -> None:
    person.has()
    said = person.types("import", "--from", "-", typed='{"refresh_token": "x"}', code=1)
    assert "--replace" in said
    assert vendor.call_count == 0


def test_import_keeps_nothing_that_is_refused(person: Person, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, status_code=400, json={"error": "invalid_grant"})
    said = person.types("import", "--from", "-", typed='{"refresh_token": "x"}', code=1)
    assert "no longer accepts the refresh token" in said
    assert "Nothing was imported. To log in instead: tap-vendor-auth login" in said
    assert person.store.load("default") is None


# logout


def test_logout_ends_the_grant_at_the_vendor_and_forgets_it(person: Person, vendor: Mocker) -> None:
    person.has()
    assert "Vendor has ended it." in person.types("logout")
    assert vendor.last_request
    assert vendor.last_request.headers["Authorization"] == "Bearer access-0"
    assert person.store.accounts() == []
    assert "Account 'default' has no grant of Vendor." in person.types("logout", code=1)


def test_logout_renews_an_access_token_that_is_over(person: Person, vendor: Mocker) -> None:
    person.has(expires_at=5.0)
    person.types("logout")
    assert [request.method for request in vendor.request_history] == ["POST", "DELETE"]
    assert vendor.request_history[1].headers["Authorization"] == "Bearer access-1"


def test_logout_of_a_grant_that_the_vendor_ended(person: Person, requests_mock: Mocker) -> None:
    requests_mock.delete(REVOKE_URL, status_code=401)
    requests_mock.post(TOKEN_URL, status_code=400, json={"error": "invalid_grant"})
    person.has()
    assert "Vendor had already ended it." in person.types("logout")
    assert person.store.accounts() == []
    person.has(dead_since=1.0)
    requests_mock.reset_mock()
    assert "Vendor had already ended it." in person.types("logout")
    assert requests_mock.call_count == 0


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ({"status_code": 503}, "Vendor did not end it: it answered 503."),
        ({"exc": requests.ConnectTimeout}, "Vendor gave no answer (ConnectTimeout)."),
        ({"exc": requests.RequestException("Vendor says 601")}, "Vendor says 601."),
    ],
)
def test_logout_forgets_nothing_that_the_vendor_did_not_end(
    person: Person, vendor: Mocker, reply: dict[str, Any], message: str
) -> None:
    vendor.delete(REVOKE_URL, **reply)
    person.has()
    said = person.types("logout", code=1)
    assert message in said
    assert "Nothing was forgotten." in said
    assert "--forget-only" in said
    assert person.store.accounts() == ["default"]
    person.env["TAP_VENDOR_REFRESH_TOKEN"] = "seed"
    assert "Take refresh_token out" in person.types("logout", "--forget-only")
    assert person.store.accounts() == []


def test_logout_spares_a_login_that_came_in_between(person: Person, requests_mock: Mocker) -> None:
    person.has()

    def log_in_anew(*_: Any) -> str:
        person.has(refresh_token="newer", version=1)
        return ""

    requests_mock.delete(REVOKE_URL, status_code=204, text=log_in_anew)
    assert "logged account 'default' in anew" in person.types("logout", code=1)
    stored = person.store.load("default")
    assert stored
    assert stored.refresh_token == "newer"


@pytest.mark.parametrize(
    ("command", "option"), [("import", "--from"), ("import", "--config"), ("status", "--config")]
)
def test_a_token_typed_where_a_file_belongs_is_not_repeated(
    person: Person, command: str, option: str
) -> None:
    typed = '{"refresh_token": "typed-secret"}'
    said = person.types(command, option, typed, code=2 if option == "--from" else 1)
    assert "the name of a file" in said
    assert "typed-secret" not in said


def test_logout_forgets_what_nobody_can_read(person: Person) -> None:
    person.has()
    Path(person.store.place("default")).write_bytes(b"{broken")
    assert "--forget-only" in person.types("logout", code=1)
    person.types("logout", "--forget-only")
    assert person.store.accounts() == []


def test_logout_where_the_vendor_has_no_way(person: Person) -> None:
    person.provider = replace(VENDOR, revoke=None)
    person.has()
    assert "no way to be told" in person.types("logout")
    assert person.store.accounts() == []


# rekey


def test_rekey_leaves_only_the_first_key_at_work(person: Person) -> None:
    old, new = (Fernet.generate_key().decode() for _ in "ab")
    assert f"{KEY_VARIABLE} is not set" in person.types("rekey", code=1)
    person.has("plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, old)
        person.has("ana")
    person.env[KEY_VARIABLE] = f"{new},{old}"
    assert "2 of 2 stored grants are encrypted" in person.types("rekey")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, new)
        assert {person.store.load(name).refresh_token for name in ("ana", "plain")} == {"refresh-0"}  # type: ignore[union-attr]


def test_rekey_goes_on_behind_what_it_cannot_read(person: Person) -> None:
    person.has("ana")
    person.has("ben")
    Path(person.store.place("ana")).write_bytes(b"{broken")
    person.env[KEY_VARIABLE] = Fernet.generate_key().decode()
    said = person.types("rekey", code=1)
    assert "is corrupt" in said
    assert "1 of 2 stored grants" in said
    assert "Left as they were: ana." in said


def test_every_command_explains_itself(person: Person) -> None:
    for command in ("login", "status", "import", "logout", "rekey"):
        assert len(person.types(command, "--help").splitlines()) > 4
