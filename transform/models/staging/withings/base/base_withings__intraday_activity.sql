{{ fill_source('withings_raw', 'intraday_activity') }}
