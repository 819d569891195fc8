{{ fill_source('withings_raw', 'measures') }}
