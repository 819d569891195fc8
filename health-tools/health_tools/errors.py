"""The one error type that the commands of this package show to their user."""

import click


class HealthToolsError(click.ClickException):
    """Something the user can mend; the message says what happened and what to type next.

    A command shows it as one line on stderr and ends with exit code 1.
    """
