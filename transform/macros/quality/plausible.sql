{# Whether a value lies outside of its range, the ends of which it may have; null where there is no range. #}
{% macro is_implausible(observed, low, high) -%}
    ({{ observed }} < {{ low }} or {{ observed }} > {{ high }})
{%- endmacro %}

{# The same as a finding: by which rule. #}
{% macro implausible_rule(observed, low) -%}
    case when {{ observed }} < {{ low }} then 'too_low' else 'too_high' end
{%- endmacro %}

{# And in words: `subject` is the list of expressions that say what was observed. #}
{% macro implausible_reason(subject, low, high) -%}
    {{ dbt.concat(subject + [
        "' is outside of '", stable_text(low, 'numeric'), "' to '", stable_text(high, 'numeric')
    ]) }}
{%- endmacro %}
