-- What the user prefers, each with a key of its own. Said twice it counts twice.
select
    user_id,
    {{ surrogate_key([
        'user_id', 'category', 'metric_code', 'source_system', 'device_type', 'valid_from', 'valid_to',
        'preference_rank'
    ]) }} as preference_key,
    count(*) as repeats
from {{ ref('int_preferences') }}
group by user_id, category, metric_code, source_system, device_type, valid_from, valid_to, preference_rank
