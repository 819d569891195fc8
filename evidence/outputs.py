"""Keeps what commands said to the tests that started them; pytest captures only what is printed."""

from __future__ import annotations

import os
import subprocess
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def keep_outputs(folder: Path) -> None:
    """From now on, write what `subprocess` hands to a caller into `folder`."""
    communicate = subprocess.Popen.communicate
    notes = folder / f"{os.getpid()}.txt"

    @wraps(communicate)
    def communicate_and_note(process: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> Any:
        said = communicate(process, *args, **kwargs)
        with notes.open("ab") as file:
            for stream in said:
                if stream:
                    file.write(stream.encode() if isinstance(stream, str) else stream)
                    file.write(b"\n")
        return said

    subprocess.Popen.communicate = communicate_and_note  # type: ignore[assignment,method-assign]
