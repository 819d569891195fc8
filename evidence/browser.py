"""Tells tests that play a browser from taps: a browser visits an address with a code in it."""

from __future__ import annotations

import logging


def ignore_visits() -> None:
    """From now on, drop what `requests` logs when it is sent back to a tap after a login.

    The address is the vendor's doing (RFC 6749, section 4.1.2), and a real browser logs nothing
    into our process. Taps serve this path and never ask for it; what they log of it is kept.
    """
    logging.getLogger("urllib3.connectionpool").addFilter(
        lambda record: '"GET /callback?' not in record.getMessage()
    )
