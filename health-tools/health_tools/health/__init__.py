"""Is everything synced? The commands of `meltano invoke health:...`."""
