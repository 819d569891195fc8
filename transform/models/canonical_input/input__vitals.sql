{{ union_inputs([
    ref('int_whoop__vitals'),
    ref('int_withings__vitals'),
], ref('source_account')) }}
