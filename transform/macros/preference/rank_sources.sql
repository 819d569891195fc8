{#
    Which source comes first in each group of sources that tell of the same thing, and why.

    `contributions` names a CTE with one row per group and source:
    group_id, contributor (names the source, for the last resort), user_id, category, metric_code,
    source_system, device_type, local_date (for the preferences), is_second_hand, is_unscored (0 or 1),
    coverage, updated_at. `second_hand_reason` says why what is not second-hand comes first.
#}
{% macro rank_sources(contributions, second_hand_reason) -%}
    preferred as (
        select
            contributions.group_id as group_id,
            contributions.contributor as contributor,
            min(preferences.preference_rank) as preference_rank
        from {{ contributions }} as contributions
        inner join {{ ref('int_preferences') }} as preferences
            on
                contributions.source_system = preferences.source_system
                and (preferences.user_id is null or contributions.user_id = preferences.user_id)
                and (preferences.category is null or contributions.category = preferences.category)
                and (preferences.metric_code is null or contributions.metric_code = preferences.metric_code)
                and (preferences.device_type is null or contributions.device_type = preferences.device_type)
                and (preferences.valid_from is null or contributions.local_date >= preferences.valid_from)
                and (preferences.valid_to is null or contributions.local_date <= preferences.valid_to)
        group by contributions.group_id, contributions.contributor
    ),

    criteria as (
        select
            contributions.group_id as group_id,
            contributions.contributor as contributor,
            contributions.is_second_hand as is_second_hand,
            contributions.is_unscored as is_unscored,
            coalesce(preferred.preference_rank, {{ unlisted_preference_rank() }}) as preference_rank,
            coalesce(contributions.coverage, 0) as coverage,
            coalesce(contributions.updated_at, {{ to_utc("cast('1900-01-01' as timestamp)") }}) as updated_at
        from {{ contributions }} as contributions
        left join preferred
            on
                contributions.group_id = preferred.group_id
                and contributions.contributor = preferred.contributor
    ),

    ordered as (
        select
            *,
            row_number() over (
                partition by group_id
                order by
                    is_second_hand asc,
                    is_unscored asc,
                    preference_rank asc,
                    coverage desc,
                    updated_at desc,
                    contributor asc
            ) as source_rank
        from criteria
    ),

    -- The first is told from the second, the others from the first.
    ranked as (
        select
            ordered.group_id as group_id,
            ordered.contributor as contributor,
            cast(ordered.source_rank as integer) as source_rank,
            case
                when rivals.group_id is null then 'only_source'
                when ordered.is_second_hand <> rivals.is_second_hand then '{{ second_hand_reason }}'
                when ordered.is_unscored <> rivals.is_unscored then 'scored'
                when
                    ordered.preference_rank <> rivals.preference_rank
                    and least(ordered.preference_rank, rivals.preference_rank) < {{ default_preference_rank() }}
                    then 'preference'
                when ordered.preference_rank <> rivals.preference_rank then 'default_preference'
                when ordered.coverage <> rivals.coverage then 'coverage'
                when ordered.updated_at <> rivals.updated_at then 'recency'
                else 'name'
            end as preference_reason
        from ordered
        left join ordered as rivals
            on
                ordered.group_id = rivals.group_id
                and rivals.source_rank = case when ordered.source_rank = 1 then 2 else 1 end
    )
{%- endmacro %}

{# From here on a rank is of the seed; a rank of the user's is smaller, that of an unlisted source greater. #}
{% macro default_preference_rank() -%} 7000000 {%- endmacro %}

{% macro unlisted_preference_rank() -%} 8000000 {%- endmacro %}
