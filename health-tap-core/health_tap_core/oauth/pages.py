"""What a person reads in the browser at the end of a login. Self-contained; never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from health_tap_core.oauth.grant import Grant
    from health_tap_core.oauth.provider import Provider

#: Nothing is loaded, nothing runs, nothing is passed on or kept: the address holds a code.
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --page: #f3f5f7; --card: #fff; --text: #1c2530;
  --quiet: #566270; --line: #dde3e9; --good: #14794a; --bad: #b3372b; --wait: #8a5a00; }}
@media (prefers-color-scheme: dark) {{ :root {{ --page: #12171d; --card: #1b222b;
  --text: #e9eef3; --quiet: #a3b0bd; --line: #303b47; --good: #57c88d; --bad: #ff8d7f;
  --wait: #e9b44c; }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
  background: var(--page); color: var(--text); font: 1.0625rem/1.55 system-ui, sans-serif; }}
main {{ box-sizing: border-box; width: min(34rem, 100% - 2rem); margin: 1rem; padding: 2.25rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  overflow-wrap: anywhere; }}
.mark {{ display: grid; place-items: center; width: 3rem; height: 3rem; border-radius: 50%;
  color: var(--card); background: var(--{tone}); font-size: 1.5rem; font-weight: 700; }}
h1 {{ margin: 1.25rem 0 .5rem; font-size: 1.5rem; line-height: 1.25; }}
p {{ margin: .75rem 0 0; }}
.quiet {{ color: var(--quiet); }}
code {{ display: block; margin-top: .5rem; padding: .625rem .875rem; border-radius: .5rem;
  background: var(--page); border: 1px solid var(--line);
  font: .9375rem/1.5 ui-monospace, monospace; }}
</style>
</head>
<body>
<main>
<div class="mark" aria-hidden="true">{mark}</div>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Page:
    """An answer to the browser."""

    status: HTTPStatus
    html: str


@dataclass(frozen=True)
class Pages:
    """The pages of one login.

    Attributes:
        provider: The vendor.
        account: Who logs in.
        again: What to type to begin anew.
    """

    provider: Provider
    account: str
    again: str

    def connected(self, grant: Grant) -> Page:
        """It worked; scopes that were not allowed are named."""
        vendor = self.provider.name
        lines = [f"Account {self.account!r} of {vendor} can be read from now on."]
        if missing := self.provider.missing_scopes(grant.scope):
            lines.append(
                f"Not allowed were: {', '.join(missing)}. What needs them is left out. To add "
                "them later, log in again."
            )
        quiet = "You may close this page."
        title = f"{vendor} is connected"
        return Page(HTTPStatus.OK, _render("good", "✓", title, *lines, quiet=quiet))

    def failed(self, why: str) -> Page:
        """It is over, without a grant."""
        title = f"{self.provider.name} was not connected"
        who = f"This was the login of account {self.account!r}. To try again, type:"
        html = _render("bad", "✕", title, why, quiet=who, command=self.again)
        return Page(HTTPStatus.BAD_REQUEST, html)

    def stray(self, why: str) -> Page:
        """Something else came; the login still waits."""
        return Page(
            HTTPStatus.BAD_REQUEST,
            _render(
                "wait",
                "!",
                "This is not the answer we wait for",
                why,
                f"The login of account {self.account!r} still waits. Go back to the page of "
                f"{self.provider.name} that it opened (its address is in your terminal), and "
                "finish there.",
            ),
        )

    def elsewhere(self) -> Page:
        """An address that nobody was sent to."""
        why = f"Only the way back from {self.provider.name} ends here."
        return Page(HTTPStatus.NOT_FOUND, _render("wait", "?", "There is nothing here", why))


def _render(
    tone: str, mark: str, title: str, *lines: str, quiet: str = "", command: str = ""
) -> str:
    body = [f"<p>{escape(line)}</p>" for line in lines]
    if quiet:
        body.append(f'<p class="quiet">{escape(quiet)}</p>')
    if command:
        body.append(f"<code>{escape(command)}</code>")
    return _PAGE.format(tone=tone, mark=mark, title=escape(title), body="\n".join(body))
