{#
    The user's home zones, from the environment variable HEALTH_HOME_ZONES.

    Entries are separated by semicolons: `[user id] [date] zone`. The user id is that of
    the person or of an account (`withings:24817305`). An entry without one holds for
    everybody, one without a date since ever:
    `2019-01-01 Europe/Berlin; 2023-05-01 America/New_York; withings:24817305 Asia/Kolkata`
#}
{% macro home_zone_entries() -%}
    {%- set entries = [] -%}
    {%- set scopes = [] -%}
    {%- for text in env_var('HEALTH_HOME_ZONES', '').split(';') if text.strip() -%}
        {%- set found = modules.re.fullmatch(
            '(?:(?!\\d{4}-\\d{2}-\\d{2}\\s)(\\S+)\\s+)?(?:(\\d{4}-\\d{2}-\\d{2})\\s+)?'
            ~ '([A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)',
            text.strip()
        ) -%}
        {%- if not found -%}
            {{ home_zones_error(text, 'it is not [user id] [yyyy-mm-dd] zone') }}
        {%- endif -%}
        {%- set entry = {'user_id': found.group(1), 'date': found.group(2), 'tz_iana': found.group(3)} -%}
        {%- if entry.date and not is_calendar_date(entry.date) -%}
            {{ home_zones_error(text, 'there is no such date') }}
        {%- endif -%}
        {%- if (entry.user_id, entry.date) in scopes -%}
            {{ home_zones_error(text, 'the same user and date have another zone already') }}
        {%- endif -%}
        {%- do scopes.append((entry.user_id, entry.date)) -%}
        {%- do entries.append(entry) -%}
    {%- endfor -%}
    {{ return(entries) }}
{%- endmacro %}

{% macro home_zones_error(text, reason) -%}
    {{ exceptions.raise_compiler_error(
        "HEALTH_HOME_ZONES has '" ~ text.strip() ~ "': " ~ reason ~ ". For example: Europe/Berlin, or "
        ~ "2019-01-01 Europe/Berlin; 2023-05-01 America/New_York; withings:24817305 Asia/Kolkata"
    ) }}
{%- endmacro %}

{% macro is_calendar_date(text) -%}
    {%- set year, month, day = text.split('-') | map('int') -%}
    {%- set days = 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31 -%}
    {%- set leap_day = month == 2 and day == 29 and year % 4 == 0 and (year % 100 or year % 400 == 0) -%}
    {{ return(year > 0 and 0 < month <= 12 and (0 < day <= days or leap_day)) }}
{%- endmacro %}

{# The entries as a query: user_id (null for everybody), local_date (null for ever), tz_iana. #}
{% macro home_zones() -%}
    {%- set entries = home_zone_entries() -%}
    {%- for entry in entries or [{}] -%}
        select
            cast({{ dbt.string_literal(entry.user_id) if entry.user_id else 'null' }} as {{ dbt.type_string() }}) as user_id,
            cast({{ dbt.string_literal(entry.date) if entry.date else 'null' }} as date) as local_date,
            cast({{ dbt.string_literal(entry.tz_iana) if entry.tz_iana else 'null' }} as {{ dbt.type_string() }}) as tz_iana
        {% if not entries %}where false{% elif not loop.last %}union all{% endif %}
    {% endfor -%}
{%- endmacro %}

{# Says which zones the database does not know: of a failed test dbt tells only that it failed. #}
{% macro print_unknown_home_zones() -%}
    {%- set names = home_zone_entries() | map(attribute='tz_iana') | list -%}
    {%- if execute and names -%}
        {%- set known = run_query(time_zone_names()).columns[0].values() -%}
        {%- for name in names if name not in known -%}
            {%- do print("HEALTH_HOME_ZONES: the database knows no zone '" ~ name ~ "'") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
