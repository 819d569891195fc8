{#
    Until when all measures of each account have landed, as a query. What was read later may be of a group
    that has landed in part.
#}
{% macro proven_measures() -%}
    select
        source_account_id,
        max(last_synced_at) as proven_at
    from {{ ref('int_sync__proven_windows') }}
    where source_system = 'withings' and stream = 'measures'
    group by source_account_id
{%- endmacro %}
