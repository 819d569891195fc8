"""Lets ``python -m tap_whoop`` run the tap."""

from tap_whoop.tap import TapWhoop

TapWhoop.cli()
