"""Runs of the loader without its lock: however many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from health_tools import loader

from . import loader_process
from .zygote import serve

if TYPE_CHECKING:
    from .messages import Job
    from .moments import Moments


def run(job: Job, moments: Moments) -> None:
    """Be that loader."""
    with patch.object(loader, "schema_lock", return_value=None):
        loader_process.run(job, moments)


if __name__ == "__main__":
    serve({"target-postgres": run})
