with measure_groups as (
    {{ mark_deleted(
        ref('base_withings__measure_groups'), 'withings_raw.measure_groups', 'records.grpid'
    ) }}
),

codes as not materialized (
    select * from {{ ref('withings_code') }}
)

select
    {{ source_lineage(
        'withings', 'measure_groups', 'measure_groups.grpid', created_at='measure_groups.created',
        updated_at='measure_groups.modified', relation_alias='measure_groups',
        deleted_at='measure_groups.deleted_at'
    ) }},
    measure_groups.grpid as grpid,
    {{ to_utc('measure_groups.date') }} as measured_at,
    measure_groups.timezone as account_tz_iana,
    measure_groups.attrib as attrib,
    attribs.label as attrib_label,
    coalesce(measure_groups.attrib = 1, false) as is_ambiguous_owner,
    measure_groups.category as category,
    categories.label as category_label,
    coalesce(measure_groups.category = 2, false) as is_goal,
    coalesce(attribs.modality, device_models.modality, 'sensed') as modality,
    {{ withings_device_id('measure_groups') }} as source_device_id,
    measure_groups.model as device_model,
    measure_groups.model_id as device_model_id,
    measure_groups.comment as group_comment,
    measure_groups.measures as measures_json
from measure_groups
left join codes as attribs
    on attribs.kind = 'attrib' and measure_groups.attrib = attribs.code
left join codes as categories
    on categories.kind = 'category' and measure_groups.category = categories.code
left join codes as device_models
    on device_models.kind = 'device_model' and measure_groups.model_id = device_models.code
