{{ union_inputs([
    ref('int_withings__devices'),
], ref('source_account')) }}
