"""The command `health-scheduler`."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import click
from dotenv import load_dotenv

from health_tools.scheduler import schedules
from health_tools.scheduler.children import Children
from health_tools.scheduler.log import Log
from health_tools.scheduler.meltano import Meltano
from health_tools.scheduler.service import Service

_ENDING = (signal.SIGTERM, signal.SIGINT)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", metavar="SCHEDULE...", nargs=-1, required=True)
def cli(names: tuple[str, ...]) -> None:
    """Run these schedules of meltano.yml when they are due, until you press Ctrl-C.

    The first one runs at once. One run at a time; one that is due meanwhile waits for its turn.
    Environment variables, also from .env: MELTANO_ENVIRONMENT (home without one),
    MELTANO_CLI_LOG_FORMAT=json, and HEALTH_ON_FAILURE, a command that is told of failures.
    """
    load_dotenv(Path(".env"))
    meltano = Meltano.here()
    service = Service(
        schedules.read(meltano, names), meltano, Children(), Log(in_json=meltano.in_json)
    )
    # A pipe: an exception out of a handler can get lost in whatever the main thread is doing.
    ended, ending = os.pipe()
    for number in _ENDING:
        signal.signal(number, lambda *_: os.write(ending, b"."))
    service.start()
    os.read(ended, 1)
    service.stop()
