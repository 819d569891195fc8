"""Lets ``python -m tap_withings`` run the tap."""

from tap_withings.tap import TapWithings

TapWithings.cli()
