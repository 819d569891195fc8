"""Pages as WHOOP cuts them: a time filter by overlap, newest first, offset tokens.

The rules are those of the specification's collection parameters and of the pagination page of
developer.whoop.com. As a token is an offset, a record that appears while a client pages shifts
all later pages.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from health_sandbox.instants import parse_instant
from health_sandbox.timeline import NEVER, Body, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DEFAULT_LIMIT = 10
_MAX_LIMIT = 25


@dataclass(frozen=True)
class PageQuery:
    """A client's wish for a page; ``start`` inclusive, ``end`` exclusive."""

    limit: int
    start: int
    end: int
    offset: int

    @classmethod
    def parse(cls, query: Mapping[str, str], now: int) -> PageQuery:
        """Read limit, start, end and nextToken.

        Raises:
            ValueError: one of them is malformed, or the limit is not from 1 to 25.
        """
        limit = int(query.get("limit", _DEFAULT_LIMIT))
        if not 1 <= limit <= _MAX_LIMIT:
            raise ValueError(f"limit must be from 1 to {_MAX_LIMIT}")
        start = parse_instant(query["start"]) if "start" in query else -NEVER
        end = parse_instant(query["end"]) if "end" in query else now
        return cls(limit, start, end, read_token(query.get("nextToken", "")))


def write_token(offset: int, **extra: int) -> str:
    """Return the token for the page at an offset; extra fields only make it look different."""
    content = json.dumps({"$": "o@1", "o": offset, **extra}, separators=(",", ":"))
    return b64encode(content.encode()).decode()


def read_token(token: str) -> int:
    """Return the offset in a token; no token is the first page.

    Raises:
        ValueError: the token is not one of ours.
    """
    if not token:
        return 0
    try:
        offset = json.loads(b64decode(token, validate=True))["o"]
    except (binascii.Error, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError("nextToken is malformed") from error
    if not isinstance(offset, int) or offset < 0:
        raise ValueError("nextToken is malformed")
    return offset


def cut_page(rows: Iterable[Row], query: PageQuery) -> Body:
    """Return the envelope with the records that overlap the window, one page of them."""
    inside = (row for row in rows if row.end >= query.start and row.start < query.end)
    page = list(islice(inside, query.offset, query.offset + query.limit + 1))
    more = len(page) > query.limit
    return {
        "records": [row.body for row in page[: query.limit]],
        "next_token": write_token(query.offset + query.limit) if more else None,
    }
