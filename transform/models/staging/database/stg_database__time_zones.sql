{{ config(materialized='table') }}

{{ time_zone_names() }}
