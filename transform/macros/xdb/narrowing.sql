{#
    While a model replaces the rows of some records, it reads only what lies around them. The settings
    hold within the model's transaction; where they are empty, as for everybody else, nothing is
    left out.
#}

{# Begin to read what lies within four days of `int_changes__records`, and nothing else. #}
{% macro narrow_to_records(records) -%}
    {%- if is_incremental() -%}
    {{ adapter.dispatch('narrow_to_records')(records) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__narrow_to_records(records) -%}
{%- endmacro %}

{% macro postgres__narrow_to_records(records) -%}
    {{ _narrow(
        records,
        from_at="min(from_at) - interval '4 days'", until_at="max(until_at) + interval '4 days'",
        from_date="min(from_at) - interval '6 days'", until_date="max(until_at) + interval '6 days'"
    ) }}
{%- endmacro %}

{# Begin to read some dates, and nothing else. #}
{% macro narrow_to_days(days) -%}
    {%- if is_incremental() -%}
    {{ adapter.dispatch('narrow_to_days')(days) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__narrow_to_days(days) -%}
{%- endmacro %}

{% macro postgres__narrow_to_days(days) -%}
    {{ _narrow(days, from_date='min(from_date)', until_date='max(until_date)') }}
{%- endmacro %}

{# Of no rows there is nothing to read: what begins last and ends first. #}
{% macro _narrow(relation, from_at=none, until_at=none, from_date=none, until_date=none) -%}
    {%- set settings = {
        'from_at': (from_at, '9999-11-01'), 'until_at': (until_at, '0001-02-01'),
        'from_date': (from_date, '9999-11-01'), 'until_date': (until_date, '0001-02-01'),
    } -%}
    do $narrow$
    begin
        perform
            {%- for name, (value, nothing) in settings.items() if value %}
            set_config(
                'health_taps.{{ name }}',
                to_char(coalesce({{ value }}, '{{ nothing }}'), 'YYYY-MM-DD HH24:MI:SS.US'), true
            ){{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }};
    end
    $narrow$
{%- endmacro %}

{# Whether a stretch of UTC without a zone is to be read; one without an end always is. #}
{% macro is_in_range(from_at, until_at) -%}
    {{ adapter.dispatch('is_in_range')(from_at, until_at) }}
{%- endmacro %}

{% macro default__is_in_range(from_at, until_at) -%}
    true
{%- endmacro %}

{% macro postgres__is_in_range(from_at, until_at) -%}
    coalesce(
        {{ until_at }}
        >= (select cast(nullif(current_setting('health_taps.from_at', true), '') as timestamp)),
        true
    )
    and coalesce(
        {{ from_at }}
        <= (select cast(nullif(current_setting('health_taps.until_at', true), '') as timestamp)),
        true
    )
{%- endmacro %}

{# Whether a date is to be read. #}
{% macro is_date_in_range(local_date) -%}
    {{ adapter.dispatch('is_date_in_range')(local_date) }}
{%- endmacro %}

{% macro default__is_date_in_range(local_date) -%}
    true
{%- endmacro %}

{% macro postgres__is_date_in_range(local_date) -%}
    coalesce(
        {{ local_date }}
        between (select cast(nullif(current_setting('health_taps.from_date', true), '') as date))
        and (select cast(nullif(current_setting('health_taps.until_date', true), '') as date)),
        true
    )
{%- endmacro %}
