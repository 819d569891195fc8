"""Dashboards for Grafana: one module for each, and what they share.

`python -m health_dashboards.grafana` writes the JSON that Grafana reads. It needs the extra
`grafana` and Python 3.11; who only looks at the dashboards needs neither.
"""
