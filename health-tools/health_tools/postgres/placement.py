"""Where the server's own files go and who runs it: decided once, at the first start."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from health_tools.errors import HealthToolsError
from health_tools.postgres import identity
from health_tools.postgres.binaries import MAJOR_VERSION, copy_programs, wheel_programs

if TYPE_CHECKING:
    from health_tools.postgres.identity import Identity

SYSTEM_FOLDER = Path("/var/lib/health-taps")
"""Used by root alone, where no user namespace is allowed and the project is private to root."""

_NO_IDENTITY = (
    "PostgreSQL does not run as root, and this system allows root neither a user namespace nor "
    "an account ('postgres' or 'nobody') that can run it. Run as an ordinary user, or use the "
    "environment prod with a database of your own (TARGET_POSTGRES_HOST ... in .env)."
)


@dataclass(frozen=True)
class Placement:
    """The identity of the server, its folder (data and log), and the programs it runs."""

    identity: Identity
    cluster: Path
    programs: Path

    @property
    def data(self) -> Path:
        """The data folder of PostgreSQL."""
        return self.cluster / "data"

    @property
    def log(self) -> Path:
        """The log of the server, private like the data: it may quote them."""
        return self.cluster / "postgres.log"


def choose(home: Path) -> Placement:
    """Decide for a project that has no server yet. `home` exists and is the caller's."""
    programs = wheel_programs()
    cluster = home / "cluster"
    if os.geteuid() != 0:
        return Placement(identity.caller(), cluster, programs)
    namespace = identity.in_user_namespace()
    if namespace.can_write(home) and namespace.can_execute(programs):
        return Placement(namespace, cluster, programs)
    account = identity.unprivileged_account()
    if account is None:
        raise HealthToolsError(_NO_IDENTITY)
    if not account.can_enter(home.parent):
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        cluster = _make_system_folder() / digest
    return Placement(account, cluster, _readable_programs(account, programs))


def recall(cluster: Path) -> Placement:
    """The placement of an existing server: whoever owns its data runs it."""
    programs = wheel_programs()
    if os.geteuid() != 0:
        return Placement(identity.caller(), cluster, programs)
    owner = cluster.stat()
    if owner.st_uid != 0:
        account = identity.account_of(owner.st_uid, owner.st_gid)
        return Placement(account, cluster, _readable_programs(account, programs))
    namespace = identity.in_user_namespace()
    if not (namespace.can_write(cluster) and namespace.can_execute(programs)):
        raise HealthToolsError(
            f"The data in {cluster} belong to root, made in a user namespace, and this system "
            f"allows none any more. Allow user namespaces, or give the data to an account that "
            f"can reach them: chown -R postgres {cluster}"
        )
    return Placement(namespace, cluster, programs)


def prepare(placement: Placement, home: Path) -> None:
    """Make the server's folder, reachable for its identity and private to it."""
    owner = placement.identity
    placement.cluster.mkdir(mode=0o700, exist_ok=True)
    if owner.drops_root:
        os.chown(placement.cluster, owner.uid, owner.gid)
    open_way(placement, home)


def open_way(placement: Placement, home: Path) -> None:
    """Close `home` to others, but for the passage of an account whose data are inside."""
    passage = placement.identity.drops_root and placement.cluster.parent == home
    home.chmod(0o711 if passage else 0o700)


def _readable_programs(account: Identity, programs: Path) -> Path:
    if account.can_execute(programs):
        return programs
    copied = copy_programs(programs, _make_system_folder() / f"postgresql-{MAJOR_VERSION}")
    if not account.can_execute(copied):
        raise HealthToolsError(_NO_IDENTITY)
    return copied


def _make_system_folder() -> Path:
    try:
        SYSTEM_FOLDER.mkdir(mode=0o711, exist_ok=True)
        SYSTEM_FOLDER.chmod(0o711)
    except OSError as error:
        raise HealthToolsError(f"{_NO_IDENTITY} ({SYSTEM_FOLDER}: {error.strerror})") from error
    return SYSTEM_FOLDER
