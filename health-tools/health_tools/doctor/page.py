"""The tables of the troubleshooting page: all that the doctor can say, and what to do.

To write them anew: ``python -m health_tools.doctor.page docs/troubleshooting.md``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from health_tools.doctor import diagnosis
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
from health_tools.health import problems, status_report
from health_tools.health.hints import HINTS
from health_tools.health.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

_MODULES: dict[str, list[ModuleType]] = {
    "any": [diagnosis],
    connection.CHECK: [connection],
    disk.CHECK: [disk],
    versions.CHECK: [versions],
    clock.CHECK: [clock],
    streams.STREAMS: [problems, status_report, streams],
    drift.CHECK: [drift],
    grants.CHECK: [grants],
    quota.CHECK: [quota],
}
#: What stands for the names in a command, so that it can be read.
_EXAMPLE = {
    "meltano": "meltano",
    "tap": "tap-whoop",
    "source": "whoop",
    "variable": "TAP_WHOOP",
    "account": "default",
    "confirm_with": "whoop.sleeps",
    "vendor": "the vendor",
}
_NAME = re.compile(r"\{(\w+)\}")


def doctor_table() -> str:
    """What the doctor may say when not all is well."""
    rows = [
        (check, _as_said(found), _with_examples(remedy))
        for check, modules in _MODULES.items()
        for found, remedy in _sayings(modules)
    ]
    return _table(("Check", "It says", "Do"), rows)


def errors_table() -> str:
    """What to do about each class of error of a stream."""
    rows = [(f"`{error}`", _with_examples(hint)) for error, hint in HINTS.items()]
    return _table(("Error", "Do"), rows)


def render(text: str) -> str:
    """A page with its tables made anew.

    Raises:
        ValueError: It has no place for them.
    """
    for name, table in {"doctor": doctor_table(), "errors": errors_table()}.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        if not after:
            raise ValueError(f"The page needs a block {start.strip()} ... {end}.")
        text = f"{before}{start}{table}\n{end}{after}"
    return text


def _sayings(modules: Iterable[ModuleType]) -> Iterator[tuple[str, str]]:
    for module in modules:
        for saying in vars(module).values():
            if (isinstance(saying, Message) and saying.remedy) or isinstance(saying, Problem):
                yield saying.found, saying.remedy


def _as_said(text: str) -> str:
    said = _NAME.sub(r"<\1>", text)
    return f"`{said}`"


def _with_examples(text: str) -> str:
    return _NAME.sub(lambda name: _EXAMPLE.get(name[1], "..."), text)


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headings, ("---",) * len(headings), *dict.fromkeys(rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(render(page.read_text(encoding="utf-8")), encoding="utf-8")
