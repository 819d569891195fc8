{{ union_inputs([
    ref('int_whoop__cycles'),
], ref('source_account')) }}
