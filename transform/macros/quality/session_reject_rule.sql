{#
    The rule that makes a session count for nothing, null where none does. Only what cannot be true: who
    breaks one is of no episode, never preferred and in no mart. All else is a warning in `quality.rejects`.
#}
{% macro sleep_reject_rule(relation_alias=none) -%}
    {%- set of_table = relation_alias ~ '.' if relation_alias else '' -%}
    {%- set times_s = seconds_between(of_table ~ 'in_bed_start_at', of_table ~ 'in_bed_end_at') -%}
    case
        when {{ of_table }}in_bed_end_at < {{ of_table }}in_bed_start_at then 'ends_before_start'
        when {{ times_s }} > 86400 then 'too_long'
        when {{ of_table }}asleep_s > coalesce({{ of_table }}in_bed_s, {{ times_s }}) + 60
            then 'asleep_exceeds_in_bed'
    end
{%- endmacro %}

{# Races of more than a day are run, of more than two hardly. #}
{% macro workout_reject_rule(relation_alias=none) -%}
    {%- set of_table = relation_alias ~ '.' if relation_alias else '' -%}
    case
        when {{ of_table }}end_at < {{ of_table }}start_at then 'ends_before_start'
        when {{ seconds_between(of_table ~ 'start_at', of_table ~ 'end_at') }} > 172800 then 'too_long'
    end
{%- endmacro %}
