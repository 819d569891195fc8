{{ fill_source('withings_raw', 'heart_recordings') }}
