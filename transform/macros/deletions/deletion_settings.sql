{# A whole number from the environment; the default where it is not set or empty. #}
{% macro whole_number_setting(variable, default) -%}
    {%- set text = env_var(variable, '').strip() or default -%}
    {%- if not modules.re.fullmatch('\\d+', text) -%}
        {{ exceptions.raise_compiler_error(variable ~ " is '" ~ text ~ "': it must be a whole number") }}
    {%- endif -%}
    {{ return(text | int) }}
{%- endmacro %}

{# So many records may go missing from a stream before somebody has to confirm it. #}
{% macro deletion_cap_records() -%}
    {{ return(whole_number_setting('HEALTH_DELETION_CAP_RECORDS', '20')) }}
{%- endmacro %}

{# The same as a share of the records of the newest window that proves it, percent. #}
{% macro deletion_cap_percent() -%}
    {{ return(whole_number_setting('HEALTH_DELETION_CAP_PERCENT', '10')) }}
{%- endmacro %}

{# Whether the user has confirmed the deletions of a stream, in HEALTH_CONFIRM_DELETIONS. #}
{% macro is_confirmed_deletion(source_system, stream) -%}
    {%- set confirmed = [] -%}
    {%- for text in env_var('HEALTH_CONFIRM_DELETIONS', '').split(',') if text.strip() -%}
        {%- if not modules.re.fullmatch('all|[a-z0-9_]+\\.[a-z0-9_]+', text.strip()) -%}
            {{ exceptions.raise_compiler_error(
                "HEALTH_CONFIRM_DELETIONS has '" ~ text.strip() ~ "': it is not vendor.stream. "
                ~ "For example: whoop.sleeps, or whoop.sleeps,withings.measure_groups, or all"
            ) }}
        {%- endif -%}
        {%- do confirmed.append(text.strip()) -%}
    {%- endfor -%}
    {%- if 'all' in confirmed -%}
        true
    {%- elif confirmed -%}
        {{ dbt.concat([source_system, "'.'", stream]) }} in ('{{ confirmed | join("', '") }}')
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
