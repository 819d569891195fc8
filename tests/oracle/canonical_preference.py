"""Who tells of the same, and which of them is believed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .canonical_codes import default_preferences, plausible
from .canonical_rows import key
from .canonical_sessions import MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .canonical_rows import Expected
    from .canonical_sessions import Kind
    from .records import Row

#: The ranks of what is preferred by default, and of what nobody prefers.
DEFAULT, UNLISTED = 7, 8
EVER = datetime(1900, 1, 1, tzinfo=timezone.utc)
REASONS = ("original", "scored", "preference", "coverage", "recency", "name")


@dataclass(frozen=True)
class Preference:
    """What is preferred; what is None is not asked for."""

    source: str
    priority: int
    user_id: str | None = None
    category: str | None = None
    metric: str | None = None
    device_type: str | None = None
    since: date | None = None
    until: date | None = None
    is_default: bool = False

    @property
    def rank(self) -> tuple[int, int]:
        """The more is said, the smaller; the user's own word before the default."""
        if self.is_default:
            return DEFAULT, self.priority
        less = 0 if self.metric else 1 if self.category else 2
        return less + (1 if self.user_id else 4), self.priority

    def holds(self, row: Row, category: str, metric: str | None, device_type: str | None) -> bool:
        """Whether it is about a row."""
        asked = [
            (self.source, row["source_system"]),
            (self.user_id, row["user_id"]),
            (self.category, category),
            (self.metric, metric),
            (self.device_type, device_type),
        ]
        day = row["local_date"]
        return (
            all(wish is None or wish == told for wish, told in asked)
            and (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
        )


DEFAULTS = [
    Preference(source, priority, category=category, metric=metric, is_default=True)
    for category, metric, source, priority in default_preferences()
]


@dataclass(frozen=True)
class Household:
    """What decides between sources: devices' types by key, and what the user prefers."""

    devices: Mapping[str | None, str | None]
    own: Sequence[Preference] = ()

    def rank(self, row: Row, category: str, metric: str | None = None) -> tuple[int, int]:
        """The smallest rank of a preference that holds for a row."""
        told = [*self.own, *DEFAULTS]
        device_type = self.devices.get(row["device_key"])
        ranks = (p.rank for p in told if p.holds(row, category, metric, device_type))
        return min(ranks, default=(UNLISTED, 0))


def with_episodes(rows: Iterable[Expected], household: Household, kind: Kind) -> list[Expected]:
    """Sessions with their episodes, and which source is preferred in each."""
    people: dict[str, list[Expected]] = defaultdict(list)
    made: list[Expected] = []
    nowhere = {"episode_id": None, "source_rank": None, "is_preferred": False, "is_echo": False}
    for each in rows:
        if why := kind.why_not(each.columns):
            made.append(_with(each, {**nowhere, "preference_reason": why}))
        else:
            people[each.columns["user_id"]].append(each)
    for sessions in people.values():
        for episode in _episodes(sessions, kind):
            made += _judged(episode, household, kind)
    return made


def with_preference(rows: Iterable[Expected], household: Household) -> list[Expected]:
    """Values, and which source is preferred for each metric of a day."""
    questions: dict[Any, list[Expected]] = defaultdict(list)
    made = []
    for each in rows:
        row = each.columns
        if why := _why_not(row):
            columns = {"source_rank": None, "is_preferred": False, "preference_reason": why}
            made.append(_with(each, columns))
        else:
            names = ("user_id", "local_date", "metric_code", "body_position", "statistic")
            context = row["context"] if row["statistic"] == "mean" else None
            questions[(*(row[name] for name in names), context)].append(each)
    for values in questions.values():
        category = values[0].columns["category"]
        metric = values[0].columns["metric_code"]

        def criteria(told: Sequence[Row], c: str = category, m: str = metric) -> tuple[Any, ...]:
            second_hand = all(row["modality"] != "sensed" for row in told)
            rank = min(household.rank(row, c, m) for row in told)
            return second_hand, False, rank, -len(told), _newest(told)

        made += _ranked(values, criteria, "sensed")
    return made


def _episodes(sessions: list[Expected], kind: Kind) -> list[list[Expected]]:
    """Sessions that belong together; the last to end among those before is compared."""
    made: list[list[Expected]] = []
    last: tuple[datetime, datetime] | None = None
    for each in sorted(sessions, key=lambda e: (*_times(e, kind), session_key(e.columns))):
        start, end = _times(each, kind)
        common = min(end, last[1]) - start if last else timedelta(0)
        shorter = min(end - start, last[1] - last[0]) if last else timedelta(0)
        if common > timedelta(0) and common >= kind.overlap * shorter:
            made[-1].append(each)
        else:
            made.append([each])
        if last is None or end > last[1]:
            last = start, end
    return made


def _judged(episode: list[Expected], household: Household, kind: Kind) -> list[Expected]:
    """One episode, which is known by its first session."""
    day = max(each.columns["local_date"] for each in episode)
    start, end = kind.ends
    first = key(kind.category, session_key(episode[0].columns))

    def criteria(told: Sequence[Row]) -> tuple[Any, ...]:
        is_echo = any(row["is_echo"] for row in told)
        unscored = all(row["score_state"] != "SCORED" for row in told)
        rank = min(household.rank({**row, "local_date": day}, kind.category) for row in told)
        covered = sum((row[end] - row[start] for row in told), timedelta(0))
        return is_echo, unscored, rank, -covered, _newest(told)

    marked = [
        _with(each, {"episode_id": first, "is_echo": _is_echo(each, episode, kind)})
        for each in episode
    ]
    return _ranked(marked, criteria, "original")


def _ranked(
    rows: Sequence[Expected], criteria: Callable[[Sequence[Row]], tuple[Any, ...]], first: str
) -> list[Expected]:
    """Rows of one question, ranked by source: a device of an account."""
    sources: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for each in rows:
        sources[_source(each.columns)].append(each.columns)
    told = {source: (*criteria(of), source) for source, of in sources.items()}
    order = sorted(told, key=told.__getitem__)
    made = []
    for each in rows:
        source = _source(each.columns)
        place = order.index(source) + 1
        rival = next(iter(order[1:2]), None) if place == 1 else order[0]
        columns = {
            "source_rank": place,
            "is_preferred": place == 1,
            "preference_reason": _reason(told[source], told[rival], first)
            if rival
            else "only_source",
        }
        made.append(_with(each, columns))
    return made


def _reason(mine: tuple[Any, ...], other: tuple[Any, ...], first: str) -> str:
    """What told the two apart."""
    reasons = (first, *REASONS[1:])
    reason = next(r for r, a, b in zip(reasons, mine, other, strict=True) if a != b)
    if reason == "preference" and min(mine[2], other[2])[0] >= DEFAULT:
        return "default_preference"
    return reason


def _is_echo(each: Expected, episode: Sequence[Expected], kind: Kind) -> bool:
    """Whether it is a copy of what another source told."""
    if each.columns["modality"] != "imported":
        return False
    start, end = _times(each, kind)
    for other in episode:
        if other.columns["modality"] != "imported" and _source(other.columns) != _source(
            each.columns
        ):
            since, until = _times(other, kind)
            difference = abs((end - start) - (until - since))
            if abs(start - since) <= MINUTE and difference <= 0.02 * (until - since):
                return True
    return False


def _why_not(row: Row) -> str | None:
    """Why a value does not count; None if it does."""
    value, (low, high) = row["value_num"], plausible(row["metric_code"])
    if row["deleted_at"] is not None:
        return "deleted"
    if row["is_ambiguous_owner"]:
        return "ambiguous_owner"
    if row["is_differing_duplicate"]:
        return "differing_duplicate"
    if value is None or low is None or high is None or low <= value <= high:
        return None
    return "implausible"


def session_key(row: Row) -> str:
    """The key of a session in its table."""
    return key(row["source_system"], row["source_account_id"], row["raw_source_id"])


def _source(row: Row) -> tuple[str, ...]:
    return row["source_system"], row["source_account_id"], row["device_key"] or ""


def _newest(told: Sequence[Row]) -> timedelta:
    """Smaller if it was changed later."""
    return EVER - max(row["source_updated_at"] or EVER for row in told)


def _times(each: Expected, kind: Kind) -> tuple[datetime, datetime]:
    start, end = kind.ends
    return each.columns[start], each.columns[end]


def _with(each: Expected, columns: Row) -> Expected:
    return replace(each, columns={**each.columns, **columns})
