"""What each canonical table has to hold, whole rows of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from .canonical_codes import activity, metrics, scale
from .canonical_rows import key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .canonical_rows import Expected
    from .records import Row

#: The only columns that are not compared, because this oracle knows nothing of them.
UNKNOWN_COLUMNS: Mapping[str, frozenset[str]] = {}

OWNER = "user_id source_system source_account_id"
RECORD = (
    f"{OWNER} raw_source_id raw_relation source_created_at source_updated_at synced_at deleted_at "
    "is_deleted"
)
CHOICE = "is_preferred source_rank preference_reason"
EPISODE = f"episode_id is_echo {CHOICE}"
CLOCK = "tz_iana tz_evidence local_date local_date_rule"


def times(*names: str) -> str:
    """The columns of instants."""
    return " ".join(f"{name}_at {name}_local {name}_utc_offset_min" for name in names)


@dataclass(frozen=True)
class Table:
    """A canonical table.

    Attributes:
        name: In the schema ``canonical``.
        keys: The columns of its key.
        columns: All that the oracle knows, but for lineage.
        complete: Adds what follows from the rest of a row.
        has_lineage: Whether each row says how and when it was loaded.
    """

    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    complete: Callable[[Row], Row]
    has_lineage: bool = True

    @property
    def unknown(self) -> frozenset[str]:
        """Columns that are not compared."""
        return UNKNOWN_COLUMNS.get(self.name, frozenset())

    def rows(self, expected: Iterable[Expected]) -> list[Expected]:
        """Whole rows: what a source does not tell is null."""
        empty: Row = dict.fromkeys(self.columns)
        return [
            replace(each, columns=self.complete({**empty, **_of(self.columns, each.columns)}))
            for each in expected
        ]


def _of(names: Iterable[str], row: Row) -> Row:
    """These columns of a row."""
    return {name: row[name] for name in names if name in row}


def sleep(row: Row) -> Row:
    """A sleep belongs to the local date of waking."""
    return {
        **row,
        "sleep_key": _record_key(row),
        "local_date": row["in_bed_end_local"].date(),
        "local_date_rule": "wake",
    }


def workout(row: Row) -> Row:
    """A workout belongs to the local date of its start."""
    lasted = row["end_at"] - row["start_at"]
    return {
        **row,
        "workout_key": _record_key(row),
        "local_date": row["start_local"].date(),
        "local_date_rule": "start",
        "duration_s": Decimal(lasted.days * 86_400 + lasted.seconds)
        + Decimal(lasted.microseconds).scaleb(-6),
        "activity_code": activity(row["source_system"], row["source_activity_name"]),
    }


def value(row: Row) -> Row:
    """A value has the unit of its metric."""
    metric = metrics()[row["metric_code"]]
    parts = [row["metric_code"], *([row["raw_source_part"]] if row["raw_source_part"] else [])]
    return {
        **row,
        "observation_key": _record_key(row, *parts),
        "ucum_unit": metric["ucum_unit"],
        "loinc": metric["loinc"] or None,
        "category": metric["category"],
        "is_ambiguous_owner": row["is_ambiguous_owner"] or False,
        "is_differing_duplicate": row["is_differing_duplicate"] or False,
    }


def cycle(row: Row) -> Row:
    """A cycle is one of an account."""
    return {**row, "cycle_key": _record_key(row)}


def score(row: Row) -> Row:
    """A score stands on its vendor's scale."""
    low, high = scale(row["score_code"])
    name = _record_key(row, row["score_code"])
    return {**row, "score_key": name, "scale_min": low, "scale_max": high}


def stage(row: Row) -> Row:
    """A stage is one of an account."""
    return {**row, "stage_key": _record_key(row)}


def hr_zone(row: Row) -> Row:
    """A zone is one of a scheme."""
    name = _record_key(row, row["zone_scheme"], str(row["zone_no"]))
    return {**row, "zone_key": name}


def weigh_in(row: Row) -> Row:
    """A weigh-in is a record of an account."""
    return {**row, "weigh_in_key": _record_key(row)}


def device(row: Row) -> Row:
    """A device is one of an account."""
    return {**row, "device_key": _record_key(row)}


def _record_key(row: Row, *parts: str) -> str:
    return key(row["source_system"], row["source_account_id"], row["raw_source_id"], *parts)


SLEEP_SESSIONS = Table(
    "sleep_sessions",
    ("sleep_key",),
    tuple(
        f"sleep_key {RECORD} modality device_key {times('in_bed_start', 'in_bed_end')} {CLOCK} "
        "is_nap is_main_sleep score_state in_bed_s asleep_s awake_s light_s deep_s rem_s no_data_s "
        "latency_s waso_s awakenings disturbances sleep_cycles efficiency_pct performance_pct "
        "consistency_pct respiratory_rate hr_avg hr_min hr_max snoring_s ahi need_baseline_s "
        f"need_debt_s need_strain_s need_nap_s related_cycle_id {EPISODE}".split()
    ),
    sleep,
)
WORKOUTS = Table(
    "workouts",
    ("workout_key",),
    tuple(
        f"workout_key {RECORD} modality device_key {times('start', 'end')} {CLOCK} activity_code "
        "source_activity_name score_state duration_s pause_s energy_kj distance_m elevation_gain_m "
        "elevation_change_m floors steps hr_avg hr_min hr_max strain coverage_pct "
        f"{EPISODE}".split()
    ),
    workout,
)
BIOMETRICS_VITALS = Table(
    "biometrics_vitals",
    ("observation_key",),
    tuple(
        f"observation_key {RECORD} raw_source_part modality device_key "
        f"{times('effective_start', 'effective_end')} {CLOCK} metric_code value_num value_text "
        "ucum_unit loinc statistic context body_position is_ambiguous_owner "
        f"is_differing_duplicate category {CHOICE}".split()
    ),
    value,
)
PHYSIOLOGICAL_CYCLES = Table(
    "physiological_cycles",
    ("cycle_key",),
    tuple(
        f"cycle_key {RECORD} modality {times('cycle_start', 'cycle_end')} {CLOCK} "
        "main_sleep_key is_open score_state strain energy_kj hr_avg hr_max steps".split()
    ),
    cycle,
)
SOURCE_SCORES = Table(
    "source_scores",
    ("score_key",),
    tuple(
        f"score_key {RECORD} modality {times('effective_start', 'effective_end')} {CLOCK} "
        "score_code value scale_min scale_max score_state is_calibrating related_sleep_key "
        "related_cycle_key related_workout_key".split()
    ),
    score,
)
SLEEP_STAGES = Table(
    "sleep_stages",
    ("stage_key",),
    tuple(
        f"stage_key sleep_key {RECORD} modality device_key stage source_stage "
        f"{times('stage_start', 'stage_end')} {CLOCK} duration_s is_of_summary_device".split()
    ),
    stage,
)
WORKOUT_HR_ZONES = Table(
    "workout_hr_zones",
    ("zone_key",),
    tuple(
        f"zone_key workout_key {RECORD} modality zone_scheme zone_no duration_s lower_bound_bpm "
        "upper_bound_bpm lower_bound_pct upper_bound_pct local_date local_date_rule".split()
    ),
    hr_zone,
)
BODY_MEASUREMENTS = Table(
    "body_measurements",
    ("weigh_in_key",),
    tuple(
        f"weigh_in_key {RECORD} modality device_key {times('measured')} {CLOCK} is_ambiguous_owner "
        "has_differing_values weight_kg fat_mass_kg fat_free_mass_kg body_fat_pct muscle_mass_kg "
        "water_mass_kg extracellular_water_kg intracellular_water_kg bone_mass_kg visceral_fat "
        "height_m basal_metabolic_rate_kcal metabolic_age_years heart_rate "
        "pulse_wave_velocity_m_s vascular_age_years bmi_height_m bmi".split()
    ),
    weigh_in,
)
DEVICE = Table(
    "device",
    ("device_key",),
    tuple(
        f"device_key {RECORD} manufacturer device_model device_type firmware battery first_seen_at "
        "last_seen_at".split()
    ),
    device,
)
USER_IDENTITY = Table(
    "user_identity",
    ("user_id",),
    tuple(
        f"{RECORD} modality display_name first_name last_name email default_utc_offset_min "
        "default_tz_iana".split()
    ),
    dict,
)
SOURCE_ACCOUNT = Table(
    "source_account",
    ("source_account_key",),
    tuple(f"source_account_key {RECORD} account_alias owner_evidence".split()),
    dict,
)
USER_TIMEZONE_HISTORY = Table(
    "user_timezone_history",
    ("user_id", "valid_from"),
    ("user_id", "valid_from", "valid_to", "tz_iana", "utc_offset_min", "evidence"),
    dict,
    has_lineage=False,
)
TABLES = (
    SLEEP_SESSIONS,
    WORKOUTS,
    BIOMETRICS_VITALS,
    PHYSIOLOGICAL_CYCLES,
    SOURCE_SCORES,
    SLEEP_STAGES,
    WORKOUT_HR_ZONES,
    BODY_MEASUREMENTS,
    DEVICE,
    SOURCE_ACCOUNT,
    USER_IDENTITY,
    USER_TIMEZONE_HISTORY,
)
