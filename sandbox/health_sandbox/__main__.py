"""``python -m health_sandbox`` is ``health-sandbox``."""

from .cli import main

main()
