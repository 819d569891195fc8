-- Scores that a vendor gave, and gave otherwise later. What still grows while its cycle goes on is no score
-- yet.
{% set scores = [
    ('whoop.recovery', 'whoop_raw.recoveries', ['score', 'recovery_score'], none),
    ('whoop.strain', 'whoop_raw.cycles', ['score', 'strain'], ['end']),
    ('whoop.workout_strain', 'whoop_raw.workouts', ['score', 'strain'], none),
    ('whoop.sleep_performance', 'whoop_raw.sleeps', ['score', 'sleep_performance_percentage'], none),
    ('withings.sleep_score', 'withings_raw.sleep_summary', ['data', 'sleep_score'], none),
] -%}

with log as (
    select * from {{ ref('record_version_log') }}
),

-- Few records have a second version, and only these are looked into.
changed as (
    select
        raw_relation,
        source_account_id,
        raw_source_id
    from log
    group by raw_relation, source_account_id, raw_source_id
    having count(*) > 1
),

versions as (
    select
        log.raw_relation as raw_relation,
        log.source_account_id as source_account_id,
        log.raw_source_id as raw_source_id,
        log.valid_from as valid_from,
        log.record as record
    from log
    inner join changed
        on
            log.raw_relation = changed.raw_relation
            and log.source_account_id = changed.source_account_id
            and log.raw_source_id = changed.raw_source_id
),

told as (
    {% for code, relation, path, end_path in scores -%}
    select
        '{{ code }}' as score_code,
        raw_relation,
        source_account_id,
        raw_source_id,
        valid_from,
        {{ number_in_json('record', path) }} as value_num
    from versions
    where
        raw_relation = '{{ relation }}'
        {%- if end_path %}
        and {{ text_in_json('record', end_path) }} is not null
        {%- endif %}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}
),

compared as (
    select
        *,
        lag(value_num) over (
            partition by score_code, raw_relation, source_account_id, raw_source_id
            order by valid_from
        ) as previous_num
    from told
    where value_num is not null
),

scored as (
    select
        user_id,
        score_code,
        raw_relation,
        source_account_id,
        raw_source_id,
        local_date
    from {{ ref('source_scores') }}
    where
        not is_deleted
        and local_date is not null
)

select
    scored.user_id as user_id,
    compared.valid_from as changed_at,
    scored.local_date as local_date,
    compared.score_code as score_code,
    compared.raw_source_id as raw_source_id,
    compared.previous_num as previous_num,
    compared.value_num as value_num
from compared
inner join scored
    on
        compared.score_code = scored.score_code
        and compared.raw_relation = scored.raw_relation
        and compared.source_account_id = scored.source_account_id
        and compared.raw_source_id = scored.raw_source_id
where compared.value_num <> compared.previous_num
