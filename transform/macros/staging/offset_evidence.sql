{# Where the offset of a row comes from: the source, or the assumption of UTC. #}
{% macro offset_evidence(offset_text) -%}
    case when {{ offset_minutes(offset_text) }} is null then 'default' else 'source_offset' end
{%- endmacro %}
