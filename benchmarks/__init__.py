"""What health-taps costs, as ratios to what others know: see docs/performance.md."""
