"""What is decided at the first start and kept: port, password, and where the data are."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from health_tools.errors import HealthToolsError
from health_tools.postgres import port
from health_tools.private_files import write_private

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "server.json"


@dataclass(frozen=True)
class Record:
    """The kept decisions. `cluster` is relative to the home folder if inside, so that it moves."""

    port: int
    password: str = field(repr=False)
    cluster: str


def new_record(home: Path, cluster: Path) -> Record:
    """Fresh decisions: a free port and a random password."""
    inside = cluster.parent == home
    return Record(port.pick(), secrets.token_urlsafe(32), cluster.name if inside else str(cluster))


def load(home: Path) -> Record | None:
    """The decisions kept in `home`, or None before the first start."""
    path = home / _FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Record(int(kept["port"]), str(kept["password"]), str(kept["cluster"]))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HealthToolsError(
            f"{path} is not readable: {error.strerror}. Run as the user who owns it."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise HealthToolsError(
            f"{path} is not readable as the record of the embedded PostgreSQL. "
            f"Restore it from a backup, or move {home} away to begin anew."
        ) from error


def save(home: Path, record: Record) -> None:
    """Keep the decisions, readable by their owner only."""
    kept = {"port": record.port, "password": record.password, "cluster": record.cluster}
    write_private(home / _FILE, json.dumps(kept, indent=2) + "\n")
