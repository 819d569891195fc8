{{ fill_source('whoop_raw', 'user_body_measurement') }}
