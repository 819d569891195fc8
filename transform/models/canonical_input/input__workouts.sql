{{ union_inputs([ref('stg_whoop__workouts')]) }}
