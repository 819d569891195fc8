{{ union_inputs([
    ref('stg_whoop__sleeps'),
    ref('int_withings__sleeps'),
], ref('source_account')) }}
