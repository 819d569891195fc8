{{ fill_source('whoop_raw', 'recoveries') }}
