{#
    What is new, other or gone in `inputs`, a relation like `built_inputs`, since the last build that went
    through. Where it was and where it is now count alike.
#}
{% macro input_differences(inputs, built) -%}
    {%- set names = ['kind', 'source_system', 'source_account_id', 'user_id', 'input_key'] -%}
    select
        {% for name in names -%}
        coalesce(inputs.{{ name }}, built.{{ name }}) as {{ name }},
        {% endfor -%}
        inputs.kind is null as is_gone,
        inputs.input_version as input_version,
        inputs.from_at as from_at,
        inputs.until_at as until_at,
        case
            when inputs.kind is null then {{ since_ever('built.from_at') }}
            when built.kind is null then {{ since_ever('inputs.from_at') }}
            else least({{ since_ever('inputs.from_at') }}, {{ since_ever('built.from_at') }})
        end as touched_from_at,
        case
            when inputs.kind is null then {{ for_ever('built.until_at') }}
            when built.kind is null then {{ for_ever('inputs.until_at') }}
            else greatest({{ for_ever('inputs.until_at') }}, {{ for_ever('built.until_at') }})
        end as touched_until_at
    from {{ inputs }} as inputs
    full outer join {{ built }} as built
        on {{ is_same_input('inputs', 'built') }}
    where
        inputs.kind is null
        or built.kind is null
        or inputs.input_version is distinct from built.input_version
        or inputs.from_at is distinct from built.from_at
        or inputs.until_at is distinct from built.until_at
{%- endmacro %}

{# A time that may be unknown: then it is before and after all others. #}
{% macro since_ever(from_at) -%}
    coalesce({{ from_at }}, cast('0001-02-01' as timestamp))
{%- endmacro %}

{% macro for_ever(until_at) -%}
    coalesce({{ until_at }}, cast('9999-11-01' as timestamp))
{%- endmacro %}
