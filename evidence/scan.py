"""Finds the sandbox's secrets in bytes, whoever wrote them down and however they were encoded.

All that a sandbox issues begins with `sandbox-` and its kind, so that beginning is searched for
instead of thousands of values: it also finds what was cut off, and what a sandbox issued that
nobody asked for its list.
"""

from __future__ import annotations

import base64
import gzip
import re
import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLIENT_SECRET = b"sandbox-secret"
"""The secret of the sandbox's standard client: the only one that is the same in every run."""

_BEGINNING = b"sandbox-"
_KINDS = (b"access", b"refresh", b"code", b"secret", b"nonce", b"csrf")
_ISSUED = re.compile(_BEGINNING + b"(" + b"|".join(_KINDS) + rb")-[\w-]{8,}", re.ASCII)
_STANDARD = re.compile(CLIENT_SECRET + rb"(?![\w-])", re.ASCII)
_HEADER = re.compile(
    rb"""(?ix) \b bearer [\s:="']+ [\w.~+/-]{16}
    | \b authorization ["']? \s* [:=,] \s* b? ["']? (?:basic|bearer) \s+ [\w.~+/-]{8}""",
    re.ASCII,
)


def is_recognised(secret: bytes) -> bool:
    """Whether the search finds this secret in clear."""
    return secret == CLIENT_SECRET or bool(_ISSUED.fullmatch(secret))


def find_kinds(data: bytes) -> Iterator[str]:
    """Name each kind of secret that is in `data`, and its encoding unless it is in clear."""
    if _BEGINNING in data:
        yield from sorted({match[1].decode() for match in _ISSUED.finditer(data)})
        if _STANDARD.search(data):
            yield "standard client secret"
    for encoding, beginnings in _ENCODED[_BEGINNING].items():
        if any(beginning in data for beginning in beginnings):
            for kind in _KINDS:
                if any(text in data for text in _ENCODED[_BEGINNING + kind][encoding]):
                    yield f"{kind.decode()} in {encoding}"
    if any(word in data for word in (b"earer", b"EARER", b"uthorization", b"UTHORIZATION")) and (
        _HEADER.search(data)
    ):
        yield "authorization header"


def find_in_file(path: Path) -> set[str]:
    """Name the kinds of secrets in a file, in what it holds compressed, and in its database."""
    data = path.read_bytes()
    found = set(find_kinds(data))
    if data.startswith(b"\x1f\x8b"):
        try:
            found.update(find_kinds(gzip.decompress(data)))
        except (EOFError, OSError, zlib.error):  # cut off, or something else that begins alike
            found.add("unreadable gzip")
    if data.startswith(b"SQLite format 3\0"):  # a long value is in pieces there
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found.update(find_kinds("\n".join(database.iterdump()).encode()))
    return found


def _base64(text: bytes) -> set[bytes]:
    """What stands for `text` in base64, at each of the three places where it may begin."""
    found = set[bytes]()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + text)
        first, last = -(-before * 8 // 6), (before + len(text)) * 8 // 6
        found |= {encoded[first:last], encoded[first:last].translate(_URL_SAFE)}
    return found


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _encodings(text: bytes) -> dict[str, set[bytes]]:
    """The ways to write `text` that are searched for, beside the one that web addresses need."""
    percent = "".join(f"%{byte:02x}" for byte in text)
    return {
        "base64": _base64(text),
        "hexadecimal": {text.hex().encode(), text.hex().upper().encode()},
        "percent-encoding": {percent.encode(), percent.upper().encode()},
        "utf-16": {text.decode().encode("utf-16-le")},
    }


_ENCODED = {
    text: _encodings(text) for text in (_BEGINNING, *(_BEGINNING + kind for kind in _KINDS))
}
