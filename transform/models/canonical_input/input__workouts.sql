{{ union_inputs([
    ref('stg_whoop__workouts'),
    ref('stg_withings__workouts'),
], ref('source_account')) }}
