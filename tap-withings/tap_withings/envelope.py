"""Withings' envelope: ``{"status": 0, "body": {...}}``, or a status and perhaps an ``error``."""

from __future__ import annotations

import msgspec


class Envelope(msgspec.Struct):
    """Any answer of any service."""

    status: int
    body: msgspec.Raw = msgspec.Raw(b"")
    error: object = ""


def decode_object(json: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The fields of an object. None may come as a list or null.

    Raises:
        msgspec.MsgspecError: It is no JSON, or anything else.
    """
    kinds = dict[str, msgspec.Raw] | list[msgspec.Raw] | None
    found = msgspec.json.decode(json, type=kinds)
    if isinstance(found, dict):
        return found
    if found:
        raise msgspec.ValidationError
    return {}


def decode_list(json: msgspec.Raw) -> list[msgspec.Raw]:
    """The items of a list. None may come as an object or null, and a single one as itself.

    Raises:
        msgspec.MsgspecError: It is no JSON, or anything else.
    """
    kinds = list[msgspec.Raw] | dict[str, msgspec.Raw] | None
    found = msgspec.json.decode(json, type=kinds)
    if isinstance(found, list):
        return found
    return [json] if found else []


def decode_flag(json: msgspec.Raw | None) -> bool:
    """A yes or no, spelled in any of the ways that were seen; absent is no.

    Raises:
        msgspec.MsgspecError: It is something else.
    """
    said = None if json is None else msgspec.json.decode(json)
    text = "" if said is None else str(said).lower()
    if text in {"1", "true"}:
        return True
    if text in {"", "0", "false"}:
        return False
    raise msgspec.ValidationError


def decode_whole(json: msgspec.Raw | None) -> int:
    """A whole number, as such, with a point or as text; absent and null are zero.

    Raises:
        msgspec.MsgspecError: It is something else.
    """
    said = None if json is None else msgspec.json.decode(json)
    try:
        number = float(said or 0)
        if number == int(number):
            return int(said or 0)
    except (TypeError, ValueError, OverflowError):
        pass
    raise msgspec.ValidationError
