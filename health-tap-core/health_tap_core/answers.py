"""Reads the JSON of an answer, also where a text in it is not quite one."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

Answer = TypeVar("Answer")

# Escaped backslashes and whole pairs are taken first, so that the group is a half alone.
_HALF_PAIR = re.compile(
    rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_REPLACEMENT = rb"\ufffd"


def decode(content: bytes, kind: type[Answer]) -> Answer:
    """Decode an answer.

    Half of a surrogate pair, as of an emoji that somebody's program cut in two, is no character:
    neither JSON readers nor databases take it. It becomes U+FFFD, or one such text would keep all
    other records of its page away for ever.

    Raises:
        msgspec.MsgspecError: It is no JSON of that kind.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError:
        mended = _HALF_PAIR.sub(lambda found: _REPLACEMENT if found[1] else found[0], content)
        if mended == content:
            raise
        return msgspec.json.decode(mended, type=kind)
