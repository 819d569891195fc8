"""Write the generated tables of tap-whoop's README; run it when settings or streams change."""

from __future__ import annotations

import re
from pathlib import Path

from tap_whoop.tap import TapWhoop

README = Path(__file__).resolve().parent.parent / "README.md"
SDK_SETTINGS = re.compile(r"stream_map|faker|flattening|batch")


def settings_table() -> str:
    """The tap's own settings, as ``--about`` describes them."""
    schema = TapWhoop.config_jsonschema
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


def streams_table() -> str:
    """The streams with their keys, and what each is."""
    tap = TapWhoop(config={}, validate_config=False)
    rows = ["| Stream | Key | Replication key | What it is |", "|---|---|---|---|"]
    for stream in tap.streams.values():
        key = ", ".join(f"`{name}`" for name in stream.primary_keys)
        replication = f"`{stream.replication_key}`" if stream.replication_key else ""
        what = (type(stream).__doc__ or "").strip().splitlines()[0].replace("``", "`")
        rows.append(f"| `{stream.name}` | {key} | {replication} | {what} |")
    return "\n".join(rows)


def render(text: str) -> str:
    """The README with its tables made anew."""
    for name, table in (("settings", settings_table()), ("streams", streams_table())):
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        if not after:
            raise SystemExit(f"{README} needs a block {start.strip()} ... {end}.")
        text = f"{before}{start}{table}\n{end}{after}"
    return text


if __name__ == "__main__":
    README.write_text(render(README.read_text()))
