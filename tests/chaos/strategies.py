"""Random histories, shrinking towards few, plain and early steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from ..oracle import whoop, withings
from . import histories as h
from .lives import LIVES
from .messages import Kill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .vendors import Vendor

    Strategy = st.SearchStrategy

_KEYS: Mapping[str, Mapping[str, Sequence[str]]] = {"whoop": whoop.KEYS, "withings": withings.KEYS}
#: What requests for data ask for, as the moments of the taps name it.
_QUESTIONS = {
    "whoop": ["cycle", "sleep", "recovery", "workout", "basic", "body"],
    "withings": ["getmeas", "getactivity", "getworkouts", "getsummary", "list", "getdevice"],
}
_PATHS = {
    "whoop": ["*/v2/cycle", "*/v2/activity/sleep", "*/v2/recovery", "*/v2/activity/workout"],
    "withings": ["*/measure", "*/v2/measure", "*/v2/sleep", "*/v2/heart"],
}
_TOKENS = {"whoop": "*/oauth2/token", "withings": "*/v2/oauth2"}
#: Minutes: what passes between two runs of a schedule, up to a machine that was off for weeks.
_PAUSES = [15, 61, 240, 24 * 60, 3 * 24 * 60, 10 * 24 * 60, 21 * 24 * 60]
_STATUSES = [500, 503, 429, 404, 403, 401, 400]
_FIELDS = ["model", "modelid", "model_id"]

_nth = st.integers(0, 60)
_hours = st.one_of(st.integers(0, 24), st.integers(5 * 24, 7 * 24), st.integers(0, 24 * 28))
_minutes = st.sampled_from([0, 30, 55])


def changes(vendor: Vendor) -> Strategy[h.Step]:
    """Something that happens to a member's records."""
    life = LIVES[vendor.name]
    some = st.sampled_from([*life.ids])
    return st.one_of(
        st.builds(h.Add, st.sampled_from(sorted(life.additions)), _hours, _minutes),
        st.builds(h.Edit, some, _nth, _minutes),
        st.builds(h.Score, some, _nth, st.sampled_from(["SCORED", "PENDING_SCORE", "UNSCORABLE"])),
        st.builds(h.Move, st.sampled_from(sorted(life.movable)), _nth, st.integers(-72, 72)),
        st.builds(h.Delete, some, _nth),
        st.builds(h.Restore, st.integers(0, 3), st.booleans()),
    )


def faults(vendor: Vendor) -> Strategy[h.Fault]:
    """Something that goes wrong with a vendor's answers."""
    path = st.sampled_from(_PATHS[vendor.name])
    times = st.sampled_from([1, 2, None])
    skip = st.integers(0, 3)
    plain = st.sampled_from(["reset", "lost_answer", "truncate", "html"])
    kinds = [
        st.builds(h.Fault, path, plain, times=times, skip=skip),
        st.builds(
            h.Fault,
            path,
            st.just("status"),
            times=times,
            skip=skip,
            given=st.builds(dict, status=st.sampled_from(_STATUSES)),
        ),
        st.builds(h.Fault, path, st.just("rate_limit"), times=times, skip=skip),
        st.builds(
            h.Fault,
            st.just(_TOKENS[vendor.name]),
            st.just("status"),
            given=st.just({"status": 503}),
        ),
    ]
    return st.one_of(*kinds, _whoops(path) if vendor.name == "whoop" else _withings(path))


def _whoops(path: Strategy[str]) -> Strategy[h.Fault]:
    return st.builds(
        h.Fault,
        path,
        st.sampled_from(["empty_page", "repeat_page", "loop_token", "unknown_field"]),
        times=st.sampled_from([1, 3, None]),
        skip=st.integers(0, 2),
    )


def _withings(path: Strategy[str]) -> Strategy[h.Fault]:
    times, skip = st.sampled_from([1, 3, None]), st.integers(0, 2)
    plain = ["repeat_page", "stuck_offset", "empty_as", "duplicate", "unsorted", "unknown_field"]
    spelling = st.sampled_from(["int", "bool", "string", "word"])
    return st.one_of(
        st.builds(h.Fault, path, st.sampled_from(plain), times=times, skip=skip),
        st.builds(
            h.Fault,
            path,
            st.just("more_as"),
            times=times,
            skip=skip,
            given=st.builds(dict, spelling=spelling),
        ),
        st.builds(h.Fault, path, st.just("nulls"), times=times, given=st.just({"names": _FIELDS})),
        st.builds(
            h.Fault,
            path,
            st.just("envelope"),
            times=times,
            skip=skip,
            given=st.builds(dict, status=st.sampled_from([401, 503, 601, 2554, 2555])),
        ),
    )


def kills(vendor: Vendor) -> Strategy[Kill]:
    """A moment of the tap or of the loader at which it dies, if it gets there."""
    tables = [*_KEYS[vendor.name]]
    table, any_table = st.sampled_from(tables), st.sampled_from([*tables, "sync_windows"])
    asked = st.sampled_from([q + n for q in _QUESTIONS[vendor.name] for n in ("", " next page")])
    messages = st.one_of(
        st.just("state"),
        table.map("claim {}".format),
        table.map("record {}".format),
        any_table.map("schema {}".format),
    )
    commits = st.one_of(any_table.map("rows {}".format), any_table.map("ddl {}".format))
    once, often = st.integers(1, 4), st.integers(1, 60)

    def moment(process: str, when: str, what: Strategy[str]) -> Strategy[Kill]:
        names = st.tuples(st.sampled_from(when.split()), what).map(" ".join)
        return names.flatmap(
            lambda name: st.builds(
                Kill, st.just(process), st.just(name), often if " record " in name else once
            )
        )

    return st.one_of(
        moment("tap", "before half after", messages),
        moment("tap", "before during after", asked.map("request {}".format)),
        moment("loader", "before after", messages),
        moment("loader", "before sent answered after", commits.map("commit {}".format)),
        moment("loader", "before after", st.sampled_from(["confirmation", "end of input"])),
    )


def syncs(vendor: Vendor) -> Strategy[h.Sync]:
    """A run of a schedule, or of somebody who wants a part; disturbed or not."""
    tables = [*_KEYS[vendor.name], "sync_windows"]
    questions = _QUESTIONS[vendor.name][:4]
    moments = [f"before request {q}{n}" for q in questions for n in (" next page", "")]
    meanwhile = st.builds(h.Meanwhile, st.sampled_from(moments), changes(vendor), st.integers(1, 3))
    orders = st.lists(st.sampled_from(tables), max_size=3, unique=True).map(tuple)
    told: dict[str, Any] = {
        "since": st.sampled_from([None, None, None, 2, 10, 400]),
        "until": st.sampled_from([None, None, None, 1, 9]),
        "window_days": st.sampled_from([None, 20, 7]),
        "reconcile_days": st.sampled_from([None, None, None, 3, 30]),
        "faults": st.lists(faults(vendor), max_size=2).map(tuple),
        "meanwhile": st.lists(meanwhile, max_size=2).map(tuple),
        "kill": st.one_of(st.none(), kills(vendor)),
        "power_cut": st.booleans(),
        "drain_every": st.sampled_from([None, 80, 25]),
        "drain_order": st.one_of(st.none(), orders),
    }
    return st.one_of(st.just(h.Sync()), st.builds(h.Sync, **told))


def histories(vendor: Vendor, *, most: int, least: int = 1) -> Strategy[h.History]:
    """Any history of so many steps."""
    waits = st.builds(h.Wait, st.one_of(st.sampled_from(_PAUSES), st.integers(1, 21 * 24 * 60)))
    change = changes(vendor)
    rare = st.sampled_from([h.Build(), h.LoseState()])
    kinds = [syncs(vendor), waits, change, change, syncs(vendor), change, rare]
    step = st.sampled_from(kinds).flatmap(lambda kind: kind)
    return st.builds(
        h.History,
        steps=st.lists(step, min_size=least, max_size=most).map(tuple).filter(_has_sync),
        member=st.sampled_from(["ana", "jon", "ida", "chandra"]),
        days=st.sampled_from([30, 12, 60]),
        page_size=st.sampled_from([None, 40, 10]) if vendor.name == "withings" else st.none(),
    )


def _has_sync(steps: tuple[h.Step, ...]) -> bool:
    return any(isinstance(step, h.Sync) for step in steps)
