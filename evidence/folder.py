"""Where each kind of evidence lies: what the gatherer and the judge agree on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MARK = "made-by-a-test-run"


@dataclass(frozen=True)
class Evidence:
    """The folder of one test run."""

    root: Path

    @property
    def reports(self) -> Path:
        """What each test printed, logged and failed with."""
        return self.root / "reports"

    @property
    def outputs(self) -> Path:
        """What the commands said that tests started."""
        return self.root / "outputs"

    @property
    def messages(self) -> Path:
        """Records, state and all else that taps said to tests in the same process."""
        return self.root / "messages"

    @property
    def exceptions(self) -> Path:
        """Exceptions that tests expected."""
        return self.root / "exceptions"

    @property
    def command_lines(self) -> Path:
        """Command lines of the run's processes, as any user could list them."""
        return self.root / "command-lines"

    @property
    def temporary(self) -> Path:
        """All temporary folders of the tests: projects, databases, grants."""
        return self.root / "tmp"

    @property
    def logs(self) -> Path:
        """Where Meltano keeps the log of each run, instead of in the user's own folder."""
        return self.root / "state"

    @property
    def secrets(self) -> Path:
        """What the sandboxes issued: the list to search for, itself no evidence."""
        return self.root / "secrets"

    def begin(self) -> None:
        """Empty the folder; one that no test run made is left alone.

        Raises:
            FileExistsError: The folder is somebody else's.
        """
        if self.root.exists():
            if not (self.root / _MARK).exists():
                raise FileExistsError(f"{self.root} was not made by a test run; remove it yourself")
            shutil.rmtree(self.root)
        self.root.mkdir(mode=0o700)
        (self.root / _MARK).touch()
        for folder in (
            self.reports,
            self.outputs,
            self.messages,
            self.exceptions,
            self.command_lines,
            self.logs,
            self.secrets,
        ):
            folder.mkdir()
