{{ fill_source('withings_raw', 'sleep_stages') }}
