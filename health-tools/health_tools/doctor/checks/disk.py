"""Is there room where the data are?"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from health_tools.database import NoAnswerError
from health_tools.doctor.finding import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tools.doctor.finding import Finding
    from health_tools.doctor.installation import Installation

CHECK = "disk"
MEGABYTE = 2**20
#: PostgreSQL writes its log in files of 16 MB and stops when it cannot; a token store refuses to
#: spend a refresh token that it cannot write down.
NEEDED = 256 * MEGABYTE
#: PostgreSQL may keep a gigabyte of log (max_wal_size) between two checkpoints.
WANTED = 1024 * MEGABYTE

ENOUGH = Message("ok", "{free} MB free for {what}")
LITTLE = Message(
    "warning",
    "{free} MB free for {what}; a full build of the models may need {wanted} MB",
    "make room, or move the project to a larger disk",
)
FULL = Message(
    "problem",
    "{free} MB free for {what}: too little to write to",
    "make room, then type {meltano} invoke postgres:start",
)
NO_FOLDER = Message("warning", "there is no folder .health-taps in {root}", "type make setup there")


def check(installation: Installation) -> Iterator[Finding]:
    """Look at each disk once."""
    disks: dict[int, list[str]] = {}
    folders = installation.folders
    for name, folder in folders.items():
        disks.setdefault(folder.stat().st_dev, []).append(name)
    if not folders:
        yield NO_FOLDER.finding(CHECK, root=installation.root)
    # A full refresh writes every model anew before the old one goes.
    wanted = max(WANTED, _database_size(installation))
    for names in disks.values():
        free = shutil.disk_usage(folders[names[0]]).free
        message = FULL if free < NEEDED else LITTLE if free < wanted else ENOUGH
        yield message.finding(
            CHECK, free=free // MEGABYTE, what=" and ".join(names), wanted=wanted // MEGABYTE
        )


def _database_size(installation: Installation) -> int:
    try:
        with installation.session() as session:
            row = session.execute("select pg_database_size(current_database())").fetchone()
    except NoAnswerError:
        return 0
    return int(row[0]) if row else 0
