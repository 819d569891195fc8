"""Pages that shift while they are read, or would never end.

Vendors page by counting records, so one that is deleted or moves while pages are read hides another
one. What takes more than one page is therefore read until two readings agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from health_tap_core.errors import PageLoopError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import msgspec

#: Readings of one collection until it counts as one that never holds still.
READINGS = 4


class HasRecords(Protocol):
    """A page, as far as two of them are compared."""

    @property
    def records(self) -> Sequence[msgspec.Raw]:
        """The records on it."""


PageT = TypeVar("PageT", bound=HasRecords)


def read_steadily(read: Callable[[], list[PageT]], what: str) -> list[PageT]:
    """All pages of a collection, as it stood at one moment.

    Args:
        read: Reads the collection once.
        what: The vendor and its collection, for the message.

    Raises:
        PageLoopError: It never holds still.
    """
    pages = read()
    for _ in range(READINGS - 1):
        if len(pages) == 1:
            return pages
        again = read()
        if _contents(again) == _contents(pages):
            return pages
        pages = again
    raise PageLoopError(f"{what} changed whenever it was read. The next run asks again.")


def _contents(pages: Iterable[HasRecords]) -> set[bytes]:
    return {bytes(record) for page in pages for record in page.records}


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
