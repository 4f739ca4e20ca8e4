"""服务登记 (S13): how many came. What a day's number means, and what a month's growth is."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rules.parts import Count, Positive, Setting


class RegisterRule(Setting, frozen=True, kw_only=True):
    """How visits are counted. The way of counting is ours; that they are counted is S13's."""

    visit_minutes: Positive  # one person's check-ins at one station within these are one visit
    undo_seconds: Count
    ask_above: Annotated[int, Meta(ge=1)]  # a day's number above it is asked about once more
    back_days: Count  # how far back the paper book may be entered (补登)
