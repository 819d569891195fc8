"""The pytest plugin that gathers: everything at DEBUG level, everything kept.

With xdist, the controller keeps what concerns the run and each worker what happens in itself.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from .browser import ignore_visits
from .command_lines import Watch
from .folder import Evidence
from .messages import keep_exceptions, keep_messages
from .notes import Notes
from .outputs import keep_outputs
from .reports import Reports
from .sandboxes import note_secrets

_MARK = "EVIDENCE_OF_RUN"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ask where to."""
    parser.addoption("--evidence", metavar="DIR", help="keep all that the tests produce in DIR")


@pytest.hookimpl(tryfirst=True)  # before pytest decides on log levels and temporary folders
def pytest_configure(config: pytest.Config) -> None:
    """Begin to gather."""
    wanted = config.getoption("evidence")
    if not wanted:
        return
    evidence = Evidence(Path(wanted).resolve())
    if not hasattr(config, "workerinput"):
        evidence.begin()
        config.option.basetemp = str(evidence.temporary)
        mark = secrets.token_hex(8)
        os.environ |= {
            _MARK: mark,
            "LOGLEVEL": "DEBUG",  # of whatever is made with the Singer SDK
            "XDG_STATE_HOME": str(evidence.logs),
        }
        config.pluginmanager.register(Reports(evidence.reports))
        watch = Watch(evidence.command_lines / "seen.txt", f"{_MARK}={mark}")
        watch.start()
        config.add_cleanup(watch.stop)
    config.option.log_level = "DEBUG"
    ignore_visits()
    for keep, folder in (
        (note_secrets, evidence.secrets),
        (keep_outputs, evidence.outputs),
        (keep_messages, evidence.messages),
        (keep_exceptions, evidence.exceptions),
    ):
        notes = Notes(folder / f"{os.getpid()}.txt")
        keep(notes)
        config.pluginmanager.register(notes)
        config.add_cleanup(notes.write)
