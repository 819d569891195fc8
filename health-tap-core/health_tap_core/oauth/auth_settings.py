"""The settings of the commands: files that are named, over the environment, over defaults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from health_tap_core.errors import SyncError
from health_tap_core.settings import check_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class SettingsError(SyncError):
    """A setting is missing or wrong; the message names it and holds no value that is secret."""

    code = "settings"


class AuthSettings(msgspec.Struct, frozen=True):
    """Those of a tap's settings that a login needs, under the same names."""

    token_store: str
    accounts: list[str]
    api_url: str
    authorize_url: str
    token_url: str
    redirect_uri: str
    user_agent: str
    client_id: str = ""
    client_secret: str = ""
    refresh_token: str | None = None


def read_settings(
    tap: str, schema: Mapping[str, Any], files: Sequence[str], environment: Mapping[str, str]
) -> AuthSettings:
    """Read them as the tap would.

    Args:
        tap: The tap's name; ``TAP_WHOOP_ACCOUNTS`` holds a setting of ``tap-whoop``.
        schema: The JSON schema of its settings, for the defaults.
        files: JSON objects; of several, the last one that has a setting wins.
        environment: An empty variable counts as none: that is how Meltano leaves a setting out.

    Raises:
        SettingsError: Something is wrong.
    """
    config: dict[str, Any] = {}
    for name in AuthSettings.__struct_fields__:
        setting = schema["properties"][name]
        if "default" in setting:
            config[name] = setting["default"]
        if text := environment.get(variable(tap, name)):
            config[name] = _read_list(text) if "array" in setting["type"] else text
    for file in files:
        config.update(_read_file(file))
    try:
        settings = msgspec.convert(config, AuthSettings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"A setting of {tap} is wrong: {error}.") from None
    if wrong := list(check_settings(config)):
        raise SettingsError(" ".join(wrong))
    return settings


def variable(tap: str, name: str) -> str:
    """The environment variable of a setting."""
    return f"{tap}_{name}".replace("-", "_").upper()


def _read_list(text: str) -> Any:
    if not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",")]
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read_file(file: str) -> dict[str, Any]:
    if file.lstrip().startswith("{"):
        # Not quoted: it may hold a secret.
        raise SettingsError("--config takes the name of a file, not what is in it.")
    try:
        config = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The settings {file} cannot be read ({error.strerror}).") from None
    except ValueError:
        raise SettingsError(f"The settings {file} are no JSON.") from None
    if not isinstance(config, dict):
        raise SettingsError(f"The settings {file} are no JSON object.")
    return dict(_present(config))


def _present(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in config.items():
        if name in AuthSettings.__struct_fields__ and value is not None:
            yield name, value
