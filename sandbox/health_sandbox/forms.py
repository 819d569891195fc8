"""Reading the forms that browsers and OAuth clients send."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request


async def read_form(request: Request) -> dict[str, str]:
    """Return the text fields of a form; no form is an empty one."""
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}
