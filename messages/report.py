"""Something is wrong here: which thing, what about it, and what becomes of the report."""

from __future__ import annotations

from messages.words import Say


def report_label(say: Say) -> str:
    """The key with which staff begin a report."""
    return say.plain("🔧 Report a fault")


def supplies_label(say: Say) -> str:
    """The key for what is used up."""
    return say.plain("📦 Supplies running out")


def tickets_label(say: Say) -> str:
    """The key that lists what is open."""
    return say.plain("🗂 Tickets")
