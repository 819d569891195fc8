"""The words that the models use for states and sources, as they are shown, each with its colour."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMappingResult

from health_dashboards.grafana import colours

_STATUSES = {
    "observed": ("observed", colours.GREEN),
    "true_zero": ("known to be none", colours.SKY),
    "pending_score": ("not scored yet", colours.YELLOW),
    "unscorable": ("cannot be scored", colours.PURPLE),
    "not_worn": ("not worn", colours.GREY),
    "not_measured": ("not measured", colours.GREY),
    "not_yet_asked": ("not asked yet", colours.ORANGE),
    "no_source": ("no source", colours.DARK),
}
_SOURCES = {
    "whoop": ("WHOOP", colours.BLUE),
    "withings": ("Withings", colours.ORANGE),
    "several": ("several", colours.PURPLE),
}
#: What the statuses say, for descriptions.
WHY = (
    "Green is a value, blue a day on which there was nothing to record; yellow is not scored yet, "
    "purple never will be, grey was not worn or not measured, orange was not asked yet, dark has "
    "no source."
)


def statuses() -> list[ValueMap]:
    """Of the columns `*_status`."""
    return [_mapped(_STATUSES)]


def sources() -> list[ValueMap]:
    """Of the columns `*_source`."""
    return [_mapped(_SOURCES)]


def _mapped(words: dict[str, tuple[str, str]]) -> ValueMap:
    return ValueMap(
        {
            word: ValueMappingResult(text=text, color=colour, index=place)
            for place, (word, (text, colour)) in enumerate(words.items())
        }
    )
