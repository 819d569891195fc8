"""How Withings' collections are paged: offsets count records."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from health_tap_core.errors import MalformedAnswerError, PageLoopError
from health_tap_core.paging import PageGuard, read_steadily
from tap_withings.envelope import decode_flag, decode_list, decode_object, decode_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from tap_withings.services import Form, Service

    Call = Callable[[Form], msgspec.Raw]


class Page(NamedTuple):
    """One answer: the fields of its body, and the records among them."""

    body: dict[str, msgspec.Raw]
    records: list[msgspec.Raw]


def read_pages(call: Call, service: Service, form: Form) -> list[Page]:
    """Every page of a collection, as it stood at one moment.

    Args:
        call: Sends a form and gives the body of the answer.
        service: The service and its container.
        form: What is asked for, without an offset.

    Raises:
        PageLoopError: Pages bring nothing new, lead nowhere, or never hold still.
        MalformedAnswerError: A page is no page.
    """
    return read_steadily(lambda: _read_once(call, service, form), f"Withings' {service.action}")


def body_fields(body: msgspec.Raw, service: Service) -> dict[str, msgspec.Raw]:
    """The fields of a body, its container among them.

    Raises:
        MalformedAnswerError: It has none. That is no answer, so it is no empty one either.
    """
    try:
        fields = decode_object(body)
    except msgspec.MsgspecError:
        fields = {}
    if service.container not in fields:
        raise malformed(service)
    return fields


def malformed(service: Service) -> MalformedAnswerError:
    """An answer that is not what the document says."""
    return MalformedAnswerError(
        f"Withings answered {service.action} with another shape than it documents. "
        "The next run asks again."
    )


def _read_once(call: Call, service: Service, form: Form) -> list[Page]:
    # With offsets, a page that only repeats stands in the place of one that was not shown.
    guard = PageGuard(f"Withings' {service.action}", patience=1)
    pages: list[Page] = []
    offset = 0
    while True:
        body = body_fields(call({**form, "offset": offset} if offset else form), service)
        try:
            records = decode_list(body[service.container])
            # An offset leads on only beside `more`; without it, it may be anything.
            following = decode_whole(body.get("offset")) if decode_flag(body.get("more")) else None
        except msgspec.MsgspecError:
            raise malformed(service) from None
        if following is not None and following <= offset:
            raise PageLoopError(
                f"Withings' {service.action} announces more than it shows: the offset after "
                f"{offset} is {following}. The next run asks again; if this stays, report it."
            )
        if following is not None or (offset and records):
            guard.turn(records, following)
        pages.append(Page(body, records))
        if following is None:
            return pages
        offset = following
