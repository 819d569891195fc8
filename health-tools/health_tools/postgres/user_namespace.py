"""Run a command as an unprivileged user to itself, while its files stay the caller's.

PostgreSQL refuses to run as root. In a user namespace of its own the caller's uid has another
number, so root is not root there; on disk nothing changes. Run as a script, by path, so that it
needs neither this package nor site-packages. Not `unshare --map-user`: that option is younger than
the util-linux of some systems in use, and `os.unshare` came with Python 3.12 only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_ID_INSIDE = 1000


def _enter() -> None:
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    me = Path("/proc/self")
    (me / "setgroups").write_text("deny", encoding="ascii")
    (me / "uid_map").write_text(f"{_ID_INSIDE} {outside_uid} 1", encoding="ascii")
    (me / "gid_map").write_text(f"{_ID_INSIDE} {outside_gid} 1", encoding="ascii")


if __name__ == "__main__":
    try:
        _enter()
    except (OSError, AttributeError) as error:
        sys.exit(f"user namespaces are not available here: {error}")
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  (replacing this process is its purpose)
