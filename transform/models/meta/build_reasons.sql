-- Asked after each sync, so it looks at what was read since the last build, and at little else.
{{ config(materialized='view') }}

with sync_windows as (
    select
        asked.*,
        seen.landed_rows as landed_rows,
        seen.window_id is null as is_new
    from {{ ref('int_sync__windows') }} as asked
    left join {{ ref('int_sync__landed_claims') }} as seen
        on asked.window_id = seen.window_id
),

answers as (
    select * from sync_windows
    where is_new and status = 'complete'
),

records as (
    select *
    from {{ ref('int_sync__records') }} as loaded
    where
        synced_at >= (select min(answers.synced_at) from answers)
        and exists (
            select 1
            from answers
            where
                answers.source_system = loaded.source_system
                and answers.synced_at <= loaded.synced_at
        )
),

unseen as (
    select
        source_system,
        source_account_id,
        stream,
        min(synced_at) as synced_at
    from answers
    group by source_system, source_account_id, stream
),

versions as (
    select
        entries.raw_relation as raw_relation,
        entries.source_account_id as source_account_id,
        entries.raw_source_id as raw_source_id,
        entries.record_hash as record_hash,
        entries.valid_from as valid_from,
        row_number() over (
            partition by entries.raw_relation, entries.source_account_id, entries.raw_source_id
            order by entries.valid_from desc
        ) as recency_rank
    from {{ ref('record_version_log') }} as entries
    inner join records
        on
            entries.raw_relation = records.raw_relation
            and entries.source_account_id = records.source_account_id
            and entries.raw_source_id = records.raw_source_id
),

deletions as (
    select
        raw_relation,
        source_account_id,
        raw_source_id,
        max(deleted_at) as deleted_at
    from {{ ref('deleted_records') }}
    group by raw_relation, source_account_id, raw_source_id
),

changed as (
    select
        records.source_system as source_system,
        records.stream as stream
    from records
    left join versions
        on
            records.raw_relation = versions.raw_relation
            and records.source_account_id = versions.source_account_id
            and records.raw_source_id = versions.raw_source_id
            and versions.recency_rank = 1
    left join unseen
        on
            records.source_system = unseen.source_system
            and records.source_account_id = unseen.source_account_id
            and records.stream = unseen.stream
    left join deletions
        on
            records.raw_relation = deletions.raw_relation
            and records.source_account_id = deletions.source_account_id
            and records.raw_source_id = deletions.raw_source_id
    where
        {{ has_versions('records') }}
        and (
            versions.raw_source_id is null
            or versions.record_hash <> records.record_hash
            or versions.valid_from < deletions.deleted_at
            -- Entered by a build that had not seen its window: it came while that was at work.
            or versions.valid_from >= coalesce(unseen.synced_at, records.synced_at)
        )
),

-- A record that a window should have had. What one empty answer has said, more of them say, too.
missing as (
    select
        answers.source_system as source_system,
        answers.stream as stream
    from answers
    inner join {{ ref('int_sync__record_times') }} as records
        on
            answers.source_system = records.source_system
            and answers.source_account_id = records.source_account_id
            and answers.stream = records.stream
            and answers.synced_at > records.synced_at
            and {{ window_covers('answers', 'records') }}
    where
        answers.basis = 'activity_time'
        and not exists (
            select 1
            from {{ ref('int_sync__missing_records') }} as known
            where
                known.raw_relation = records.raw_relation
                and known.source_account_id = records.source_account_id
                and known.raw_source_id = records.raw_source_id
                and known.record_synced_at = records.synced_at
                and (not known.is_empty_answer or answers.distinct_keys = 0)
        )
),

-- A part that went after its whole.
missing_parts as (
    select
        answers.source_system as source_system,
        answers.stream as stream
    from answers
    inner join {{ ref('int_sync__record_parts') }} as parts
        on
            answers.source_system = parts.source_system
            and answers.source_account_id = parts.source_account_id
            and answers.stream = parts.stream
            and answers.synced_at > parts.synced_at
    inner join deletions as wholes
        on
            parts.whole_relation = wholes.raw_relation
            and parts.source_account_id = wholes.source_account_id
            and parts.whole_source_id = wholes.raw_source_id
    inner join {{ ref('int_sync__record_times') }} as records
        on
            parts.whole_relation = records.raw_relation
            and parts.source_account_id = records.source_account_id
            and parts.whole_source_id = records.raw_source_id
            and {{ window_covers('answers', 'records') }}
    left join deletions as gone
        on
            parts.raw_relation = gone.raw_relation
            and parts.source_account_id = gone.source_account_id
            and parts.raw_source_id = gone.raw_source_id
    where
        answers.basis = 'activity_time'
        and records.synced_at < wholes.deleted_at
        and (gone.raw_source_id is null or gone.deleted_at <= parts.synced_at)
),

held as (
    select
        source_system,
        source_account_id,
        stream,
        sum(records) as records
    from {{ ref('held_deletions') }}
    group by source_system, source_account_id, stream
),

-- Some of what was held back is there again: the rest may be few enough.
held_otherwise as (
    select
        states.source_system as source_system,
        states.stream as stream
    from {{ ref('int_sync__stream_states') }} as states
    left join held
        on
            states.source_system = held.source_system
            and states.source_account_id = held.source_account_id
            and states.stream = held.stream
    where states.held_deletions <> coalesce(held.records, 0)
),

unlanded as (
    select
        answers.source_system as source_system,
        answers.stream as stream
    from answers
    left join records
        on
            answers.source_system = records.source_system
            and answers.source_account_id = records.source_account_id
            and answers.stream = records.stream
            and answers.synced_at <= records.synced_at
    where answers.source_account_id is not null
    group by answers.window_id, answers.source_system, answers.stream, answers.distinct_keys
    having count(records.raw_source_id) < answers.distinct_keys
),

-- A loader writes what was claimed before the rows: these came after a build had seen their claim.
landed_since as (
    select
        claims.source_system as source_system,
        claims.stream as stream
    from sync_windows as claims
    where
        claims.status = 'complete'
        and claims.source_account_id is not null
        -- Counted only where it was too few.
        and case
            when claims.landed_rows < claims.distinct_keys
                then claims.distinct_keys <= (
                    select count(*)
                    from {{ ref('int_sync__records') }} as loaded
                    where
                        loaded.source_system = claims.source_system
                        and loaded.source_account_id = claims.source_account_id
                        and loaded.stream = claims.stream
                        and loaded.synced_at >= claims.synced_at
                )
            else false
        end
),

-- What could not be read before, or was not asked for. A failure may have come before the account was known.
recovered as (
    select
        answers.source_system as source_system,
        answers.stream as stream
    from answers
    left join {{ ref('int_sync__stream_states') }} as states
        on
            answers.source_system = states.source_system
            and answers.stream = states.stream
            and (
                answers.source_account_id = states.source_account_id
                or states.source_account_id = 'unknown' and answers.account_alias = states.account_alias
            )
    where coalesce(states.last_status, '') <> 'complete'
),

asked_days as (
    select
        *,
        min(day_start_at) over (partition by source_system, source_account_id, stream) as asked_from
    from {{ ref('int_sync__asked_days') }}
),

-- Whole days that were not known in full, or earlier ones.
learnt as (
    select
        answers.source_system as source_system,
        answers.stream as stream
    from answers
    inner join asked_days
        on
            answers.source_system = asked_days.source_system
            and answers.source_account_id = asked_days.source_account_id
            and answers.stream = asked_days.stream
    where
        answers.basis = 'activity_time'
        and (
            answers.window_start_at <= {{ dbt.dateadd('hour', -24, 'asked_days.asked_from') }}
            or (
                asked_days.is_over
                and not asked_days.is_proven
                and answers.window_start_at <= asked_days.day_start_at
                and answers.window_end_at >= asked_days.day_end_at
            )
        )
    group by answers.window_id, answers.source_system, answers.stream
),

newest as (
    select
        source_system,
        source_account_id,
        max(synced_at) as synced_at
    from answers
    group by source_system, source_account_id
),

newest_answers as (
    select
        source_system,
        max(synced_at) as newest_at
    from answers
    group by source_system
),

-- What was dated later than the newest answer, by a clock that was wrong, tells nothing of its age.
ages as (
    select
        newest_answers.source_system as source_system,
        newest_answers.newest_at as newest_at,
        max(built.synced_at) as built_at
    from newest_answers
    left join sync_windows as built
        on
            newest_answers.source_system = built.source_system
            and not built.is_new
            and built.status = 'complete'
            and newest_answers.newest_at >= built.synced_at
    group by newest_answers.source_system, newest_answers.newest_at
),

wishes as (
    select
        preference_key as input_key,
        cast(max(repeats) as {{ dbt.type_string() }}) as input_version
    from {{ ref('int_changes__preferences') }}
    group by preference_key
),

granted as (
    select
        input_key,
        max(input_version) as input_version
    from {{ ref('built_inputs') }}
    where kind = 'preference'
    group by input_key
),

found as (
    select
        'record_changed' as reason,
        source_system,
        stream
    from changed
    union all
    select
        'record_missing' as reason,
        source_system,
        stream
    from missing
    union all
    select
        'record_missing' as reason,
        source_system,
        stream
    from missing_parts
    union all
    select
        'deletions_held' as reason,
        source_system,
        stream
    from held_otherwise
    union all
    select
        'rows_missing' as reason,
        source_system,
        stream
    from unlanded
    union all
    select
        'rows_landed' as reason,
        source_system,
        stream
    from landed_since
    union all
    select
        'failed' as reason,
        source_system,
        stream
    from sync_windows
    where is_new and status = 'failed'
    union all
    select
        'recovered' as reason,
        source_system,
        stream
    from recovered
    union all
    select
        'days_learnt' as reason,
        source_system,
        stream
    from learnt
    union all
    select
        'day_over' as reason,
        local_days.source_system as source_system,
        null as stream
    from {{ ref('int_sync__local_days') }} as local_days
    inner join newest
        on
            local_days.source_system = newest.source_system
            and local_days.source_account_id = newest.source_account_id
            and local_days.day_end_at <= newest.synced_at
    where not local_days.is_over
    union all
    -- By the answers alone: so it is the vendor's time.
    select
        'hour_passed' as reason,
        source_system,
        null as stream
    from ages
    where
        built_at is null
        or newest_at >= {{ dbt.dateadd('hour', 1, 'built_at') }}
    union all
    select
        'read_meanwhile' as reason,
        null as source_system,
        null as stream
    from {{ ref('last_build') }}
    where begun_windows < seen_windows
    union all
    select
        'raw_columns' as reason,
        null as source_system,
        null as stream
    from {{ ref('int_changes__raw_columns') }} as raw_columns
    cross join {{ ref('last_build') }} as last_build
    where raw_columns.raw_columns <> coalesce(last_build.raw_columns, 0)
    union all
    select
        'no_sync_log' as reason,
        source_system,
        null as stream
    from {{ ref('source_account') }} as read_accounts
    where
        not exists (
            select 1
            from sync_windows
            where sync_windows.source_system = read_accounts.source_system
        )
    union all
    select
        'preferences' as reason,
        null as source_system,
        null as stream
    from wishes
    full outer join granted
        on wishes.input_key = granted.input_key
    where
        wishes.input_key is null
        or granted.input_key is null
        or wishes.input_version <> granted.input_version
    union all
    select
        'owners' as reason,
        read_accounts.source_system as source_system,
        null as stream
    from {{ ref('source_account') }} as read_accounts
    left join {{ ref('account_owners') }} as owners
        on
            read_accounts.source_system = owners.source_system
            and read_accounts.source_account_id = owners.source_account_id
    where
        coalesce(owners.user_id, '')
        <> case when read_accounts.owner_evidence = 'account_owners' then read_accounts.user_id else '' end
    union all
    select
        'owners' as reason,
        answers.source_system as source_system,
        null as stream
    from answers
    inner join {{ ref('int_sync__stream_states') }} as states
        on
            answers.source_system = states.source_system
            and answers.source_account_id = states.source_account_id
            and answers.stream = states.stream
    where answers.account_alias <> states.account_alias
)

select
    cast(reason as {{ dbt.type_string() }}) as reason,
    cast(source_system as {{ dbt.type_string() }}) as source_system,
    cast(stream as {{ dbt.type_string() }}) as stream,
    count(*) as occurrences
from found
group by reason, source_system, stream
