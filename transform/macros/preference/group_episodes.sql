{#
    Sessions of one person that tell of the same time, as episodes, and the sources ranked in each.

    `sessions` names a CTE with one row per session that counts and has both ends: session_key, user_id,
    source_system, source_account_id, device_key, device_type, modality, score_state, start_at, end_at,
    local_date, updated_at. Two belong together when they overlap by more than nothing, and by at least
    `min_overlap` of the shorter one.
#}
{% macro group_episodes(sessions, category, min_overlap=0) -%}
    measured as (
        select
            *,
            {{ dbt.concat([
                'source_system', "'|'", 'source_account_id', "'|'", "coalesce(device_key, '')"
            ]) }} as contributor,
            {{ seconds_between('start_at', 'end_at') }} as lasted_s
        from {{ sessions }}
    ),

    reached as (
        select
            *,
            max(end_at) over (
                partition by user_id
                order by start_at, end_at, session_key
                rows between unbounded preceding and current row
            ) as latest_end_at
        from measured
    ),

    -- Of those with the same latest end, the first is the one that ends then.
    spanned as (
        select
            *,
            min(start_at) over (partition by user_id, latest_end_at) as latest_start_at
        from reached
    ),

    -- The session that ends last among those before.
    preceded as (
        select
            *,
            lag(latest_start_at) over (
                partition by user_id
                order by start_at, end_at, session_key
            ) as last_start_at,
            lag(latest_end_at) over (
                partition by user_id
                order by start_at, end_at, session_key
            ) as last_end_at
        from spanned
    ),

    overlapped as (
        select
            *,
            {{ seconds_between('last_start_at', 'last_end_at') }} as last_s,
            {{ seconds_between('start_at', 'least(end_at, last_end_at)') }} as overlap_s
        from preceded
    ),

    marked as (
        select
            *,
            case
                when
                    last_end_at is not null
                    and overlap_s > 0
                    and overlap_s >= {{ min_overlap }} * least(lasted_s, last_s)
                    then 0
                else 1
            end as is_first
        from overlapped
    ),

    numbered as (
        select
            *,
            sum(is_first) over (
                partition by user_id
                order by start_at, end_at, session_key
                rows between unbounded preceding and current row
            ) as episode_no
        from marked
    ),

    members as (
        select
            *,
            max(case when is_first = 1 then session_key end) over (
                partition by user_id, episode_no
            ) as first_key,
            max(local_date) over (partition by user_id, episode_no) as episode_date
        from numbered
    ),

    -- What another source passed on: it began within a minute of the original, and is as long within 2 %.
    echoes as (
        select distinct members.session_key as session_key
        from members
        inner join members as originals
            on
                members.user_id = originals.user_id
                and members.episode_no = originals.episode_no
                and members.contributor <> originals.contributor
        where
            members.modality = 'imported'
            and originals.modality <> 'imported'
            and abs({{ seconds_between('originals.start_at', 'members.start_at') }}) <= 60
            and abs(members.lasted_s - originals.lasted_s) <= 0.02 * originals.lasted_s
    ),

    judged as (
        select
            members.*,
            {{ surrogate_key(["'" ~ category ~ "'", 'members.first_key']) }} as episode_id,
            echoes.session_key is not null as is_echo
        from members
        left join echoes
            on members.session_key = echoes.session_key
    ),

    contributions as (
        select
            episode_id as group_id,
            contributor,
            user_id,
            '{{ category }}' as category,
            cast(null as {{ dbt.type_string() }}) as metric_code,
            source_system,
            max(device_type) as device_type,
            max(episode_date) as local_date,
            max(case when is_echo then 1 else 0 end) as is_second_hand,
            min(case when score_state = 'SCORED' then 0 else 1 end) as is_unscored,
            sum(lasted_s) as coverage,
            max(updated_at) as updated_at
        from judged
        group by episode_id, contributor, user_id, source_system
    ),

    {{ rank_sources('contributions', 'original') }}

    select
        judged.session_key as session_key,
        judged.episode_id as episode_id,
        judged.is_echo as is_echo,
        ranked.source_rank as source_rank,
        ranked.source_rank = 1 as is_preferred,
        ranked.preference_reason as preference_reason
    from judged
    inner join ranked
        on
            judged.episode_id = ranked.group_id
            and judged.contributor = ranked.contributor
    where {{ is_of_changed_record('judged', 'session_key') }}
{%- endmacro %}
