{#
    Says in `meta.last_build` whether all models and tests have passed. Not while a build is at work, so that one
    that was killed counts as not passed; nor when a part was selected: it may have passed by what is not in it.
#}
{% macro begin_build() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {{ _say_passed('false') }}
    {%- endif -%}
{%- endmacro %}

{% macro end_build(results) -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- set is_part = invocation_args_dict.get('select') or invocation_args_dict.get('exclude') -%}
        {%- set troubles = results | map(attribute='status') | map('string')
            | reject('in', ['success', 'pass', 'warn', 'no-op']) | list -%}
        {%- if results and not is_part and not troubles -%}
            {{ _say_passed('true') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro _say_passed(value) -%}
    {%- set last_build = load_relation(model_relation('last_build')) -%}
    {%- if last_build and 'has_passed' in adapter.get_columns_in_relation(last_build) | map(attribute='name') -%}
        update {{ last_build }} set has_passed = {{ value }}
    {%- endif -%}
{%- endmacro %}
