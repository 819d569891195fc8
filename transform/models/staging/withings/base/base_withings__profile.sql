{{ fill_source('withings_raw', 'profile') }}
