{#
    Says in `meta.last_build` how many windows there were before a build, and that it has not passed: so one that
    was killed counts as not passed.
#}
{% macro begin_build() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set counts = [] -%}
        {%- for log in sync_logs() -%}
            {%- do counts.append('(select count(*) from ' ~ log.relation ~ ')') -%}
        {%- endfor -%}
        {{ _say_of_last_build('has_passed = false, begun_windows = ' ~ (counts | join(' + ') or '0')) }}
    {%- endif -%}
{%- endmacro %}

{# Says there that all models and tests have passed. Of what was selected it cannot be said. #}

{% macro end_build(results) -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- set said = invocation_args_dict -%}
        {%- set is_part = said.get('select') or said.get('exclude') or said.get('selector') or said.get('resource_types') -%}
        {%- set troubles = results | map(attribute='status') | map('string')
            | reject('in', ['success', 'pass', 'warn', 'no-op']) | list -%}
        {%- if results and not is_part and not troubles -%}
            {{ _say_of_last_build('has_passed = true') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro _say_of_last_build(what) -%}
    {%- set last_build = load_relation(model_relation('last_build')) -%}
    {%- if last_build and has_column(last_build, 'has_passed') -%}
        update {{ last_build }} set {{ what }}
    {%- endif -%}
{%- endmacro %}

{% macro has_column(relation, name) -%}
    {{ return(name in adapter.get_columns_in_relation(relation) | map(attribute='name')) }}
{%- endmacro %}
