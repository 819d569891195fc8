"""`make demo`: two days of a simulated WHOOP member, synced into a real PostgreSQL.

Starts the sandbox on yesterday's clock, connects a member without a browser, runs the job `whoop`,
lets a night pass, runs it again, and shows what landed.
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
    r"METRIC|Beginning sync|Skipping parse|Running catalog|Meltano SDK"
    r"|Inserting with SQL|Reader '|state backend|Reading state|Meltano 4|Environment '|Run compl"
)
PREFIX = re.compile(r"^\S+Z \[(?:info|(\w+))\s*\] ")

LANDED = """
with landed (stream, rows, newest) as (
    select 'cycles', count(*), max(updated_at) from whoop_raw.cycles union all
    select 'sleeps', count(*), max(updated_at) from whoop_raw.sleeps union all
    select 'recoveries', count(*), max(updated_at) from whoop_raw.recoveries union all
    select 'workouts', count(*), max(updated_at) from whoop_raw.workouts union all
    select 'user_basic_profile', count(*), null from whoop_raw.user_basic_profile union all
    select 'user_body_measurement', count(*), null from whoop_raw.user_body_measurement
)
select stream, rows, to_char(newest, 'YYYY-MM-DD HH24:MI') as "newest record (UTC)",
       string_agg(requests::text, ' + ' order by synced_at desc) filter (where nth < 3)
           as "requests, newest sync first"
from landed join (select *, row_number() over (partition by stream order by synced_at desc) as nth
                  from whoop_raw.sync_windows) as log using (stream)
group by stream, rows, newest order by rows desc
"""
CANONICAL = """
select local_date, is_nap as nap, to_char(in_bed_start_local, 'HH24:MI') as "to bed",
       to_char(in_bed_end_local, 'HH24:MI') as up, round(asleep_s / 3600.0, 1) as "hours asleep",
       round(efficiency_pct) as "efficiency %", score_state
from canonical.sleep_sessions order by in_bed_start_at desc limit 5
"""
VITALS = """
select metric_code, local_date, round(value_num, 1) as value, ucum_unit as unit
from canonical.biometrics_vitals
where local_date = (select max(local_date) from canonical.biometrics_vitals
                    where metric_code = 'hrv_rmssd')
order by metric_code limit 8
"""


def main() -> None:
    """Run the demo."""
    began = time.monotonic()
    start_afresh()
    with sandbox() as control:
        environment = connect(control)
        say("First sync: a year of history")
        meltano("run", "whoop", environment=environment)
        say("A night passes in the sandbox. Second sync: only what is new or may have changed")
        control.advance(DAY)
        control.clear_requests()
        meltano("run", "whoop", environment=environment)
        requests = [r for r in control.requests() if "/developer/" in r["path"]]
    say(f"What landed ({len(requests)} API requests in the second sync, one for a stale token)")
    meltano("invoke", "postgres:psql", "-c", LANDED)
    say("Nights, as the canonical model has them")
    meltano("invoke", "postgres:psql", "-c", CANONICAL)
    meltano("invoke", "postgres:psql", "-c", VITALS)
    say(f"Done in {time.monotonic() - began:.0f} s. Look further:")
    sys.stdout.write(
        "  .venv/bin/meltano --environment=demo invoke postgres:psql      your SQL on this data\n"
        "  .venv/bin/meltano --environment=demo invoke postgres:url       for another client\n"
        "  .venv/bin/meltano invoke postgres:stop                         stop the database\n"
        "\nPlay on with the sandbox: README.md, section 'Play on'.\n"
        "With your own WHOOP account: README.md, section 'With your own WHOOP account'.\n"
    )


def start_afresh() -> None:
    """Forget the last demo: its sandbox, and the two days that it played, are gone."""
    say("Starting the database, empty for this demo")
    meltano("invoke", "postgres:start")
    quietly = "set client_min_messages = warning"
    forget = "drop schema if exists whoop_raw cascade"
    meltano("invoke", "postgres:psql", "-q", "-c", quietly, "-c", forget)
    meltano("state", "clear", "--force", "demo:tap-whoop-to-target-postgres")


@contextmanager
def sandbox() -> Iterator[ControlClient]:
    """The simulated vendors, a day behind us, until the demo ends."""
    yesterday = datetime.now(timezone.utc) - timedelta(days=1)
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "url"
        command = [str(BIN / "health-sandbox"), "serve", "--port", "0", "--years", "1"]
        command += ["--clock", f"{yesterday:%Y-%m-%dT%H:%M:%SZ}", "--ready-file", str(ready)]
        say("Starting the sandbox: WHOOP, simulated on this machine")
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
    grant = control.grant(MEMBER)
    return {
        "HEALTH_SANDBOX_URL": control.url,
        "HEALTH_SANDBOX_WHOOP_REFRESH_TOKEN": str(grant["refresh_token"]),
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
