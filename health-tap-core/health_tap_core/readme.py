"""The generated tables of a tap's README.

To write them anew: ``python -m health_tap_core.readme tap-whoop tap_whoop.tap:TapWhoop``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from health_tap_core.tap import HealthTap

SDK_SETTINGS = re.compile(r"stream_map|faker|flattening|batch")


def settings_table(tap_class: type[HealthTap]) -> str:
    """The tap's own settings, as ``--about`` describes them."""
    schema = tap_class.config_jsonschema
    rows = ["| Setting | Required | Default | What it is |", "|---|---|---|---|"]
    for name, setting in schema["properties"].items():
        if SDK_SETTINGS.match(name):
            continue
        default = setting.get("default")
        secret = " Secret." if setting.get("secret") else ""
        rows.append(
            f"| `{name}` | {'yes' if name in schema['required'] else ''} "
            f"| {'' if default is None else f'`{default}`'} | {setting['description']}{secret} |"
        )
    return "\n".join(rows)


def streams_table(tap_class: type[HealthTap]) -> str:
    """The streams with their keys, and what each is."""
    tap = tap_class(config={}, validate_config=False)
    rows = ["| Stream | Key | Replication key | What it is |", "|---|---|---|---|"]
    for stream in tap.streams.values():
        key = ", ".join(f"`{name}`" for name in stream.primary_keys)
        replication = f"`{stream.replication_key}`" if stream.replication_key else ""
        what = (type(stream).__doc__ or "").strip().splitlines()[0].replace("``", "`")
        name = f"`{stream.name}`" + ("" if stream.selected_by_default else " (opt-in)")
        rows.append(f"| {name} | {key} | {replication} | {what} |")
    return "\n".join(rows)


def render(text: str, tap_class: type[HealthTap]) -> str:
    """A README with its tables made anew.

    Raises:
        ValueError: It has no place for them.
    """
    tables = {"settings": settings_table(tap_class), "streams": streams_table(tap_class)}
    for name, table in tables.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        if not after:
            raise ValueError(f"The README needs a block {start.strip()} ... {end}.")
        text = f"{before}{start}{table}\n{end}{after}"
    return text


if __name__ == "__main__":
    readme = Path(sys.argv[1], "README.md")
    readme.write_text(render(readme.read_text(), resolve_name(sys.argv[2])))
