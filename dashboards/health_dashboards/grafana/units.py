"""The units of what is shown, as Grafana names them."""

from __future__ import annotations

AGE = "s"  # shown as minutes, hours or days
HOURS = "suffix:h"
MINUTES = "suffix:min"
MOMENT = "time:YYYY-MM-DD HH:mm"
PERCENT = "percent"
MILLISECONDS = "ms"
BEATS = "suffix:bpm"
BREATHS = "suffix:/min"
CELSIUS = "celsius"
KILOGRAMS = "masskg"
KILOGRAMS_A_WEEK = "suffix:kg/week"
KILOJOULES = "suffix:kJ"
MEGAJOULES = "suffix:MJ"
KILOJOULES_A_DAY = "suffix:kJ/day"
STEPS = "locale"  # all digits
COUNT = "none"
SCORE = "none"
RATIO = "none"
