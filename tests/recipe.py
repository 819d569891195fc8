"""A page of `docs` that is followed from top to bottom, in a copy of the repository."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from .conftest import ROOT
from .documents import blocks

if TYPE_CHECKING:
    from pathlib import Path

_FENCED = r"\n\n```\w*\n(?P<text>.*?)^```$"
_NEW_FILE = re.compile(r"^New file\s+`(?P<path>[^`]+)`:" + _FENCED, re.MULTILINE | re.DOTALL)
_CHANGE = re.compile(
    r"\bIn\s+`(?P<path>[^`]+)`,\s+(?P<place>above|below|instead\s+of)\s+`(?P<line>[^`\n]+)`:"
    + _FENCED,
    re.MULTILINE | re.DOTALL,
)


class Recipe:
    """What a page says to do.

    Attributes:
        files: The new files' texts, by path.
        changed: Paths of the files that are changed.
        commands: Blocks of commands that need neither an installation nor an account, in order.
        queries: Questions to the database.
    """

    def __init__(self, page: Path) -> None:
        text = page.read_text()
        self.files = {found["path"]: found["text"] for found in _NEW_FILE.finditer(text)}
        self._changes = list(_CHANGE.finditer(text))
        self.changed = sorted({change["path"] for change in self._changes})
        others = [block for block in blocks(page) if not block.note.startswith("not run: ")]
        self.commands = [block.code for block in others if block.language == "sh"]
        self.queries = [
            block.code for block in others if block.code.startswith("select local_date")
        ]
        found = (self.files, self._changes, self.commands, self.queries)
        assert sum(map(len, found)) == len(others), "a block that nobody is told what to do with"

    def follow(self, folder: Path) -> None:
        """Make the new files and the changes in a copy of the repository."""
        for path, text in self.files.items():
            file = folder / path
            assert not file.exists(), f"{path} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        for change in self._changes:
            file = folder / change["path"]
            file.write_text(_changed(file.read_text(), change))


def _changed(text: str, change: re.Match[str]) -> str:
    line = f"{change['line']}\n"
    places = [found.start() for found in re.finditer(f"^{re.escape(line)}", text, re.MULTILINE)]
    assert len(places) == 1, f"{change['path']} has {len(places)} lines {change['line']!r}"
    (place,) = places
    keeps = change["place"] in {"above", "below"}
    begin = place + len(line) if change["place"] == "below" else place
    end = begin if keeps else place + len(line)
    return text[:begin] + change["text"] + text[end:]


def copy_repository(folder: Path) -> None:
    """Copy every file that is under version control, or would be."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    for name in subprocess.check_output(listed, cwd=ROOT, text=True).split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
