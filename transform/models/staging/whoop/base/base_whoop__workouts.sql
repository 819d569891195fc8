{{ fill_source('whoop_raw', 'workouts') }}
