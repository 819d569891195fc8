{{ union_inputs([ref('int_withings__devices')]) }}
