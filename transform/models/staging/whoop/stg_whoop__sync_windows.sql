{{ stage_sync_windows('whoop', ref('base_whoop__sync_windows')) }}
