"""Telegram's words for a chat that cannot be reached: a state of the person or the group, not an error of ours."""

from __future__ import annotations

from messages.delivery import WhyGone

# The first that fits counts. A word that comes with 403 only is here too: with 400 it means the same.
_WORDS: tuple[tuple[str, WhyGone], ...] = (
    ("blocked by the user", "blocked"),
    ("user_is_blocked", "blocked"),
    ("user is deactivated", "deactivated"),
    ("user_deactivated", "deactivated"),
    ("group chat was deactivated", "deactivated"),
    ("group chat was deleted", "deactivated"),
    ("bot was kicked", "left"),
    ("bot is not a member", "left"),
    ("channel_private", "left"),
    ("chat not found", "not_found"),
    ("user not found", "not_found"),
    ("peer_id_invalid", "not_found"),
    ("can't initiate conversation", "not_found"),
    ("topic_closed", "no_topic"),
    ("topic_deleted", "no_topic"),
    ("message thread not found", "no_topic"),
    ("chat_write_forbidden", "no_rights"),
    ("chat_send_", "no_rights"),  # CHAT_SEND_PLAIN_FORBIDDEN, CHAT_SEND_PHOTOS_FORBIDDEN …
    ("chat_restricted", "no_rights"),
    ("chat_admin_required", "no_rights"),
    ("no rights to send", "no_rights"),
    ("not enough rights", "no_rights"),
    ("need administrator rights", "no_rights"),
)


def why_gone(description: str) -> WhyGone | None:
    """Why nobody can be reached; None where Telegram's description says something else."""
    words = description.lower()
    return next((why for said, why in _WORDS if said in words), None)
