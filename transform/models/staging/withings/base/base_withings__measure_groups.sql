{{ fill_source('withings_raw', 'measure_groups') }}
