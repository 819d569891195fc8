"""Is what is installed what the project asks for?"""

from __future__ import annotations

import platform
import re
from typing import TYPE_CHECKING

from health_tools.doctor.finding import Message
from health_tools.doctor.installation import plugins

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from health_tools.doctor.finding import Finding
    from health_tools.doctor.installation import Installation

CHECK = "versions"

INSTALLED = Message("ok", "Python {python}, {packages}")
OLD = Message(
    "warning",
    "{venv} has {package} {installed}, constraints.txt wants {wanted}{others}",
    "type make setup",
)
MISSING = Message("problem", "{plugins}: in meltano.yml, but not installed", "type make setup")

#: Of all packages, those that are worth a word.
_NAMED = re.compile(r"meltano|dbt-core|health-.*|tap-.*")
_PIN = re.compile(r"([a-z0-9-]+)==([^\s;]+)")


def check(installation: Installation) -> Iterator[Finding]:
    """Compare what lies in the virtual environments with the pins; nothing is started."""
    venvs = _venvs(installation.root)
    installed = {name: _packages(venv) for name, venv in venvs.items()}
    named = {
        package: version
        for packages in installed.values()
        for package, version in packages.items()
        if _NAMED.fullmatch(package)
    }
    packages = ", ".join(f"{name} {version}" for name, version in sorted(named.items()))
    yield INSTALLED.finding(CHECK, python=platform.python_version(), packages=packages)
    wanted = _plugins(installation.root)
    if missing := [name for name in wanted if name not in venvs]:
        yield MISSING.finding(CHECK, plugins=", ".join(missing))
    yield from _old(installed, _pins(installation.root))


def _old(
    installed: Mapping[str, Mapping[str, str]], pins: Mapping[str, list[str]]
) -> Iterator[Finding]:
    for venv, packages in installed.items():
        old = [name for name, version in packages.items() if version not in pins.get(name, version)]
        if old:
            yield OLD.finding(
                CHECK,
                venv=venv,
                package=old[0],
                installed=packages[old[0]],
                wanted=" or ".join(pins[old[0]]),
                others=f", and so {len(old) - 1} others" if len(old) > 1 else "",
            )


def _plugins(root: Path) -> list[str]:
    kinds = plugins(root).values()
    return [plugin["name"] for kind in kinds for plugin in kind if "pip_url" in plugin]


def _venvs(root: Path) -> dict[str, Path]:
    """By the name of the plugin; that of Meltano itself is where its last run was from."""
    found = {venv.parent.name: venv for venv in sorted(root.glob(".meltano/*/*/venv"))}
    program = root / ".meltano" / "run" / "bin"
    if program.exists():
        found["meltano"] = program.resolve().parent.parent
    return found


def _packages(venv: Path) -> dict[str, str]:
    found = {}
    for folder in venv.glob("lib/python*/site-packages/*.dist-info"):
        name, _, version = folder.name.removesuffix(".dist-info").partition("-")
        found[re.sub(r"[-_.]+", "-", name).lower()] = version
    return found


def _pins(root: Path) -> dict[str, list[str]]:
    """Each package's versions: one, or one for each of several Pythons."""
    file = root / "constraints.txt"
    pins: dict[str, list[str]] = {}
    for line in file.read_text("utf-8").splitlines() if file.is_file() else ():
        if pin := _PIN.match(line):
            pins.setdefault(pin[1], []).append(pin[2])
    return pins
