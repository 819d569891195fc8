"""A figure: one ratio, what it is to be, and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """Where a ratio is to lie; exactly one of the two is given."""

    at_least: float | None = None
    at_most: float | None = None

    def is_met(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        return (self.at_least is None or ratio >= self.at_least) and (
            self.at_most is None or ratio <= self.at_most
        )

    def is_near(self, ratio: float, claim: float) -> bool:
        """Whether a ratio is at least a third as good as the claimed one."""
        if self.at_least is not None:
            return ratio >= claim / 3
        return ratio <= claim * 3

    def __str__(self) -> str:
        """As it stands in the table."""
        if self.at_least is not None:
            return f"at least {self.at_least:g}"
        return f"at most {self.at_most:g}"


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        name: Names it over all runs.
        what: What was measured.
        against: What it is divided by.
        ratio: The quotient, both of one run on one machine.
        goal: Where it is to lie; None for a figure that only tells.
        made_of: The two, in words.
    """

    name: str
    what: str
    against: str
    ratio: float
    goal: Goal | None
    made_of: str

    @property
    def verdict(self) -> str:
        """Whether the goal is met, in a word."""
        if self.goal is None:
            return "-"
        return "met" if self.goal.is_met(self.ratio) else "**not met**"
