{#
    Whether a window covers a record's own time with a day to spare at both edges: a record that
    was moved by less than a day across an edge is not missing. Unknown for a record without an end.
    In hours: a day is as long as the session's zone has it.
#}
{% macro window_covers(sync_window, record) -%}
    {{ sync_window }}.window_start_at <= {{ dbt.dateadd('hour', -24, record ~ '.start_at') }}
    and {{ sync_window }}.window_end_at >= {{ dbt.dateadd('hour', 24, record ~ '.end_at') }}
{%- endmacro %}
