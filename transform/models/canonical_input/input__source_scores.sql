{{ union_inputs([
    ref('int_whoop__scores'),
    ref('int_withings__scores'),
], ref('source_account')) }}
