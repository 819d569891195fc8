"""What is wrong with a FHIR Observation: by its R4B model, and by what the model does not know.

The model (fhir.resources) holds names, types and patterns. Bound codes, references, empty elements
and the profiles of vital signs are from the specification: https://hl7.org/fhir/R4/observation.html
and observation-vitalsigns.html.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fhir.resources.R4B.observation import Observation
from pydantic import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUS = {
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
}
CATEGORIES = {
    "social-history",
    "vital-signs",
    "imaging",
    "laboratory",
    "procedure",
    "survey",
    "exam",
    "therapy",
    "activity",
}
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
REFERENCE = re.compile(rf"(Patient|Device)/{ID.pattern}")
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
#: Units that HL7's profiles of vital signs allow, of the codes that we have.
UNITS = {
    "8867-4": {"/min"},
    "9279-1": {"/min"},
    "2708-6": {"%"},
    "8310-5": {"Cel", "[degF]"},
    "8302-2": {"cm", "[in_i]"},
    "29463-7": {"g", "kg", "[lb_av]"},
    "8480-6": {"mm[Hg]"},
    "8462-4": {"mm[Hg]"},
}


def parse(resource: str) -> dict[str, Any]:
    """JSON with its numbers in all their digits."""
    parsed: dict[str, Any] = json.loads(resource, parse_float=Decimal, parse_int=Decimal)
    return parsed


def faults(resource: str) -> list[str]:
    """All that is wrong with one resource, in words."""
    try:
        period = Observation.model_validate_json(resource).effectivePeriod
    except ValidationError as error:
        return [f"{fault['loc']}: {fault['type']}" for fault in error.errors()]
    found = list(_beyond_the_model(parse(resource)))
    if period and period.start and period.end and period.end < period.start:
        found.append("it ends before it starts")
    return found


def loinc(observation: dict[str, Any]) -> set[str]:
    """What it is an observation of, in LOINC."""
    return codes(observation["code"], LOINC)


def codes(concept: dict[str, Any], system: str) -> set[str]:
    """The codes of a concept in one system."""
    return {coding["code"] for coding in concept["coding"] if coding["system"] == system}


def _beyond_the_model(observation: dict[str, Any]) -> Iterator[str]:
    if _has_empty(observation):
        yield "an element is empty"
    if not ID.fullmatch(observation["id"]):
        yield "an id is at most 64 letters, digits, hyphens and dots"
    if observation["status"] not in STATUS:
        yield "no such status"
    if not (observation.get("code") or {}).get("coding"):
        yield "nothing says what it is"
        return
    references = [
        observation["subject"],
        *[observation[k] for k in ("device",) if k in observation],
    ]
    if not all(REFERENCE.fullmatch(reference["reference"]) for reference in references):
        yield "a reference is none"
    hl7 = "http://terminology.hl7.org/CodeSystem/observation-category"
    categories = {code for concept in observation["category"] for code in codes(concept, hl7)}
    if not categories <= CATEGORIES:
        yield "no such category"
    if "vital-signs" in categories:
        yield from _of_vital_signs(observation)


def _of_vital_signs(observation: dict[str, Any]) -> Iterator[str]:
    if not ("effectiveDateTime" in observation or "effectivePeriod" in observation):
        yield "a vital sign without a time"
    panel = "85354-9" in loinc(observation)
    values = observation.get("component", []) if panel else [observation]
    if panel and [loinc(value) for value in values] != [{"8480-6"}, {"8462-4"}]:
        yield "a blood pressure is systolic and diastolic"
    for value in values:
        quantity = value.get("valueQuantity", {})
        for code in loinc(value) & UNITS.keys():
            if quantity.get("system") != UCUM or quantity.get("code") not in UNITS[code]:
                yield f"{code} has another unit"
        if "59408-5" in loinc(value) and "2708-6" not in loinc(value):
            yield "oxygen saturation lacks the code of its profile"


def _has_empty(element: Any) -> bool:
    if isinstance(element, (dict, list)):
        children = element.values() if isinstance(element, dict) else element
        return not element or any(_has_empty(child) for child in children)
    return element is None or element == ""
