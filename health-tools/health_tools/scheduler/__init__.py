"""One process that runs the project's schedules: `health-scheduler sync reconcile`."""
