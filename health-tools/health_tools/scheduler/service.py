"""Fires the schedules through APScheduler, one run at a time."""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from filelock import FileLock, Timeout

from health_tools.scheduler import notices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apscheduler.events import JobExecutionEvent, JobSubmissionEvent

    from health_tools.scheduler.children import Children
    from health_tools.scheduler.log import Log
    from health_tools.scheduler.meltano import Meltano
    from health_tools.scheduler.schedules import Schedule

LOCK = Path(".health-taps/lock")
"""What cron's lines lock with flock, too."""

ON_FAILURE = "HEALTH_ON_FAILURE"
"""The variable with the command that is told of failures."""

_HOOK_SECONDS = 60.0
_LOOK_SECONDS = 0.5


class Service:
    """The schedules, from `start` to `stop`.

    A schedule that is due while another one runs waits for its turn; one that is due again before
    its turn came is skipped, for one run catches up with everything. How late does not matter: a
    machine that slept runs what it missed once.
    """

    def __init__(
        self, schedules: Sequence[Schedule], meltano: Meltano, children: Children, log: Log
    ) -> None:
        self._schedules = schedules
        self._meltano = meltano
        self._children = children
        self._log = log
        self._notices = notices.Notices()
        LOCK.parent.mkdir(mode=0o700, exist_ok=True)
        self._lock = FileLock(LOCK)
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what it has to say, we say
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._skipped, EVENT_JOB_MAX_INSTANCES)
        self._scheduler.add_listener(self._broke, EVENT_JOB_ERROR)

    def start(self) -> None:
        """Begin; the first schedule runs at once, for nobody waits gladly to see that it works."""
        for schedule in self._schedules:
            now = {"next_run_time": datetime.now(timezone.utc)}
            self._scheduler.add_job(
                self._run,
                schedule.trigger,
                args=[schedule.name],
                id=schedule.name,
                **(now if schedule is self._schedules[0] else {}),
            )
        names = [schedule.name for schedule in self._schedules]
        self._log.info("Scheduler started", schedules=names, environment=self._meltano.environment)
        self._scheduler.start()

    def stop(self) -> None:
        """End: no run begins, the one that runs is asked to end, and ended."""
        self._log.info("Scheduler stops")
        self._children.stop()
        self._scheduler.shutdown()
        self._log.info("Scheduler stopped")

    def _run(self, schedule: str) -> None:
        errors: list[str] = []

        def said(line: str) -> None:
            self._log.repeat(line)
            error = notices.error_in(line)
            if error:
                errors.append(error)

        if self._children.stopped.is_set() or not self._has_turn(schedule):
            return
        try:
            self._log.info("Run started", schedule=schedule)
            begin = time.monotonic()
            exit_code = self._children.run(
                self._meltano.command("schedule", "run", schedule), said=said
            )
        finally:
            self._lock.release()
        if exit_code is None:
            return
        is_stopped = self._children.stopped.is_set()
        say = self._log.error if exit_code and not is_stopped else self._log.info
        seconds = round(time.monotonic() - begin, 1)
        say("Run ended", schedule=schedule, exit_code=exit_code, seconds=seconds)
        if not is_stopped:
            self._tell(schedule, exit_code, errors)

    def _has_turn(self, schedule: str) -> bool:
        """Wait until no other process of this project runs anything; False after the stop."""
        with suppress(Timeout):
            self._lock.acquire(blocking=False)
            return True
        self._log.info("Run waits", schedule=schedule, reason=f"{LOCK} is locked")
        while not self._children.stopped.is_set():
            with suppress(Timeout):
                self._lock.acquire(timeout=_LOOK_SECONDS)
                return True
        return False

    def _tell(self, schedule: str, exit_code: int, errors: list[str]) -> None:
        command = os.environ.get(ON_FAILURE)
        state = self._notices.due(schedule, failed=exit_code != 0)
        if not command or state is None:
            return
        look = f"meltano --environment={self._meltano.environment} invoke health:status"
        told = self._children.run(
            ["/bin/sh", "-c", command],
            said=self._log.repeat,
            text=notices.message(schedule, state, exit_code, errors, look),
            env={
                **os.environ,
                "HEALTH_SCHEDULE": schedule,
                "HEALTH_STATE": state,
                "HEALTH_EXIT_CODE": str(exit_code),
            },
            seconds=_HOOK_SECONDS,
        )
        if told == 0:
            self._notices.told(schedule, state)
            self._log.info("Told", schedule=schedule, state=state)
        else:
            self._log.error(f"{ON_FAILURE} failed", schedule=schedule, exit_code=told)

    def _skipped(self, event: JobSubmissionEvent) -> None:
        self._log.info("Run skipped", schedule=event.job_id, reason="its last run is not over")

    def _broke(self, event: JobExecutionEvent) -> None:
        self._log.error("Run broke", schedule=event.job_id, reason=repr(event.exception))
