"""Why a photo was not taken, and what to send instead."""

from __future__ import annotations

from typing import Literal

from messages.message import Message
from messages.words import Say


def too_large(say: Say) -> Message:
    """More bytes or pixels than we take."""
    return Message(
        say("This is too large: 20 MB at most. Send it as a photo, not as a file; your phone makes it smaller.")
    )


def not_a_picture(say: Say) -> Message:
    """No picture, or of a kind we cannot read: HEIC, an animation, a video."""
    return Message(
        say("I cannot open this as a photo. Take one, or choose one from your album and send it as a photo.")
    )


def damaged(say: Say) -> Message:
    """It broke off on its way."""
    return Message(say("This photo came incomplete. Please send it once more."))


def not_fetched(say: Say) -> Message:
    """The channel did not hand it over."""
    return Message(say("The photo did not arrive. Please send it once more."))


def not_kept(say: Say) -> Message:
    """Our disk did not take it."""
    return Message(
        say("The photo could not be kept, and that is not your fault. Please send it again in a few minutes.")
    )


def refused(say: Say, reason: Literal["not_a_picture", "too_large", "damaged"]) -> Message:
    """What storage.photos says of it, in words."""
    return {"not_a_picture": not_a_picture, "too_large": too_large, "damaged": damaged}[reason](say)
