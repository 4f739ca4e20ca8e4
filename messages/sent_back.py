"""Why something handed in was sent back, in words: one of the usual reasons, or what was typed."""

from __future__ import annotations

from messages.words import Say
from rules.submissions import REASONS


def reason(say: Say, why: str) -> str:
    """The words for what a credit keeps as its reason."""
    usual = {
        "blurred": say.plain("the photos cannot be made out"),
        "not_this_month": say.plain("it is not this period's"),
        "no_headcount": say.plain("it does not say how many came"),
        "not_outdoor": say.plain("it has nothing to do with outdoor workers"),
    }
    assert set(usual) == set(REASONS)
    return usual.get(why, why)
