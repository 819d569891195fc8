"""The SDK's own conformance tests. Two of them cannot fail (keys, final state): ours are real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from health_sandbox.server import SandboxServer
from tap_whoop.tap import TapWhoop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The suite is built at import time, so what depends on the sandbox is filled in when it runs.
SETTINGS: dict[str, Any] = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}


@pytest.fixture(scope="module", autouse=True)
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("grants")
    with SandboxServer(clock="2026-06-01T12:00:00Z", frozen=True, years=1) as sandbox:
        SETTINGS.update(
            refresh_token=sandbox.grant("ana")["refresh_token"],
            token_store=str(folder),
            api_url=f"{sandbox.url}/whoop/developer",
            token_url=f"{sandbox.url}/whoop/oauth/oauth2/token",
        )
        yield


TestTapWhoop = get_tap_test_class(
    TapWhoop,
    config=SETTINGS,
    suite_config=SuiteConfig(ignore_no_records_for_streams=["sync_windows"]),
    parse_env_config=False,  # a developer's .env must not leak in
)
