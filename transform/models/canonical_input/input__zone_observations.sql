{{ union_inputs([
    ref('int_whoop__zone_observations'),
    ref('int_withings__zone_observations'),
], ref('source_account')) }}
