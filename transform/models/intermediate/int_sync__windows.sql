-- Whatever columns the sync logs have: each source stages its own by one macro.
{% for source_system in var('raw_tables') -%}
select * from {{ ref('stg_' ~ source_system ~ '__sync_windows') }} -- noqa: AM04
{% if not loop.last %}union all{% endif %}
{% endfor %}
