"""How this project's Meltano is called."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from health_tools.errors import HealthToolsError


@dataclass(frozen=True)
class Meltano:
    """The command, the environment that everything runs in, and how it writes its log."""

    program: str
    environment: str
    in_json: bool

    @classmethod
    def here(cls) -> Meltano:
        """The Meltano of the project in the current folder, as the environment wants it.

        Raises:
            HealthToolsError: There is no project, or no Meltano.
        """
        if not Path("meltano.yml").is_file():
            raise HealthToolsError(
                f"There is no meltano.yml in {Path.cwd()}. Type this in the folder of the project."
            )
        beside = os.path.dirname(sys.executable)  # noqa: PTH120  (a link to Python stays where it is)
        program = shutil.which("meltano", path=f"{os.environ.get('PATH', '')}{os.pathsep}{beside}")
        if program is None:
            raise HealthToolsError("meltano is not on the path. Type: . .venv/bin/activate")
        return cls(
            program,
            environment=os.environ.get("MELTANO_ENVIRONMENT") or "home",
            in_json=os.environ.get("MELTANO_CLI_LOG_FORMAT") == "json",
        )

    def command(self, *arguments: str) -> list[str]:
        """The command line that does something in the environment."""
        # Meltano's first line comes before it has read its settings: only the option reaches it.
        style = ["--log-format=json"] if self.in_json else []
        return [self.program, *style, f"--environment={self.environment}", *arguments]
