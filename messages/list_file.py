"""The office's list in the chat: what its file would change, before anything is; and the list as it stands, to keep."""

from __future__ import annotations

from messages.words import Say


def title(say: Say) -> str:
    """站点名单: what the list is called, on its sheet and its file."""
    return say.plain("Stations: list of all")
