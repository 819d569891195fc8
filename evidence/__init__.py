"""What a whole test run produced, kept in one folder, so that one test can search all of it.

`python -m pytest -p evidence.plugin --evidence=.evidence` gathers; `python -m pytest evidence`
searches. Without the plugin, tests run as if this package did not exist.
"""
