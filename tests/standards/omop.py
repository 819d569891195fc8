"""What is wrong with a relation that means to be MEASUREMENT of the OMOP CDM v5.4.

The fields are those of the CDM's own list: OMOP_CDMv5.4_Field_Level.csv in OHDSI/CommonDataModel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Project

#: How PostgreSQL may say what the CDM calls an integer, a float and so on.
TYPES = {
    "integer": {"integer", "bigint"},
    "float": {"numeric"},
    "date": {"date"},
    "datetime": {"timestamp without time zone"},
    "varchar": {"text", "character varying"},
}


class Field(NamedTuple):
    """A field of the table: its type, whether it is required, and how long a text may be."""

    name: str
    type: str
    required: bool = False
    length: int | None = None


FIELDS = [
    Field("measurement_id", "integer", required=True),
    Field("person_id", "integer", required=True),
    Field("measurement_concept_id", "integer", required=True),
    Field("measurement_date", "date", required=True),
    Field("measurement_datetime", "datetime"),
    Field("measurement_time", "varchar", length=10),
    Field("measurement_type_concept_id", "integer", required=True),
    Field("operator_concept_id", "integer"),
    Field("value_as_number", "float"),
    Field("value_as_concept_id", "integer"),
    Field("unit_concept_id", "integer"),
    Field("range_low", "float"),
    Field("range_high", "float"),
    Field("provider_id", "integer"),
    Field("visit_occurrence_id", "integer"),
    Field("visit_detail_id", "integer"),
    Field("measurement_source_value", "varchar", length=50),
    Field("measurement_source_concept_id", "integer"),
    Field("unit_source_value", "varchar", length=50),
    Field("unit_source_concept_id", "integer"),
    Field("value_source_value", "varchar", length=50),
    Field("measurement_event_id", "integer"),
    Field("meas_event_field_concept_id", "integer"),
]


def faults(project: Project, schema: str, relation: str) -> list[str]:
    """All that is wrong with a relation of the demo database, in words."""
    columns = project.query(
        "select column_name::text, data_type::text from information_schema.columns "
        f"where table_schema = '{schema}' and table_name = '{relation}' order by ordinal_position"
    )
    rows = project.query(f"select * from {schema}.{relation}")
    return faults_of_columns(columns) or faults_of_rows(rows)


def faults_of_columns(columns: list[tuple[str, str]]) -> list[str]:
    """What is wrong with the names, the order and the types of the columns."""
    if [name for name, _ in columns] != [field.name for field in FIELDS]:
        return ["these are not the columns of MEASUREMENT, in their order"]
    return [
        f"{name} is {found}, not {field.type}"
        for field, (name, found) in zip(FIELDS, columns, strict=True)
        if found not in TYPES[field.type]
    ]


def faults_of_rows(rows: list[tuple[Any, ...]]) -> list[str]:
    """What is wrong with the values."""
    return list(_of_rows(rows))


def _of_rows(rows: list[tuple[Any, ...]]) -> Iterator[str]:
    if len({row[0] for row in rows}) < len(rows):
        yield "a measurement_id comes twice"
    for row in rows:
        for field, value in zip(FIELDS, row, strict=True):
            if field.required and value is None:
                yield f"{field.name} is required"
            if field.length and value is not None and len(value) > field.length:
                yield f"{field.name} is longer than {field.length}"
        of_row = {field.name: value for field, value in zip(FIELDS, row, strict=True)}
        moment = of_row["measurement_datetime"]
        if moment is not None and moment.date() != of_row["measurement_date"]:
            yield "the date and the time are of different days"
        if of_row["value_as_number"] is None and of_row["value_source_value"] is None:
            yield "it has no value"
