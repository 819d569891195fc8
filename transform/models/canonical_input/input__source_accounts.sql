{{ union_inputs([
    ref('int_whoop__users'),
    ref('int_withings__users'),
]) }}
