"""Record schemas from WHOOP's own specification."""

from __future__ import annotations

from importlib.resources import files

from health_tap_core.schema import ColumnSchema, OpenAPISchema
from tap_whoop import openapi

#: Use as ``ComponentSchema(WHOOP, key="Cycle")``; keys are the specification's components.
WHOOP: OpenAPISchema[str] = OpenAPISchema(
    files(openapi) / "whoop.json",
    preprocessor=ColumnSchema(
        identifiers=("id", "user_id", "cycle_id", "v1_id", "sport_id"),
        # The body measurement is the one component that does not say whose it is.
        extra={
            "user_id": {
                "type": ["integer", "null"],
                "description": "The WHOOP user, taken from the profile of the same account.",
            }
        },
    ),
)
