{{ fill_source('withings_raw', 'devices') }}
