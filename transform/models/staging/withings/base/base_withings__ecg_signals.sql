{{ fill_source('withings_raw', 'ecg_signals') }}
