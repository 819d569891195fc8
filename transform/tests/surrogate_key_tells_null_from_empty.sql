-- Null, the empty text and a shifted part make three different keys.
with keys as (
    select
        {{ surrogate_key(["'a'", "null"]) }} as with_null,
        {{ surrogate_key(["'a'", "''"]) }} as with_empty,
        {{ surrogate_key(["null", "'a'"]) }} as shifted
)

select *
from keys
where with_null = with_empty or with_null = shifted or with_empty = shifted
