-- The user's own table: made once, empty, and never written to.
{{ config(
    materialized='incremental', incremental_strategy='append', full_refresh=false,
    on_schema_change='append_new_columns'
) }}

select
    cast(null as {{ dbt.type_string() }}) as source_system,
    cast(null as {{ dbt.type_string() }}) as source_account_id,
    cast(null as {{ dbt.type_string() }}) as user_id
where false
