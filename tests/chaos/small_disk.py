"""A file system of its own, so small that it is full in no time.

A tablespace on a tmpfs: the kernel itself refuses what does not fit (ENOSPC), and PostgreSQL says
so (SQLSTATE 53100), while its journal and the other databases go on. Mounting takes root, or a sudo
that asks no password, as the machines of continuous integration have it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .world import World


class SmallDisk:
    """A tablespace.

    Attributes:
        name: As PostgreSQL knows it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name

    def grow(self) -> None:
        """Somebody has made room."""
        _mount(self.folder, "-o", "remount,size=256m")


@contextmanager
def small_disk(world: World, *, size: str) -> Iterator[SmallDisk]:
    """A tablespace of that size; whatever uses it must be gone at the end."""
    with (
        world.postgres.connection().connect() as session,
        tempfile.TemporaryDirectory(prefix="health-taps-", ignore_cleanup_errors=True) as made,
    ):
        folder = Path(made)
        folder.chmod(0o755)  # the server may run as another user
        ((data,),) = session.execute("show data_directory").fetchall()
        owner = Path(data).stat()
        options = f"size={size},uid={owner.st_uid},gid={owner.st_gid},mode=0700"
        if _mount(folder, "-t", "tmpfs", "-o", options, "chaos"):
            pytest.skip("nobody may mount a file system here")
        disk = SmallDisk(folder, folder.name.replace("-", "_"))
        name = sql.Identifier(disk.name)
        try:
            place = sql.SQL("create tablespace {} location {}")
            session.execute(place.format(name, sql.Literal(made)))
            yield disk
            session.execute(sql.SQL("drop tablespace {}").format(name))
        finally:
            _run("umount", "--lazy", made)


def _mount(folder: Path, *options: str) -> int:
    return _run("mount", *options, str(folder))


def _run(*command: str) -> int:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    return subprocess.run([*sudo, *command], check=False, capture_output=True).returncode
