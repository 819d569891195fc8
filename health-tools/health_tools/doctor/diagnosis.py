"""All checks, each on its own: one that fails stops no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yaml import YAMLError

from health_tools.database import NoAnswerError
from health_tools.doctor import vendors
from health_tools.doctor.checks import (
    clock,
    connection,
    disk,
    drift,
    grants,
    quota,
    streams,
    versions,
)
from health_tools.doctor.finding import Message
from health_tools.doctor.installation import Installation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from health_tools.doctor.finding import Finding
    from health_tools.doctor.vendors import Asked

    Check = Callable[[Installation], Iterable[Finding]]

#: In the order in which they are shown; those that wait for the taps come last.
CHECKS: Mapping[str, Check] = {
    connection.CHECK: connection.check,
    disk.CHECK: disk.check,
    versions.CHECK: versions.check,
    clock.CHECK: clock.check,
    streams.STREAMS: streams.check,
    drift.CHECK: drift.check,
    grants.CHECK: grants.check,
    quota.CHECK: quota.check,
}

NOT_KNOWN = Message(
    "warning", "not known while the database does not answer", "first mend the database, see above"
)
NOT_ASKED = Message(
    "warning",
    "could not be looked at: {reason}",
    "see that you may read the project's files and the schemas *_raw and meta, and that taps, "
    "models and tools are of one version: make setup, then {meltano} run dbt:build",
)


def diagnose(root: Path, checks: Mapping[str, Check] = CHECKS) -> list[Finding]:
    """Look at everything. The taps work meanwhile."""
    installation = Installation(root, _ask(root))
    return [
        finding for name, check in checks.items() for finding in _guarded(name, check, installation)
    ]


def _ask(root: Path) -> list[Asked]:
    """The taps; none where `meltano.yml` or Meltano cannot be read, which two checks tell."""
    try:
        return vendors.ask(root)
    except (OSError, YAMLError):
        return []


def _guarded(name: str, check: Check, installation: Installation) -> Iterator[Finding]:
    try:
        yield from check(installation)
    except NoAnswerError:
        yield NOT_KNOWN.finding(name)
    except Exception as error:  # noqa: BLE001 (whatever it is, the other checks have to be made)
        reason = str(error).partition("\n")[0] or type(error).__name__
        yield NOT_ASKED.finding(name, reason=f"{type(error).__name__}: {reason}")
