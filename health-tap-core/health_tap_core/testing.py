"""Test kit for taps built on this package: run a tap in-process and look at what it said.

The SDK's own suite cannot fail on duplicate keys or on unfinished state, so the checks for both are
here and every tap's tests call them. Those of the catalog are in ``catalog_checks``.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from singer_sdk.contrib.msgspec import MsgSpecWriter

from health_tap_core.catalog_checks import catalog_of
from health_tap_core.tap import SyncFailedError

if TYPE_CHECKING:
    from singer_sdk.singerlib.encoding.simple import Message

    from health_tap_core.tap import HealthTap


class MessageCollector(MsgSpecWriter):
    """Keeps Singer messages, encoded and decoded again, instead of printing them."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def write_message(self, message: Message) -> None:
        """Take one message."""
        self.messages.append(msgspec.json.decode(self.format_message(message)))


@dataclass
class SyncResult:
    """What one sync wrote.

    Attributes:
        messages: All Singer messages in order.
        error: Message of the failure that ended the run, if one did.
    """

    messages: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    @property
    def state(self) -> dict[str, Any]:
        """The last state, as a loader would hand it to the next run."""
        states = [m["value"] for m in self.messages if m["type"] == "STATE"]
        return states[-1] if states else {}

    def records(self, stream: str) -> list[dict[str, Any]]:
        """All records of a stream, in order."""
        return [
            m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream
        ]

    def rows(self, stream: str) -> dict[tuple[Any, ...], dict[str, Any]]:
        """The records of a stream by key, as an upserting loader would keep them."""
        keys = next(
            m["key_properties"]
            for m in self.messages
            if m["type"] == "SCHEMA" and m["stream"] == stream
        )
        return {tuple(row[key] for key in keys): row for row in self.records(stream)}

    def bookmark(self, stream: str, account: str = "default") -> str | None:
        """The bookmark of a stream for an account."""
        partitions = self.state.get("bookmarks", {}).get(stream, {}).get("partitions", [])
        for partition in partitions:
            if partition["context"] == {"account": account}:
                value: str | None = partition.get("replication_key_value")
                return value
        return None

    def check_keys(self) -> None:
        """Every record has its whole key, and no key comes twice with the same ``synced_at``.

        Raises:
            AssertionError: Names the stream.
        """
        for schema in (m for m in self.messages if m["type"] == "SCHEMA"):
            stream, keys = schema["stream"], schema["key_properties"]
            records = self.records(stream)
            seen = {(*(row[key] for key in keys), row["synced_at"]) for row in records}
            assert keys, f"{stream} has no key"  # noqa: S101 (this is what a check does)
            assert all(None not in key for key in seen), f"{stream} has a null in a key"  # noqa: S101
            assert len(seen) == len(records), f"{stream} repeats a key"  # noqa: S101

    def check_state(self) -> None:
        """No state ever held a progress marker: whatever the loader confirmed can be resumed.

        Raises:
            AssertionError: A marker was found.
        """
        for message in self.messages:
            if message["type"] == "STATE":
                assert "progress_markers" not in str(message["value"]), message["value"]  # noqa: S101


def sync(
    tap_class: type[HealthTap],
    config: dict[str, Any],
    *,
    state: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
) -> SyncResult:
    """Run a whole sync in this process, as the tap's command would."""
    collector = MessageCollector()
    tap = tap_class(
        config=deepcopy(config),
        state=deepcopy(state),
        catalog=deepcopy(catalog),
        message_writer=collector,
    )
    try:
        tap.sync_all()
    except SyncFailedError as failure:
        return SyncResult(collector.messages, failure.message)
    return SyncResult(collector.messages)


class Clock(Protocol):
    """A vendor's time, which a test moves."""

    def advance(self, seconds: float) -> None:
        """Let time pass."""


class Rig:
    """One configured tap, and syncs that continue from each other's state, in the vendor's time."""

    def __init__(self, tap_class: type[HealthTap], config: dict[str, Any], clock: Clock) -> None:
        self.config = config
        self.state: dict[str, Any] = {}
        #: Seconds of every wait.
        self.waits: list[float] = []
        self._tap_class = tap_class
        self._clock = clock

    def sync(
        self,
        *,
        machine_clock: float | None = None,
        catalog: dict[str, Any] | None = None,
        **config: Any,
    ) -> SyncResult:
        """Sync once. Waiting moves the vendor's clock instead of ours."""

        def sleep(seconds: float) -> None:
            self.waits.append(seconds)
            self._clock.advance(seconds)

        def monotonic() -> float:
            return sum(self.waits)

        replaced: dict[str, Any] = {
            "sleep": staticmethod(sleep),
            "monotonic": staticmethod(monotonic),
        }
        if machine_clock is not None:
            replaced["machine_clock"] = staticmethod(lambda: machine_clock)
        tap_class = type("Tap", (self._tap_class,), replaced)
        result = sync(tap_class, {**self.config, **config}, state=self.state, catalog=catalog)
        self.state = result.state
        return result

    def catalog(self, *selected: str) -> dict[str, Any]:
        """The tap's catalog with these streams and the sync log selected, and no others."""
        return catalog_of(self._tap_class, [*selected, "sync_windows"])
