"""The members of the simulated WHOOP: who they are and what is odd about their data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from health_sandbox.people import PEOPLE, Account

_MODERN_STRAP = 4


@dataclass(frozen=True)
class Habits:
    """What a member's history is made of; shares are probabilities per day or per record."""

    entered_nap_share: float = 0.01
    """Naps typed in by hand, which WHOOP lists out of order (seen in a live account)."""
    workout_change_share: float = 0.08
    """Workouts edited up to 40 hours after their end; a quarter as many are deleted."""
    late_workout_share: float = 0.15
    pending_share: float = 0.05
    unscorable_share: float = 0.01
    rescored_share: float = 0.15


@dataclass(frozen=True)
class Member(Account):
    """One simulated member; HRV in ms."""

    hrv: float
    strap: int = 4
    """The generation of the strap; before 4.0 there is no SpO2, skin temperature or step."""
    wears_strap: bool = True
    has_body: bool = True
    cycle_ids_from: int = 0
    """Added to all cycle ids, to reach ids that WHOOP will only give out in some years."""
    habits: Habits = field(default_factory=Habits)

    @property
    def has_modern_strap(self) -> bool:
        """Whether the strap is "4.0 or greater", as WHOOP's specification puts it."""
        return self.strap >= _MODERN_STRAP


_LATE_EDITS = Habits(workout_change_share=0.25, late_workout_share=0.3)
_UNSTEADY = Habits(
    pending_share=0.25,
    unscorable_share=0.08,
    rescored_share=0.4,
)
_NAPPER = Habits(entered_nap_share=0.08)

MEMBERS: dict[str, Member] = {
    member.name: member
    for member in (
        Member(
            person=PEOPLE["ana"],
            user_id=10_129_001,
            joined=date.fromisoformat("2016-02-01"),
            hrv=68.0,
        ),
        Member(
            person=PEOPLE["ben"],
            user_id=6_204_377,
            joined=date.fromisoformat("2019-05-06"),
            hrv=41.0,
            strap=3,
        ),
        Member(
            person=PEOPLE["chandra"],
            user_id=15_388_210,
            joined=date.fromisoformat("2018-01-15"),
            hrv=55.0,
            habits=_NAPPER,
        ),
        Member(
            person=PEOPLE["dee"],
            user_id=20_871_556,
            joined=date.fromisoformat("2020-11-02"),
            hrv=74.0,
        ),
        Member(
            person=PEOPLE["eli"],
            user_id=33_417_902,
            joined=date.fromisoformat("2025-10-29"),
            hrv=62.0,
        ),
        Member(
            person=PEOPLE["fay"],
            user_id=12_640_083,
            joined=date.fromisoformat("2019-09-09"),
            hrv=83.0,
            has_body=False,
        ),
        Member(
            person=PEOPLE["gus"],
            user_id=38_900_415,
            joined=date.fromisoformat("2026-05-01"),
            hrv=60.0,
            wears_strap=False,
        ),
        Member(
            person=PEOPLE["hal"],
            user_id=2_147_483_650,
            joined=date.fromisoformat("2021-07-20"),
            hrv=36.0,
            cycle_ids_from=2**31,
        ),
        Member(
            person=PEOPLE["ida"],
            user_id=18_052_664,
            joined=date.fromisoformat("2017-03-27"),
            hrv=48.0,
            habits=_UNSTEADY,
        ),
        Member(
            person=PEOPLE["jon"],
            user_id=9_731_248,
            joined=date.fromisoformat("2018-06-11"),
            hrv=96.0,
            habits=_LATE_EDITS,
        ),
    )
}
"""All members by name. ``eli`` joined late, ``gus`` has no data; see the README for each."""
