{{ union_inputs([ref('int_whoop__vitals')]) }}
