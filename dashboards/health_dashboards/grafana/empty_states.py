"""What a panel says when it has nothing to show: what to type."""

from __future__ import annotations

NO_DAYS = "Nothing in this period. Choose a longer one, or type: meltano run sync"
NO_NIGHTS = "No night in this period. Choose a longer one, or type: meltano run sync"
NO_WORKOUTS = "No workout in this period. Choose a longer one, or type: meltano run sync"
NO_WEIGH_IN = "No weigh-in in this period. Step on the scale, then type: meltano run sync"
TOO_FEW_DAYS = "Too few known days before. Choose a longer period, or type: meltano run sync"
NO_EVENTS = "Nothing happened in this period that would explain a break."
NO_PAIRS = "No two devices told of the same. With a second one, type: meltano run sync"
NOT_SYNCED = "Nothing was synced yet. Type: meltano run sync"
NO_ERRORS = "No window failed in this period."
NO_GAPS = "Every day of this period was read in full."
NO_HELD = "No deletion waits for you."
NO_FINDINGS = "Nothing odd in this period."
