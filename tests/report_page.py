"""A report, open in a browser that is offline, and what is to be seen there."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

_DATE = re.compile(r"date: \w{3} (\d{2} \w{3} \d{4})")


@dataclass(frozen=True)
class ReportPage:
    """The page, with all that it complained of or asked for."""

    page: Page
    complaints: list[str]
    requests: list[str]

    def repeated_ids(self) -> list[str]:
        """Names that more than one element has: a link would lead to the wrong one."""
        names = self.page.locator("[id]").evaluate_all("all => all.map(element => element.id)")
        return [name for name, times in Counter(names).items() if times > 1]

    def figures(self) -> list[str]:
        """The names of all figures."""
        names: list[str] = self.page.locator("figure").evaluate_all("all => all.map(f => f.id)")
        return names

    def marks(self, figure: str) -> list[str]:
        """What a screen reader says of each mark that was drawn."""
        marks = self.page.locator(f"#{figure} svg g.role-mark [aria-label]")
        labels: list[str] = marks.evaluate_all("all => all.map(m => m.getAttribute('aria-label'))")
        return labels

    def dates(self, figure: str) -> set[str]:
        """The dates that the marks of a figure say they are of."""
        return {
            match[1] for label in self.marks(figure) for match in [_DATE.search(label)] if match
        }

    def alternative(self, figure: str) -> str:
        """What a screen reader says of the picture as a whole."""
        return self.page.locator(f"#{figure} .chart").get_attribute("aria-label") or ""

    def table(self, figure: str) -> list[list[str]]:
        """The numbers under a figure."""
        rows = self.page.locator(f"#{figure} tbody tr")
        cells: list[list[str]] = rows.evaluate_all(
            "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        return cells

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wider: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider


@contextmanager
def opened(
    browser: Browser, path: Path, *, width: int, scheme: str, zone: str
) -> Iterator[ReportPage]:
    """A report from disk, on a screen of that width, in that time zone, when all is drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": 1000},
        color_scheme="dark" if scheme == "dark" else "light",
        timezone_id=zone,
        offline=True,
    )
    shown = ReportPage(context.new_page(), [], [])
    shown.page.on("console", lambda message: shown.complaints.append(message.text))
    shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
    shown.page.on("request", lambda request: shown.requests.append(request.url))
    shown.page.goto(path.as_uri())
    shown.page.wait_for_selector("body[data-drawn]")
    yield shown
    context.close()
