{{ fill_source('withings_raw', 'sync_windows') }}
