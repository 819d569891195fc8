-- What the user prefers, then what is preferred by default. The more is said, the more it counts: of
-- the person before of everybody, of the metric before of its category.
with own as (
    select * from {{ ref('source_preferences') }}
),

defaults as (
    select * from {{ ref('default_source_preferences') }}
)

select
    user_id,
    category,
    metric_code,
    source_system,
    device_type,
    valid_from,
    valid_to,
    1000000 * case
        when user_id is not null and metric_code is not null then 1
        when user_id is not null and category is not null then 2
        when user_id is not null then 3
        when metric_code is not null then 4
        when category is not null then 5
        else 6
    end + priority as preference_rank
from own
union all
select
    cast(null as {{ dbt.type_string() }}) as user_id,
    category,
    metric_code,
    source_system,
    cast(null as {{ dbt.type_string() }}) as device_type,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    {{ default_preference_rank() }} + priority as preference_rank
from defaults
