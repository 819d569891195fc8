"""All dashboards, and the text of each file: the same for the same code, whatever machine."""

from __future__ import annotations

import json

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from health_dashboards.grafana import body, overview, pipeline, recovery, sleep, workouts

_PAGES = (overview, sleep, recovery, workouts, body, pipeline)


def written() -> dict[str, str]:
    """The name of each file, and what is to stand in it."""
    files = {}
    for page in _PAGES:
        dashboard = page.dashboard()
        text = json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False)
        files[f"{dashboard.uid.removeprefix('health-')}.json"] = text + "\n"
    return files
