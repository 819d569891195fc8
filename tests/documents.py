"""The pages of this repository: their blocks of code, and a shell that types them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .conftest import Project

_BLOCK = re.compile(
    r"(?:^ *<!-- (?P<note>[^\n]*) -->\n)?^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
#: The languages of blocks that a reader types.
TYPED = {"sh", "sql", "dotenv"}
_FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`((?:[A-Z_]+=\S+ )?meltano [^`]+)`")
_LINK = re.compile(r"\]\((?!https?://)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
#: Stands for a browser: the next person in the queue allows access.
_BROWSER = """\
#!{python}
import sys
from pathlib import Path
import requests
queue = Path({queue!r})
member, *others = queue.read_text().split()
queue.write_text(" ".join(others))
form = {{"member": member, "decision": "allow"}}
requests.post(sys.argv[1], data=form, timeout=30).raise_for_status()
"""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        language: As it stands after the fence.
        code: Its text, without the indent of a list.
        note: The comment before it: `test: NAME` of the test that runs it, or `not run: WHY`.
    """

    language: str
    code: str
    note: str


def tracked_pages() -> list[str]:
    """Every page of the repository but the descriptions of the models' columns."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [page for page in listed.stdout.split() if "__docs" not in page]


def blocks(page: Path) -> list[Block]:
    """All blocks of a page, from top to bottom."""
    return [
        Block(found["language"], textwrap.dedent(found["code"]), found["note"] or "")
        for found in _BLOCK.finditer(page.read_text())
    ]


def in_sentences(page: Path) -> set[str]:
    """The commands of Meltano that a page names outside of its blocks, and names in full."""
    commands = _INLINE.findall(_FENCED.sub("", page.read_text()))
    return {" ".join(command.split()) for command in commands if "..." not in command}


def broken_links(page: Path) -> list[str]:
    """Links of a page to files or headings that do not exist."""
    text = _FENCED.sub("", page.read_text())
    return [link for link in _LINK.findall(text) if not _leads_somewhere(page, link)]


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, heading = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not heading or heading in map(_anchor, _HEADING.findall(target.read_text()))


def _anchor(heading: str) -> str:
    """The anchor that a heading gets: small letters, hyphens, no punctuation."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@dataclass
class Reader:
    """Somebody who types what a page says, from top to bottom, in a project without accounts.

    Attributes:
        project: Where; its vendors are the sandbox's.
        replace: What stands for what in the pages: nobody has the real environment here.
        env: Variables besides those of the project.
        members: Who logs in next, one for each login.
    """

    project: Project
    replace: Mapping[str, str]
    env: dict[str, str] = field(default_factory=dict)

    def follow(self, page: str, members: Sequence[str] = ()) -> str:
        """Type everything that a page says, by its path from the root; all that was to be seen."""
        self._queue.write_text(" ".join(members))
        seen = [
            self._type(block)
            for block in blocks(ROOT / page)
            if block.language in TYPED and not block.note
        ]
        assert not self._queue.read_text(), "not everybody logged in"
        return "\n".join(seen)

    def type(self, command: str) -> str:
        """Type a command; all that was to be seen."""
        return self._run(["bash", "-e", "-o", "pipefail", "-c", self._replaced(command)])

    def _replaced(self, code: str) -> str:
        for old, new in self.replace.items():
            code = code.replace(old, new)
        return code

    def _type(self, block: Block) -> str:
        code = self._replaced(block.code)
        if block.language == "dotenv":
            with (self.project.root / ".env").open("a") as file:
                file.write(code)
            return ""
        if block.language == "sql":
            # As `meltano invoke postgres:psql`, without waiting for Meltano each time.
            home = str(self.project.root / ".health-taps" / "postgres")
            psql = ["health-postgres", "--home", home, "psql", "-v", "ON_ERROR_STOP=1"]
            return self._run(psql, said=code, PGSERVICE="demo")
        return self.type(block.code)

    def _run(self, command: list[str], said: str = "", **env: str) -> str:
        foreign = ("TAP_", "TARGET_", "PG", "MELTANO_", "HEALTH_", "DBT_")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{clean['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.project.root,
            env={
                **clean,
                **self.project.env,
                "PATH": path,
                "BROWSER": self._browser,
                **self.env,
                **env,
            },
            input=said,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.project.said.append(done.stdout)
        assert done.returncode == 0, f"{said or command[-1]}\n{done.stdout}"
        return done.stdout

    @property
    def _queue(self) -> Path:
        return self.project.root / "members"

    @property
    def _browser(self) -> str:
        script = self.project.root / "browser"
        script.write_text(_BROWSER.format(python=sys.executable, queue=str(self._queue)))
        script.chmod(stat.S_IRWXU)
        return str(script)
