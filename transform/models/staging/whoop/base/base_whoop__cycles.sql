{{ fill_source('whoop_raw', 'cycles') }}
