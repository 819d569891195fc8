{{ fill_source('withings_raw', 'activity') }}
