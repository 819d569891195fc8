{{ fill_source('whoop_raw', 'sleeps') }}
