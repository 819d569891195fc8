-- The vendor does not tell naps from nights: the longest sleep of a date is the main one, among
-- those that are not deleted and can be true.
{% set measures = [
    'in_bed_s', 'asleep_s', 'awake_s', 'light_s', 'deep_s', 'rem_s', 'latency_s', 'waso_s',
    'awakenings', 'efficiency_pct', 'respiratory_rate', 'hr_avg', 'hr_min', 'hr_max', 'snoring_s', 'ahi'
] -%}

with sleeps as (
    select
        *,
        cast({{ to_local('in_bed_end_at', 'in_bed_end_utc_offset_min') }} as date) as local_date,
        deleted_at is null and {{ sleep_reject_rule() }} is null as is_counted
    from {{ ref('stg_withings__sleep_summaries') }}
)

select
    {{ lineage_columns() }},
    modality,
    source_device_id,
    in_bed_start_at,
    in_bed_start_utc_offset_min,
    in_bed_end_at,
    in_bed_end_utc_offset_min,
    tz_iana,
    tz_evidence,
    local_date,
    source_date,
    score_state,
    {% for measure in measures -%}
    {{ measure }},
    {% endfor -%}
    row_number() over (
        partition by source_account_id, local_date
        order by
            case when is_counted then 0 else 1 end asc,
            {{ seconds_between('in_bed_start_at', 'in_bed_end_at') }} desc nulls last,
            in_bed_end_at desc,
            raw_source_id asc
    ) = 1
    and in_bed_end_at is not null
    and is_counted as is_main_sleep
from sleeps
