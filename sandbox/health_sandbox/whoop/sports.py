"""Sports as live accounts show them: free text, hyphens and underscores, ids off the list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sport:
    """A kind of workout and what WHOOP measures of it."""

    name: str
    sport_id: int | None
    """``None``: the record carries no ``sport_id``."""
    weight: float
    """How common it is among all workouts."""
    effort: float
    """Average share of the heart-rate reserve; 0 if no heart rate was recorded."""
    metres_per_second: float = 0.0
    climbs: bool = False
    scored: bool = True


SPORTS = (
    Sport("running", 0, 22, 0.70, 2.9, climbs=True),
    Sport("cycling", 1, 14, 0.60, 6.8, climbs=True),
    Sport("weightlifting_msk", 123, 14, 0.42),
    Sport("walking", 63, 12, 0.30, 1.4),
    Sport("hiking-rucking", 52, 6, 0.48, 1.1, climbs=True),
    Sport("swimming", 33, 4, 0.58),
    Sport("tennis", 34, 4, 0.55),
    Sport("padel", None, 4, 0.55),
    Sport("yoga", 44, 4, 0.20),
    Sport("powerlifting", 59, 3, 0.38),
    Sport("activity", -1, 5, 0.35),
    Sport("foam_rolling", None, 2, 0.12),
    Sport("sauna", 233, 4, 0.0, scored=False),
    Sport("stretching", 128, 2, 0.0),
)
"""All sports of the simulated members. A sauna is never scored; stretching is scored as zero."""

WEIGHTS = tuple(sport.weight for sport in SPORTS)
