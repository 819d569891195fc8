{# Whether what is read of a record has versions of its own: a measure is part of its group's record. #}
{% macro has_versions(records) -%}
    {{ records }}.raw_relation <> 'withings_raw.measures'
{%- endmacro %}
