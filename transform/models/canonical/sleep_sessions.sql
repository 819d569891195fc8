{{ config(**replaced_by_record()) }}

with sleeps as (
    select * from {{ ref('input__sleep_sessions') }}
),

episodes as (
    select * from {{ ref('int_sleep__episodes') }}
),

keyed as (
    select
        {{ surrogate_key(['source_system', 'source_account_id', 'raw_source_id']) }} as sleep_key,
        {{ canonical_lineage() }},
        modality,
        case
            when source_device_id is not null
                then {{ surrogate_key([
                    'source_system', 'source_account_id', 'source_device_id'
                ]) }}
        end as device_key,
        in_bed_start_at,
        {{ to_local('in_bed_start_at', 'in_bed_start_utc_offset_min') }} as in_bed_start_local,
        in_bed_start_utc_offset_min,
        in_bed_end_at,
        {{ to_local('in_bed_end_at', 'in_bed_end_utc_offset_min') }} as in_bed_end_local,
        in_bed_end_utc_offset_min,
        tz_iana,
        tz_evidence,
        cast({{ to_local('in_bed_end_at', 'in_bed_end_utc_offset_min') }} as date) as local_date,
        'wake' as local_date_rule,
        is_nap,
        is_main_sleep,
        score_state,
        in_bed_s,
        asleep_s,
        awake_s,
        light_s,
        deep_s,
        rem_s,
        no_data_s,
        latency_s,
        waso_s,
        awakenings,
        disturbances,
        sleep_cycles,
        efficiency_pct,
        performance_pct,
        consistency_pct,
        respiratory_rate,
        hr_avg,
        hr_min,
        hr_max,
        snoring_s,
        ahi,
        need_baseline_s,
        need_debt_s,
        need_strain_s,
        need_nap_s,
        related_cycle_id
    from sleeps
)

select
    keyed.*,
    {{ preference_columns('episodes', 'keyed', sleep_reject_rule('keyed')) }}
from keyed
left join episodes
    on keyed.sleep_key = episodes.session_key
where {{ is_of_changed_record('keyed') }}
