"""Random histories that once ended badly, as they were printed."""

from __future__ import annotations

from .histories import Add, Delete, History, Meanwhile, Move, Sync, Wait
from .messages import Kill

#: Those of `make test`: one of each kind.
QUICK = {"the last days alone, while a look-back is owed", "a deletion while pages are read"}
KNOWN: dict[str, dict[str, History]] = {
    "whoop": {
        "the last days alone, while a look-back is owed": History(
            steps=(Sync(), Wait(minutes=60), Add("workouts", hours=160), Wait(2880), Sync(since=2))
        ),
        "a short reconcile, while a look-back is owed": History(
            steps=(
                Sync(),
                Wait(minutes=60),
                Add("workouts", hours=160),
                Wait(minutes=2880),
                Sync(reconcile_days=3),
            )
        ),
        "a deletion while pages are read": History(
            steps=(
                Sync(meanwhile=(Meanwhile("before request cycle next page", Delete("cycles")),)),
            ),
            days=60,
        ),
        "a record that moves while pages are read": History(
            steps=(
                Sync(
                    meanwhile=(
                        Meanwhile("before request cycle next page", Move("cycles", 1, -960)),
                    )
                ),
            ),
            days=60,
        ),
        "a night that is gone before it lands, and left its recovery": History(
            steps=(
                Sync(
                    since=400,
                    reconcile_days=30,
                    kill=Kill(process="tap", moment="half state", nth=3),
                    drain_every=80,
                ),
                Delete("sleeps", nth=25),
            ),
            member="ida",
            days=60,
        ),
        "a night of the past, told late": History(
            steps=(Sync(), Delete("sleeps"), Wait(minutes=1750), Add("sleeps", hours=304))
        ),
    },
    "withings": {
        "a deletion where two windows of a reconcile meet": History(
            steps=(Sync(), Sync(since=400), Delete("activity", nth=44)),
            member="chandra",
            days=60,
            page_size=10,
        ),
    },
}
