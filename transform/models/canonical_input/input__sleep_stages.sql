{{ union_inputs([
    ref('stg_withings__sleep_stages'),
], ref('source_account')) }}
