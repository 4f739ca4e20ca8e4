"""The token is part of every address we call; here it is kept out of logs, tracebacks and reprs."""

from __future__ import annotations

import logging
import re
from typing import Any

HIDDEN = "<token>"
_LIKE_A_TOKEN = re.compile(r"\b\d{5,20}(?::|%3[Aa])[A-Za-z0-9_-]{20,}")
_IN_AN_ADDRESS = re.compile(r"(/bot)\d+(?::|%3[Aa])[^/\s'\"<>]+")


def scrub(text: str, token: str = "") -> str:
    """`text` without the token, and without anything that looks like one."""
    if token:
        text = text.replace(token, HIDDEN).replace(token.replace(":", "%3A"), HIDDEN)
    return _IN_AN_ADDRESS.sub(r"\1" + HIDDEN, _LIKE_A_TOKEN.sub(HIDDEN, text))


class HideToken(logging.Filter):
    """Rewrites a record, its traceback included, before any handler formats it."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(_said(record), self._token), None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = record.exc_text or logging.Formatter().formatException(record.exc_info)
            record.exc_info = None  # or a formatter of its own would print it again, unscrubbed
        if record.exc_text:
            record.exc_text = scrub(record.exc_text, self._token)
        if record.stack_info:
            record.stack_info = scrub(record.stack_info, self._token)
        return True


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a log line with the wrong number of arguments must not stop the program
        return str(record.msg)


def hide_token(token: str, logger: logging.Logger | None = None) -> HideToken:
    """Put a filter on every handler of `logger` (the root logger): call it after the handlers are there.

    On the handlers, because a logger's own filters do not see what its children pass up.
    """
    hiding = HideToken(token)
    for handler in (logger or logging.getLogger()).handlers:
        handler.addFilter(hiding)
    return hiding


def quiet_library() -> None:
    """Below WARNING python-telegram-bot logs addresses with the token, and whole updates with people's positions."""
    logging.getLogger("telegram").setLevel(logging.WARNING)


def unnamed(_self: Any) -> str:
    """A repr that tells nothing: the library's own contains the token."""
    return "<telegram bot>"
