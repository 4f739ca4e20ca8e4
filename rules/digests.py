"""Who hears a summary, and when: a manager's morning line, an area head's week, a general head's month."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from msgspec import Meta

from rules.parts import Setting


class DigestRule(Setting, frozen=True, kw_only=True):
    """When digests come. All are ours: the documents ask for regular evaluation and give no rhythm."""

    morning: time  # of a manager's line, every day; local
    week_at: time  # of an area head's week
    weekday: Annotated[int, Meta(ge=1, le=7)]  # 1: Monday
    month_at: time  # of a general head's month
    month_day: Annotated[int, Meta(ge=1, le=28)]  # moved to the next working day
