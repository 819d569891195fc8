{#
    Says in `meta.last_build` that all models and tests of a build have passed, when they have: until then the
    next one has a reason.
#}
{% macro note_passed_build(results) -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- set names = results | map(attribute='node.name') | list -%}
        {%- set troubles = results | map(attribute='status') | map('string')
            | reject('in', ['success', 'pass', 'warn', 'no-op']) | list -%}
        {%- if 'last_build' in names and not troubles -%}
            update {{ model_relation('last_build') }} set has_passed = true
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
