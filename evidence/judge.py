"""Which files of the evidence hold a secret, and which of them may."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from .scan import find_in_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .folder import Evidence

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Found:
    """A kind of secret, and the file that it is in. Never the secret itself."""

    file: str
    kind: str
    private: bool
    """Whether nobody but the owner can read the file."""


@dataclass(frozen=True)
class Exempt:
    """Files that may hold some kinds of secrets."""

    pattern: str
    kinds: frozenset[str]
    reason: str
    if_private: bool = False

    def covers(self, found: Found) -> bool:
        """Whether this may be where it is."""
        return (
            found.kind in self.kinds
            and fnmatchcase(found.file, self.pattern)
            and (found.private or not self.if_private)
        )


_TOKENS = frozenset({"access", "refresh"})
_SETTINGS = frozenset({"refresh", "standard client secret"})
_CLIENT = frozenset({"standard client secret"})

# The standard client's secret is public (the sandbox's README has it), but no tap can know that:
# it is judged like the others, and nothing that a tap, a loader or Meltano writes may hold it.
EXEMPT = (
    Exempt("tmp/*/grants*/*.json", _TOKENS, "a token store without a key", if_private=True),
    Exempt("tmp/*/volume/*.json", _TOKENS, "a container's token store", if_private=True),
    Exempt("tmp/*/.secrets/*.json", _TOKENS, "the README's token store", if_private=True),
    Exempt("tmp/*/config*.json", _SETTINGS, "a test's own file: what a user gives to the tap"),
    Exempt("tmp/*/meltano.yml", _CLIENT, "our own file: the client of the environment demo"),
)


def search(evidence: Evidence) -> list[Found]:
    """Find all secrets in all evidence, but not in unchanged copies of the repository's files."""
    files = list(all_files(evidence))
    published = _published()
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        return [
            Found(file.relative_to(evidence.root).as_posix(), kind, not file.stat().st_mode & 0o077)
            for file, kinds in zip(
                files, workers.map(find_in_file, files, chunksize=100), strict=True
            )
            if kinds and file.read_bytes() not in published
            for kind in sorted(kinds)
        ]


def _published() -> set[bytes]:
    """What the files under version control hold: invented secrets, if any."""
    listed = ["git", "ls-files", "-z"]
    names = subprocess.check_output(listed, cwd=_ROOT, text=True).split("\0")  # noqa: S603
    return {(_ROOT / name).read_bytes() for name in names if (_ROOT / name).is_file()}


def all_files(evidence: Evidence) -> Iterator[Path]:
    """Every file but the list of secrets itself. Links lead to what was there before the run."""
    for folder, _, names in os.walk(evidence.root):
        if Path(folder) != evidence.secrets:
            for path in (Path(folder, name) for name in names):
                if path.is_file() and not path.is_symlink():
                    yield path
