{{ fill_source('whoop_raw', 'sync_windows') }}
