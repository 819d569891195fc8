{# A code with its system; null without a code. The system is a constant. #}
{% macro fhir_coding(system, code) -%}
    case
        when {{ code }} is not null
            then {{ json_object([('system', json_constant(system)), ('code', json_string(code))]) }}
    end
{%- endmacro %}

{# A concept of the given codings, an expression each; null without any. #}
{% macro fhir_concept(codings, text=none) -%}
    {{ json_object([('coding', json_array(codings))] + ([('text', json_string(text))] if text else [])) }}
{%- endmacro %}

{#
    A number with its UCUM unit; null without a number. A unit that nobody has confirmed is left out: in
    UCUM `{unconfirmed}` would be a count of something.
#}
{% macro fhir_quantity(value, ucum_unit) -%}
    {%- set unit = "nullif(" ~ ucum_unit ~ ", '{unconfirmed}')" -%}
    case
        when {{ value }} is not null
            then {{ json_object([
                ('value', json_number(value)),
                ('unit', json_string(unit)),
                ('system', "case when " ~ unit ~ " is not null then " ~ json_constant('http://unitsofmeasure.org') ~ " end"),
                ('code', json_string(unit)),
            ]) }}
    end
{%- endmacro %}

{# A reference to a resource; null without an id. #}
{% macro fhir_reference(resource_type, id, display=none) -%}
    case
        when {{ id }} is not null
            then {{ json_object(
                [('reference', json_string(dbt.concat(["'" ~ resource_type ~ "/'", id])))]
                + ([('display', json_string(display))] if display else [])
            ) }}
    end
{%- endmacro %}

{# The person as a FHIR id: these know no colon, so it is a hash. #}
{% macro fhir_patient_id(user_id) -%}
    {{ dbt.hash(user_id) }}
{%- endmacro %}

{# One value of a panel; null without it. Its code and unit are constants. #}
{% macro fhir_component(metric_code, loinc, value, ucum_unit) -%}
    case
        when {{ value }} is not null
            then {{ json_object([
                ('code', fhir_concept([
                    fhir_coding('http://loinc.org', dbt.string_literal(loinc)),
                    fhir_coding('urn:health-taps:metric', dbt.string_literal(metric_code)),
                ])),
                ('valueQuantity', fhir_quantity(value, dbt.string_literal(ucum_unit))),
            ]) }}
    end
{%- endmacro %}

{# A remark in words; null without words. #}
{% macro fhir_note(note) -%}
    {{ json_object([('text', json_string(note))]) }}
{%- endmacro %}
