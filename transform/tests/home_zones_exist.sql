-- Every zone of HEALTH_HOME_ZONES is one that the database knows: another one is left out.
{% do print_unknown_home_zones() -%}

with home_zones as (
    {{ home_zones() }}
)

select home_zones.tz_iana
from home_zones
left join {{ ref('stg_database__time_zones') }} as time_zones
    on home_zones.tz_iana = time_zones.tz_iana
where time_zones.tz_iana is null
