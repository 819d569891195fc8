"""A history as a list of steps: what happens at the vendor, and which syncs see it.

Every step prints as the code that makes it, so what a random test finds becomes a fixture by
copying: see known_histories.py. A step that finds nothing to work on does nothing, so every part
of a history is one, too.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .messages import Kill


class Step:
    """One line of a history."""

    def __repr__(self) -> str:
        """The code that makes it; what has its default is left out."""
        told = []
        for each in fields(self):  # type: ignore[arg-type]  # all of them are dataclasses
            value, made = getattr(self, each.name), each.default_factory
            if value != (each.default if made is MISSING else made()):
                told.append(f"{each.name}={value!r}")
        return f"{type(self).__name__}({', '.join(told)})"


@dataclass(frozen=True, repr=False)
class Add(Step):
    """The vendor gets to know of an activity.

    Attributes:
        to: Its collection.
        hours: How long ago the activity ended.
        stamped: Minutes by which the vendor's stamp of the change lies before its arrival.
    """

    to: str
    hours: int = 0
    stamped: int = 0


@dataclass(frozen=True, repr=False)
class Edit(Step):
    """A value of a record changes.

    Attributes:
        of: Its collection.
        nth: Which record, from the newest.
        stamped: As in :class:`Add`.
    """

    of: str
    nth: int = 0
    stamped: int = 0


@dataclass(frozen=True, repr=False)
class Score(Step):
    """A record is scored: at WHOOP with a new state, at Withings it becomes complete or certain."""

    of: str
    nth: int = 0
    state: Literal["SCORED", "PENDING_SCORE", "UNSCORABLE"] = "SCORED"


@dataclass(frozen=True, repr=False)
class Move(Step):
    """An activity turns out to have been at another time; never in the future."""

    of: str
    nth: int = 0
    hours: int = -1


@dataclass(frozen=True, repr=False)
class Delete(Step):
    """The vendor forgets a record, and what goes along with it."""

    of: str
    nth: int = 0


@dataclass(frozen=True, repr=False)
class Restore(Step):
    """What the nth last deletion took is there again.

    Attributes:
        nth: Which deletion.
        unstamped: Whether with its former stamp, as if nothing had happened.
    """

    nth: int = 0
    unstamped: bool = False


@dataclass(frozen=True, repr=False)
class Wait(Step):
    """Time passes."""

    minutes: int


@dataclass(frozen=True, repr=False)
class LoseState(Step):
    """The state is gone, so the next sync is a full refresh."""


@dataclass(frozen=True, repr=False)
class Build(Step):
    """The models are built."""


@dataclass(frozen=True, repr=False)
class Fault(Step):
    """Answers go wrong during one sync.

    Attributes:
        path: Of the requests.
        kind: See the sandbox's README.
        action: At Withings.
        times: How often; None for as long as the sync lasts.
        skip: Requests that pass before.
        given: The kind's own arguments.
    """

    path: str
    kind: str
    action: str | None = None
    times: int | None = 1
    skip: int = 0
    given: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Meanwhile(Step):
    """Something happens at the vendor when the tap is at a moment for the nth time."""

    moment: str
    step: Step
    nth: int = 1


@dataclass(frozen=True, repr=False)
class Sync(Step):
    """The tap runs into the loader.

    Attributes:
        since: The setting start_date, of this run alone: so many days before it.
        until: The setting end_date, likewise.
        window_days: The setting.
        reconcile_days: The setting.
        faults: What goes wrong at the vendor.
        meanwhile: What happens there.
        kill: Where one of the two processes dies.
        power_cut: Whether the other one dies with it.
        drain_every: The loader drains after so many records.
        drain_order: It drains one table after the other, these first.
    """

    since: int | None = None
    until: int | None = None
    window_days: int | None = None
    reconcile_days: int | None = None
    faults: tuple[Fault, ...] = ()
    meanwhile: tuple[Meanwhile, ...] = ()
    kill: Kill | None = None
    power_cut: bool = False
    drain_every: int | None = None
    drain_order: tuple[str, ...] | None = None


@dataclass(frozen=True, repr=False)
class History(Step):
    """A member's.

    Attributes:
        steps: In their order.
        member: Whose.
        days: How much of the past is synced.
        page_size: Rows on a page at Withings.
    """

    steps: tuple[Step, ...] = ()
    member: str = "ana"
    days: int = 30
    page_size: int | None = None
