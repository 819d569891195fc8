{{ fill_source('withings_raw', 'goals') }}
