{# Whether what is read of a record has versions of its own: a measure is part of its group's record. #}
{% macro has_versions(relation_alias=none) -%}
    {{ relation_alias ~ '.' if relation_alias }}raw_relation <> 'withings_raw.measures'
{%- endmacro %}
