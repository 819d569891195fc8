{#
    While a model replaces the rows of some records, it reads only what lies around them. The settings
    hold within the model's transaction; where they are empty, as for everybody else, nothing is
    left out.
#}

{# Begin to read what `int_changes__range` says, and nothing else. #}
{% macro narrow_to(range) -%}
    {%- if is_incremental() -%}
    {{ adapter.dispatch('narrow_to')(range) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__narrow_to(range) -%}
{%- endmacro %}

{% macro postgres__narrow_to(range) -%}
    do $narrow$
    begin
        perform
            set_config('health_taps.from_at', cast(from_at as text), true),
            set_config('health_taps.until_at', cast(until_at as text), true),
            set_config('health_taps.from_date', to_char(from_date, 'YYYY-MM-DD'), true),
            set_config('health_taps.until_date', to_char(until_date, 'YYYY-MM-DD'), true)
        from {{ range }};
    end
    $narrow$
{%- endmacro %}

{# Read everything again. #}
{% macro widen() -%}
    {%- if is_incremental() -%}
    {{ adapter.dispatch('widen')() }}
    {%- endif -%}
{%- endmacro %}

{% macro default__widen() -%}
{%- endmacro %}

{% macro postgres__widen() -%}
    do $widen$
    begin
        perform
            set_config('health_taps.from_at', '', true),
            set_config('health_taps.until_at', '', true),
            set_config('health_taps.from_date', '', true),
            set_config('health_taps.until_date', '', true);
    end
    $widen$
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
