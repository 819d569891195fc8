"""The report: what the marts say of a person, as one HTML file that needs nothing else."""
