{#
    What a session has of its episode; one that does not count, or has not both ends, is of none.
    `reject_rule` is the rule that it breaks, null where it breaks none.
#}
{% macro preference_columns(episodes, session, reject_rule) -%}
    {{ episodes }}.episode_id as episode_id,
    coalesce({{ episodes }}.is_preferred, false) as is_preferred,
    {{ episodes }}.source_rank as source_rank,
    case
        when {{ session }}.deleted_at is not null then 'deleted'
        when {{ reject_rule }} is not null then 'implausible'
        else coalesce({{ episodes }}.preference_reason, 'no_time')
    end as preference_reason,
    coalesce({{ episodes }}.is_echo, false) as is_echo
{%- endmacro %}
