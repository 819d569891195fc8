"""`make demo`: two days of somebody with WHOOP and Withings, synced into a real PostgreSQL.

Starts the sandbox on yesterday's clock, connects both accounts without a browser, runs the job
`sync`, lets a night pass, runs it again, and shows what landed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from health_sandbox.client import ControlClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent
BIN = ROOT / ".venv" / "bin"
MELTANO = [str(BIN / "meltano"), "--environment=demo"]
MEMBER = "ana"
DAY = 86_400
#: Lines that say nothing to somebody who looks on, and what Meltano writes before each line.
NOISE = re.compile(
    r"METRIC|Beginning sync|Skipping parse|Skipping deselected|Added '|Running catalog|Meltano SDK"
    r"|Inserting with SQL|Reader '|state backend|Reading state|Meltano 4|Environment '|Run compl"
)
PREFIX = re.compile(r"^\S+Z \[(?:info|(\w+))\s*\] ")

LANDED = """
with log as (select 'whoop' as source, stream, requests, records, synced_at
             from whoop_raw.sync_windows
             union all
             select 'withings', stream, requests, records, synced_at
             from withings_raw.sync_windows),
syncs as (select *, synced_at < (select max(window_end) - interval '12 hours'
                                 from whoop_raw.sync_windows) as is_first from log)
select source, stream,
       coalesce(sum(requests) filter (where is_first), 0) as "requests, first sync",
       coalesce(sum(records) filter (where is_first), 0) as records,
       coalesce(sum(requests) filter (where not is_first), 0) as "second sync",
       coalesce(sum(records) filter (where not is_first), 0) as "records "
from syncs group by source, stream order by source, records desc, stream
"""
NIGHTS = """
select local_date, source_system as source, is_nap as nap,
       to_char(in_bed_start_local, 'HH24:MI') as "to bed",
       to_char(in_bed_end_local, 'HH24:MI') as up, round(asleep_s / 3600.0, 1) as "hours asleep",
       is_preferred as preferred, preference_reason as "because of"
from canonical.sleep_sessions order by in_bed_start_at desc limit 6
"""
DAYS = """
select local_date, round(asleep_s / 3600.0, 1) as "hours asleep", sleep_source as "says",
       round(hrv_rmssd) as "HRV ms", recovery_status as recovery, steps, steps_source as "says ",
       workouts, workouts_status as "as for workouts", body_weight as kg, body_status as weight
from marts.daily_facts order by local_date desc limit 6
"""
VITALS = """
select metric_code, source_system as source, local_date, value_num as value, ucum_unit as unit
from (select *, row_number() over (partition by metric_code, source_system
                                   order by effective_start_at desc) as nth
      from canonical.biometrics_vitals where body_position is null) as vitals
where nth = 1 and metric_code in ('body_weight', 'hrv_rmssd', 'respiratory_rate', 'steps_day',
                                  'resting_heart_rate', 'body_fat_pct', 'energy_total_day')
order by metric_code, source
"""
WEIGHINGS = """
select to_char(measured_local, 'YYYY-MM-DD HH24:MI') as "local time", tz_iana as zone,
       value_num as kg, value_raw as "as sent", unit_exponent as "x 10 to the",
       device_model as device
from marts.withings_recent_measurements where metric_code = 'body_weight'
order by measured_at desc limit 4
"""


def main() -> None:
    """Run the demo."""
    began = time.monotonic()
    start_afresh()
    with sandbox() as control:
        environment = connect(control)
        say("First sync: a year of history of both vendors")
        meltano("run", "sync", environment=environment)
        say("A night passes in the sandbox. Second sync: only what is new or may have changed")
        control.advance(DAY)
        meltano("run", "sync", environment=environment)
        say("The doctor: is everything as it should be?")
        meltano("invoke", "health:doctor", environment=environment)
    say("What each sync read. The second reads the last week again, for late scores: no row twice")
    meltano("invoke", "postgres:psql", "-c", LANDED)
    say("The same nights, as a strap and a watch saw them: which one counts, and why")
    meltano("invoke", "postgres:psql", "-c", NIGHTS)
    say("Day by day, from both: who says so, and why a number is missing")
    meltano("invoke", "postgres:psql", "-c", DAYS)
    say("The newest values of both, in one table")
    meltano("invoke", "postgres:psql", "-c", VITALS)
    say("The last weigh-ins, exact to the digit that the scale sent")
    meltano("invoke", "postgres:psql", "-c", WEIGHINGS)
    say("The pictures: open this file in a browser")
    meltano("invoke", "report:build")
    say(f"Done in {time.monotonic() - began:.0f} s. Look further:")
    sys.stdout.write(
        "  .venv/bin/meltano --environment=demo invoke postgres:psql      your SQL on this data\n"
        "  .venv/bin/meltano --environment=demo invoke postgres:url       for another client\n"
        "  .venv/bin/meltano invoke postgres:stop                         stop the database\n"
        "\nPlay on with the sandbox: README.md, section 'Play on'.\n"
        "With your own accounts: docs/connect-whoop.md and docs/connect-withings.md.\n"
    )


def start_afresh() -> None:
    """Forget the last demo: its sandbox, and the two days that it played, are gone."""
    say("Starting the database, empty for this demo")
    meltano("invoke", "postgres:start")
    quietly = "set client_min_messages = warning"
    forget = "drop schema if exists whoop_raw, withings_raw cascade"
    meltano("invoke", "postgres:psql", "-q", "-c", quietly, "-c", forget)
    for tap in ("tap-whoop", "tap-withings"):
        meltano("state", "clear", "--force", f"demo:{tap}-to-target-postgres")


@contextmanager
def sandbox() -> Iterator[ControlClient]:
    """The simulated vendors, a day behind us, until the demo ends."""
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "url"
        command = [str(BIN / "health-sandbox"), "serve", "--port", "0", "--years", "1"]
        command += ["--clock", f"{yesterday:%Y-%m-%dT%H:%M:%SZ}", "--ready-file", str(ready)]
        say("Starting the sandbox: WHOOP and Withings, simulated on this machine")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 (our own)
        try:
            while not ready.exists():
                if process.poll() is not None:
                    sys.exit("The sandbox did not start; its message is above.")
                time.sleep(0.05)
            yield ControlClient(ready.read_text().strip())
        finally:
            process.terminate()
            process.wait()


def connect(control: ControlClient) -> Mapping[str, str]:
    """Let the member grant us everything, without a browser; the way to hand it to Meltano."""
    grants = {vendor: control.vendor(vendor).grant(MEMBER) for vendor in ("whoop", "withings")}
    a_year_ago = datetime.now(timezone.utc) - timedelta(days=366)
    return {
        "HEALTH_SANDBOX_URL": control.url,
        "HEALTH_SANDBOX_WHOOP_REFRESH_TOKEN": str(grants["whoop"]["refresh_token"]),
        "HEALTH_SANDBOX_WITHINGS_REFRESH_TOKEN": str(grants["withings"]["refresh_token"]),
        # The sandbox knows no more, so looking further back would only use up the rate limit.
        "TAP_WITHINGS_START_DATE": f"{a_year_ago:%Y-%m-%d}",
    }


def meltano(*arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Run Meltano and show what it says, but for the noise. A failure ends the demo."""
    with subprocess.Popen(  # noqa: S603 (our own command)
        [*MELTANO, *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            if not NOISE.search(line):
                sys.stdout.write("  " + PREFIX.sub(lambda m: f"[{m[1]}] " if m[1] else "", line))
                sys.stdout.flush()
    if process.returncode:
        sys.exit(f"'meltano {' '.join(arguments[:2])}' failed; its messages are above.")


def say(text: str) -> None:
    """Announce a step."""
    sys.stdout.write(f"\n==> {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
