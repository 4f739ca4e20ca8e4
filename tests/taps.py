"""A finger in a chat: taps a button or types a line, waits for the words that follow, and goes on."""

from __future__ import annotations


async def taps(hand, *steps: tuple[str, str]) -> str:
    """Taps (or, after ✎, types) each and waits for the words that follow; the last of them."""
    text = ""
    for step, heard in steps:
        hand.writes(step[1:]) if step.startswith("✎") else hand.presses(step)
        text = (await hand.hears(heard)).text
    return text
