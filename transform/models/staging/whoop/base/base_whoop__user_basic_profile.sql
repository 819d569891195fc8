{{ fill_source('whoop_raw', 'user_basic_profile') }}
