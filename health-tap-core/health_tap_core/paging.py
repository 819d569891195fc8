"""Pages that would never end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_tap_core.errors import PageLoopError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec


class PageGuard:
    """Watches the pages of one collection: each must lead to another, and bring something new."""

    def __init__(self, what: str, *, patience: int) -> None:
        """Start before the first page.

        Args:
            what: The vendor and its collection, for the message.
            patience: Pages in a row that bring nothing new before it counts as a loop.
        """
        self._what = what
        self._patience = patience
        self._cursors: set[object] = set()
        self._seen: set[int] = set()
        self._stale = 0

    def turn(self, records: Iterable[msgspec.Raw], cursor: object) -> None:
        """Allow the next page, or do not.

        Args:
            records: Those of the page just read.
            cursor: What asks for the next page; None if there is none.

        Raises:
            PageLoopError: The cursor came before, or page after page brings nothing new.
        """
        known = len(self._seen)
        self._seen.update(hash(bytes(record)) for record in records)
        self._stale = 0 if len(self._seen) > known else self._stale + 1
        if cursor in self._cursors or self._stale >= self._patience:
            raise PageLoopError(
                f"{self._what} repeats its pages, so they would never end. "
                "The next run asks again; if this stays, report it."
            )
        self._cursors.add(cursor)
