"""The files of docs/exports.md, written by the commands that stand there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fhir.resources.R4B.device import Device
from fhir.resources.R4B.patient import Patient

from ..conftest import ROOT
from . import fhir

if TYPE_CHECKING:
    from pathlib import Path

    from ..conftest import Project

DOCS = ROOT / "docs" / "exports.md"


@dataclass
class Exports:
    """What a reader of the docs has in their folder."""

    folder: Path

    @classmethod
    def write(cls, project: Project) -> Exports:
        """Type the commands into psql."""
        lines = DOCS.read_text().splitlines()
        commands = project.root / "exports.sql"
        commands.write_text("\n".join(line for line in lines if line.startswith("\\copy")))
        stop = ("-v", "ON_ERROR_STOP=1")
        done = project.meltano("invoke", "postgres:psql", *stop, "-f", commands.name)
        assert done.code == 0, done.text
        return cls(project.root)

    def people(self, project: Project) -> list[tuple[str, str, int]]:
        """The answer to the question whose an id is: user, patient and person."""
        (question,) = re.findall(r"^```sql\n(select [^;]+);", DOCS.read_text(), re.MULTILINE)
        return project.query(question)

    def lines(self, name: str) -> list[str]:
        """The lines of a file."""
        return (self.folder / name).read_text().splitlines()

    def observations(self) -> dict[str, dict[str, Any]]:
        """The resources by their ids, numbers in all their digits."""
        parsed = map(fhir.parse, self.lines("Observation.ndjson"))
        return {observation["id"]: observation for observation in parsed}

    def unknown(self) -> set[str]:
        """References to patients and devices that are not among the files."""
        known = {
            f"{model.__name__}/{model.model_validate_json(line).id}"
            for model in (Patient, Device)
            for line in self.lines(f"{model.__name__}.ndjson")
        }
        return {
            observation[field]["reference"]
            for observation in self.observations().values()
            for field in ("subject", "device")
            if field in observation
        } - known

    def episodes(self) -> list[dict[str, str]]:
        """Header and body of each data point, each as JSON."""
        points = map(json.loads, self.lines("sleep-episode.ndjson"))
        return [{part: json.dumps(point[part]) for part in ("header", "body")} for point in points]


def value_of(observation: dict[str, Any]) -> str:
    """The value as it stands in the database; of a height, in centimetres."""
    if "valueString" in observation:
        return str(observation["valueString"])
    return f"{observation['valueQuantity']['value']:f}"
