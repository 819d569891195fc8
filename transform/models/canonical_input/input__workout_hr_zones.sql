{{ union_inputs([
    ref('int_whoop__workout_hr_zones'),
    ref('int_withings__workout_hr_zones'),
], ref('source_account')) }}
