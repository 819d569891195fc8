"""What health-taps shows: a report as one HTML file, and dashboards for Grafana."""
