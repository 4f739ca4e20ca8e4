"""A Message as a page for a phone's browser: its words, and its links as large buttons. No script, nothing fetched."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

from messages.message import Button, Message, plain
from messages.words import Say

PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 18px/1.6 system-ui, sans-serif; max-width: 32em; margin: 12vh auto; padding: 0 1.2em; color: #222 }}
a {{ display: block; margin: 1em 0; padding: .7em; border-radius: .5em; text-align: center; text-decoration: none;
     background: #1769aa; color: #fff }}
</style>
</head>
<body>
<p>{words}</p>
{links}
</body>
</html>
"""


def shown(say: Say, message: Message, status: int) -> HTMLResponse:
    """The message's first line is the page's title; of its buttons those that open an address."""
    page = PAGE.format(
        language=say.language.replace("_", "-"),
        title=escape(plain(message.text).split("\n")[0]),
        words=message.text.replace("\n", "<br>\n"),
        links="\n".join(_link(button) for row in message.buttons for button in row if button.url),
    )
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})


def _link(button: Button) -> str:
    return f'<a href="{escape(button.url)}">{escape(button.label)}</a>'
