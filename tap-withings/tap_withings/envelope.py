"""Withings' envelope: ``{"status": 0, "body": {...}}``, or a status and perhaps an ``error``."""

from __future__ import annotations

import msgspec


class Envelope(msgspec.Struct):
    """Any answer of any service."""

    status: int
    body: msgspec.Raw = msgspec.Raw(b"{}")
    error: str = ""


def decode_object(json: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The fields of an object. An empty one may come as a list.

    Raises:
        msgspec.MsgspecError: It is neither.
    """
    found = msgspec.json.decode(json, type=dict[str, msgspec.Raw] | list[msgspec.Raw])
    if isinstance(found, dict):
        return found
    if found:
        raise msgspec.ValidationError
    return {}


def decode_list(json: msgspec.Raw) -> list[msgspec.Raw]:
    """The items of a list. None may come as an object or null, and a single one as itself.

    Raises:
        msgspec.MsgspecError: It is neither list nor object.
    """
    kinds = list[msgspec.Raw] | dict[str, msgspec.Raw] | None
    found = msgspec.json.decode(json, type=kinds)
    if isinstance(found, list):
        return found
    return [json] if found else []
