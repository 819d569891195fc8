"""Runs of Meltano that tell each of their moments. The taps, loaders and dbt are the real ones.

``before pass record cycles`` and ``after pass record cycles`` stand around each line that Meltano
hands on from a tap to a loader, ``start of tap-whoop`` around the start of a plugin, ``run of the
state`` around the first half of storing a state (in the record of the run) and ``state`` around the
second (where the next run looks), ``end of tap-whoop to target-postgres`` around what comes after
both have ended.
"""

from __future__ import annotations

import json
from asyncio import StreamWriter
from functools import wraps
from typing import TYPE_CHECKING, Any

from meltano import cli
from meltano.core.block.extract_load import ExtractLoadBlocks
from meltano.core.block.singer import InvokerBase, SingerBlock
from meltano.core.logging import utils
from meltano.core.plugin.singer.target import BookmarkWriter
from meltano.core.state_service import StateService

from .messages import name_of
from .zygote import serve

if TYPE_CHECKING:
    from .messages import Job
    from .moments import Moments


def run(_: Job, moments: Moments) -> None:
    """Be Meltano."""
    moments.around(BookmarkWriter, "writeline", lambda *_: "storing a state")
    moments.around(StateService, "add_state", lambda *_, **__: "state")
    for owner in (SingerBlock, InvokerBase):
        _around(moments, owner, "start", lambda block, *_: f"start of {block.string_id}")
    _around(moments, utils, "_write_line_writer", _line)
    _around(moments, ExtractLoadBlocks, "execute", lambda *_: "load")
    cli.main()


def _line(writer: object, line: bytes) -> str | None:
    return f"pass {name_of(json.loads(line))}" if isinstance(writer, StreamWriter) else None


def _around(moments: Moments, owner: Any, name: str, label: Any) -> None:
    """As :meth:`Moments.around`, for a coroutine."""
    real = getattr(owner, name)

    @wraps(real)
    async def patched(*args: Any, **kwargs: Any) -> Any:
        what = label(*args)
        if what is None:
            return await real(*args, **kwargs)
        moments.reach(f"before {what}")
        result = await real(*args, **kwargs)
        moments.reach(f"after {what}")
        return result

    setattr(owner, name, patched)


if __name__ == "__main__":
    serve({"meltano": run})
