{{ config(**replaced_by_record()) }}

with zones as (
    select
        *,
        {{ surrogate_key(['source_system', 'source_account_id', 'raw_source_id']) }} as workout_key
    from {{ ref('input__workout_hr_zones') }}
),

workouts as (
    select * from {{ ref('workouts') }}
),

final as (
    select
        {{ surrogate_key([
            'zones.source_system', 'zones.source_account_id', 'zones.raw_source_id', 'zones.zone_scheme',
            'zones.zone_no'
        ]) }} as zone_key,
        zones.workout_key as workout_key,
        {{ canonical_lineage('zones') }},
        zones.modality as modality,
        zones.zone_scheme as zone_scheme,
        zones.zone_no as zone_no,
        zones.duration_s as duration_s,
        zones.lower_bound_bpm as lower_bound_bpm,
        zones.upper_bound_bpm as upper_bound_bpm,
        zones.lower_bound_pct as lower_bound_pct,
        zones.upper_bound_pct as upper_bound_pct,
        workouts.local_date as local_date,
        workouts.local_date_rule as local_date_rule
    from zones
    left join workouts
        on zones.workout_key = workouts.workout_key
    where {{ is_of_changed_record('zones') }}
)

select * from final
