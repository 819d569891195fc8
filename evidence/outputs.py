"""Keeps what commands said to the tests that started them; pytest captures only what is printed."""

from __future__ import annotations

import subprocess
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .notes import Notes


def keep_outputs(notes: Notes) -> None:
    """From now on, note what `subprocess` hands to a caller."""
    communicate = subprocess.Popen.communicate

    @wraps(communicate)
    def communicate_and_note(process: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> Any:
        said = communicate(process, *args, **kwargs)
        for stream in said:
            if stream:
                notes.add(stream)
                notes.add("\n")
        return said

    subprocess.Popen.communicate = communicate_and_note  # type: ignore[assignment,method-assign]
