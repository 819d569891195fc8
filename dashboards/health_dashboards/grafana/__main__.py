"""Write every dashboard as JSON: `python -m health_dashboards.grafana`."""

from __future__ import annotations

from pathlib import Path

from health_dashboards.grafana.pages import written

FOLDER = Path(__file__).parents[2] / "grafana" / "dashboards"


def main() -> None:
    """Write one file for each dashboard, and remove those of dashboards that are no more."""
    files = written()
    for old in FOLDER.glob("*.json"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
