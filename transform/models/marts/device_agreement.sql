-- How far two devices of a person agree, after Bland and Altman: the mean of their differences, and the
-- limits between which 95 % of them lie.
with readings as (
    select * from {{ ref('int_agreement__readings') }}
),

devices as (
    select
        device_key,
        device_model
    from {{ ref('device') }}
),

pairs as (
    select
        first_readings.user_id as user_id,
        first_readings.compared_by as compared_by,
        first_readings.metric as metric,
        first_readings.ucum_unit as ucum_unit,
        first_readings.source_system as source_a,
        first_readings.contributor_key as contributor_a,
        second_readings.source_system as source_b,
        second_readings.contributor_key as contributor_b,
        first_readings.reading as reading_a,
        second_readings.reading as reading_b,
        first_readings.reading - second_readings.reading as difference
    from readings as first_readings
    inner join readings as second_readings
        on
            first_readings.user_id = second_readings.user_id
            and first_readings.compared_by = second_readings.compared_by
            and first_readings.metric = second_readings.metric
            and first_readings.occasion = second_readings.occasion
            and (
                first_readings.source_system < second_readings.source_system
                or (
                    first_readings.source_system = second_readings.source_system
                    and first_readings.contributor_key < second_readings.contributor_key
                )
            )
),

-- Square roots are floats: six decimals of them are the same everywhere.
measured as (
    select
        user_id,
        compared_by,
        metric,
        ucum_unit,
        source_a,
        contributor_a,
        source_b,
        contributor_b,
        count(*) as pairs,
        {{ rounded_quotient('sum(reading_a)', 'count(*)', 3) }} as mean_a,
        {{ rounded_quotient('sum(reading_b)', 'count(*)', 3) }} as mean_b,
        {{ rounded_quotient('sum(difference)', 'count(*)', 3) }} as bias,
        {{ rounded('cast(stddev_samp(difference) as decimal(18, 6))', 3) }} as sd,
        case
            when min(reading_a) < max(reading_a) and min(reading_b) < max(reading_b)
                then {{ rounded('cast(corr(reading_a, reading_b) as decimal(18, 6))', 3) }}
        end as pearson_r
    from pairs
    group by
        user_id, compared_by, metric, ucum_unit, source_a, contributor_a, source_b, contributor_b
)

select
    measured.user_id as user_id,
    measured.compared_by as compared_by,
    measured.metric as metric,
    measured.ucum_unit as ucum_unit,
    measured.source_a as source_a,
    measured.contributor_a as contributor_a,
    devices_a.device_model as device_model_a,
    measured.source_b as source_b,
    measured.contributor_b as contributor_b,
    devices_b.device_model as device_model_b,
    cast(measured.pairs as integer) as pairs,
    measured.mean_a as mean_a,
    measured.mean_b as mean_b,
    measured.bias as bias,
    measured.sd as sd,
    {{ rounded('measured.bias - 1.96 * measured.sd', 3) }} as lower_limit,
    {{ rounded('measured.bias + 1.96 * measured.sd', 3) }} as upper_limit,
    measured.pearson_r as pearson_r
from measured
left join devices as devices_a
    on measured.contributor_a = devices_a.device_key
left join devices as devices_b
    on measured.contributor_b = devices_b.device_key
