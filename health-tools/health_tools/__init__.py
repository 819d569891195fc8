"""The Meltano utilities of health-taps: embedded PostgreSQL, loader entry and health checks."""
