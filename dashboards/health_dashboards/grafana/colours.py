"""Colours that stay apart for the colour-blind: the palette of Okabe and Ito (2008), and greys.

Each stands for one thing on all dashboards: the same night is the same blue everywhere.
"""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldColorModeId,
    Threshold,
    ThresholdsMode,
)

# Not 00 at the end, as in the palette: Grafana 13 takes a colour that ends so for a transparent one
# (`isStepTransparent` in gradientFills.ts), and draws no bar in the colour of its threshold. No
# panel has such bars today; the next one shall not vanish.
ORANGE = "#E69F01"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILLION = "#D55E01"
PURPLE = "#CC79A7"
GREY = "#999999"
DARK = "#555555"


def fixed(colour: str) -> FieldColor:
    """One colour for all that a panel shows."""
    return FieldColor().mode(FieldColorModeId.FIXED).fixed_color(colour)


def only(colour: str) -> list[DynamicConfigValue]:
    """One colour for one column of a panel: what an override takes."""
    return [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})]


def by_threshold() -> FieldColor:
    """The colour of the threshold that a value has reached."""
    return FieldColor().mode(FieldColorModeId.THRESHOLDS)


def steps(lowest: str, *higher: tuple[float, str]) -> ThresholdsConfig:
    """Thresholds, ascending: the colour below all of them, then each value with its colour."""
    return (
        ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(None, lowest), *(Threshold(value, colour) for value, colour in higher)])
    )
