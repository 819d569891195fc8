"""The services of the Withings API that we read: https://developer.withings.com/api-reference."""

from __future__ import annotations

from dataclasses import dataclass

#: The fields of a question.
Form = dict[str, "str | int"]


@dataclass(frozen=True)
class Service:
    """One action of one path.

    Attributes:
        path: Below the API's base URL.
        action: The form field that chooses it.
        scope: What the grant must cover.
        container: The field of the body that holds the records.
    """

    path: str
    action: str
    scope: str
    container: str


MEASURES = Service("/measure", "getmeas", "user.metrics", "measuregrps")
ACTIVITY = Service("/v2/measure", "getactivity", "user.activity", "activities")
INTRADAY = Service("/v2/measure", "getintradayactivity", "user.activity", "series")
WORKOUTS = Service("/v2/measure", "getworkouts", "user.activity", "series")
SLEEP_SUMMARIES = Service("/v2/sleep", "getsummary", "user.activity", "series")
SLEEP_STATES = Service("/v2/sleep", "get", "user.activity", "series")
HEART = Service("/v2/heart", "list", "user.metrics", "series")
ECG = Service("/v2/heart", "get", "user.metrics", "signal")
DEVICES = Service("/v2/user", "getdevice", "user.info", "devices")
# The document names no scope.
GOALS = Service("/v2/user", "getgoals", "user.metrics", "goals")
