"""A tap on the Meltano SDK that has one stream and no record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import Stream, Tap
from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Iterable


class Nothing(Stream):
    """Never has anything."""

    name = "nothing"
    primary_keys = ("id",)
    schema = th.PropertiesList(th.Property("id", th.IntegerType)).to_dict()

    def get_records(self, context: Any) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """None."""
        return ()


class TapEmpty(Tap):
    """Has nothing to read."""

    name = "tap-empty"

    def discover_streams(self) -> list[Stream]:
        """The one."""
        return [Nothing(tap=self)]


if __name__ == "__main__":
    TapEmpty.cli()
