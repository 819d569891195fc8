-- Nothing is dropped from canonical: this says what is not to be trusted, and why. What the vendor
-- does not have any more needs no reason.
{{ config(**replaced_by_record()) }}
{% set text = dbt.type_string() -%}
{% set of_rows = [
    ref('int_quality__row_findings'),
    ref('int_quality__value_findings'),
    ref('int_quality__session_findings'),
    ref('int_quality__sleep_findings'),
    ref('int_quality__stage_findings'),
    ref('int_quality__workout_findings'),
    ref('int_quality__zone_findings'),
] -%}

with canonical_rows as (
    select * from {{ ref('int_quality__rows') }}
),

findings as (
    {% for relation in of_rows -%}
    select
        entity,
        row_key,
        cast(null as {{ text }}) as column_name,
        cast(null as {{ text }}) as metric_code,
        rule,
        severity,
        reason
    from {{ relation }}
    union all
    {% endfor -%}
    select
        entity,
        row_key,
        column_name,
        metric_code,
        rule,
        severity,
        reason
    from {{ ref('int_quality__column_findings') }}
)

select
    {{ surrogate_key(['findings.entity', 'findings.row_key', 'findings.rule', 'findings.column_name']) }}
        as reject_key,
    findings.entity as entity,
    findings.row_key as row_key,
    findings.rule as rule,
    findings.severity as severity,
    findings.column_name as column_name,
    findings.reason as reason,
    canonical_rows.user_id as user_id,
    canonical_rows.source_system as source_system,
    canonical_rows.source_account_id as source_account_id,
    canonical_rows.raw_relation as raw_relation,
    canonical_rows.raw_source_id as raw_source_id,
    coalesce(findings.metric_code, canonical_rows.metric_code) as metric_code,
    canonical_rows.local_date as local_date
from findings
inner join canonical_rows
    on
        findings.entity = canonical_rows.entity
        and findings.row_key = canonical_rows.row_key
where {{ is_of_changed_record('canonical_rows') }}
