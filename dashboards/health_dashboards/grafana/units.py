"""The units of what is shown, as Grafana names them."""

from __future__ import annotations

SECONDS = "s"  # shown as hours where there are many
HOURS = "h"
PERCENT = "percent"
MILLISECONDS = "ms"
BEATS = "suffix: bpm"
BREATHS = "suffix: /min"
CELSIUS = "celsius"
KILOGRAMS = "masskg"
KILOGRAMS_A_WEEK = "suffix: kg/week"
KILOJOULES = "suffix: kJ"
KILOJOULES_A_DAY = "suffix: kJ/day"
STEPS = "locale"  # all digits
COUNT = "none"
SCORE = "none"
RATIO = "none"
