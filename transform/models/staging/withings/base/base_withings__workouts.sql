{{ fill_source('withings_raw', 'workouts') }}
