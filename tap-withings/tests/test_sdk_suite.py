"""The SDK's own conformance tests. Two of them cannot fail (keys, final state): ours are real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from health_sandbox.server import SandboxServer
from health_tap_core.catalog_checks import catalog_of
from tap_withings.streams import STREAMS
from tap_withings.tap import TapWithings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The suite is built at import time, so what depends on the sandbox is filled in when it runs.
SETTINGS: dict[str, Any] = {
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
    "requests_per_minute": 10_000,
}


@pytest.fixture(scope="module", autouse=True)
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("grants")
    clock = "2026-06-01T12:00:00Z"
    with SandboxServer(clock=clock, frozen=True, years=1, requests_per_minute=10_000) as sandbox:
        SETTINGS.update(
            refresh_token=sandbox.vendor("withings").grant("ana")["refresh_token"],
            token_store=str(folder),
            api_url=f"{sandbox.url}/withings",
            token_url=f"{sandbox.url}/withings/v2/oauth2",
        )
        yield


TestTapWithings = get_tap_test_class(
    TapWithings,
    config=SETTINGS,
    catalog=catalog_of(TapWithings, [*(stream.name for stream in STREAMS), "sync_windows"]),
    # Derived streams and the log are written beside the records that the suite collects.
    suite_config=SuiteConfig(ignore_no_records_for_streams=["sync_windows", "measures"]),
    parse_env_config=False,  # a developer's .env must not leak in
)
