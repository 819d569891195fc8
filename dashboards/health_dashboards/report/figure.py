"""One picture of the report, with the words and the numbers that say the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt


@dataclass(frozen=True)
class Figure:
    """A picture and its text alternative.

    Attributes:
        name: Its place in the page, as an HTML id.
        title: What it is of.
        text: What is to be seen, in words; what to do, where there is nothing to see.
        chart: The picture; None where there are no values.
        headings: Of the table with the same numbers.
        rows: Its cells, newest first.
        table: The mart that they come from.
    """

    name: str
    title: str
    text: str
    table: str
    chart: alt.TopLevelMixin | None = None
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default=(), repr=False)

    @property
    def spec(self) -> dict[str, Any] | None:
        """The picture in Vega-Lite, with its data and a description for who cannot see it."""
        if self.chart is None:
            return None
        return {**self.chart.to_dict(), "description": f"{self.title}. {self.text}"}
