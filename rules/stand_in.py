"""值班: until when somebody stands in for somebody else (S11). The choices are ours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Literal, get_args

from rules.hours import SHANGHAI

Period = Literal["today", "tomorrow", "week", "seven"]  # 今天, 到明天, 到本周日, 7 天
PERIODS: tuple[Period, ...] = get_args(Period)


def ends(period: Period, now: datetime) -> datetime:
    """The midnight that ends the last day of the turn, aware UTC. On a Sunday the week ends tonight."""
    today = now.astimezone(SHANGHAI).date()
    days = {"today": 0, "tomorrow": 1, "week": 6 - today.weekday(), "seven": 6}[period]
    return datetime.combine(today + timedelta(days=days + 1), time.min, SHANGHAI).astimezone(UTC)
