{{ stage_sync_windows('withings', ref('base_withings__sync_windows')) }}
