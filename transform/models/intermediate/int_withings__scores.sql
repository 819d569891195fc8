-- A night that is not completed, and one that came from elsewhere, have no score and no row. Zero is a score.
with sleeps as (
    select * from {{ ref('stg_withings__sleep_summaries') }}
)

select
    {{ lineage_columns() }},
    'derived' as modality,
    'withings.sleep_score' as score_code,
    sleep_score as value,
    score_state,
    raw_source_id as related_sleep_id,
    in_bed_start_at as effective_start_at,
    in_bed_start_utc_offset_min as effective_start_utc_offset_min,
    in_bed_end_at as effective_end_at,
    in_bed_end_utc_offset_min as effective_end_utc_offset_min,
    tz_iana,
    tz_evidence,
    cast({{ to_local('in_bed_end_at', 'in_bed_end_utc_offset_min') }} as date) as source_local_date,
    'wake' as source_local_date_rule
from sleeps
where sleep_score is not null
