"""As whom the server runs: PostgreSQL refuses root, and this project does not."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from health_tools.postgres import user_namespace

_ACCOUNTS = ("postgres", "nobody")
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")


@dataclass(frozen=True)
class Identity:
    """How to start a program of PostgreSQL, and who owns its files on disk afterwards."""

    name: str
    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    drops_root: bool = False

    def run(
        self, *command: str | Path, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` to its end and return its output and exit code.

        The server inherits this environment for weeks, so it gets what programs need and none of
        the caller's secrets. The working folder is one that every identity can enter.
        """
        credentials: dict[str, Any] = (
            {"user": self.uid, "group": self.gid, "extra_groups": []} if self.drops_root else {}
        )
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        return subprocess.run(  # noqa: S603  (fixed programs, arguments of our own making)
            [*self.prefix, *map(str, command)],
            check=False,
            capture_output=True,
            input=text or "",
            text=True,
            cwd="/",
            env={**kept, "LC_ALL": "C"},
            umask=0o077,
            **credentials,
        )

    def can(self, test: str, *arguments: str | Path) -> bool:
        """Whether the shell command `test` succeeds as this identity; arguments are $1, $2, ..."""
        try:
            return self.run("/bin/sh", "-c", test, "can", *arguments).returncode == 0
        except (OSError, subprocess.SubprocessError):
            return False

    def can_execute(self, programs: Path) -> bool:
        """Whether this identity can run the PostgreSQL programs in `programs`."""
        return self.can('"$1" --version', programs / "postgres")

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder on the way to `folder`, and itself, lets this identity pass."""
        return self.can('cd "$1"', folder)

    def can_write(self, folder: Path) -> bool:
        """Whether this identity can make files in `folder`."""
        return self.can('test -w "$1" && test -x "$1"', folder)


def caller() -> Identity:
    """The user who called, as is."""
    return Identity("your own user", os.geteuid(), os.getegid())


def in_user_namespace() -> Identity:
    """The user who called, under another number: files stay the caller's, root is not root."""
    script = Path(user_namespace.__file__)
    return Identity(
        "a user namespace",
        os.geteuid(),
        os.getegid(),
        prefix=(sys.executable, "-I", "-S", str(script)),
    )


def unprivileged_account() -> Identity | None:
    """The account `postgres`, or else `nobody`, if this system has one."""
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(f"the account {name}", entry.pw_uid, entry.pw_gid, drops_root=True)
    return None


def account_of(uid: int, gid: int) -> Identity:
    """The account that owns an existing data folder."""
    return Identity(f"the account with uid {uid}", uid, gid, drops_root=True)
