"""Withings: the Singer tap."""
