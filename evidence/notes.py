"""Files that grow between tests only: a test may let every write of its process fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Notes:
    """A pytest plugin that holds back what is noted until the test has ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held = list[bytes]()

    def add(self, text: str | bytes) -> None:
        """Note something."""
        self._held.append(
            text if isinstance(text, bytes) else text.encode(errors="backslashreplace")
        )

    @pytest.hookimpl
    def pytest_runtest_logfinish(self) -> None:
        """Write down what one test left."""
        self.write()

    def write(self) -> None:
        """Write down what is held back."""
        if self._held:
            with self._path.open("ab") as file:
                file.writelines(self._held)
            self._held.clear()
