"""How long the way takes: straight metres, longer by the detour of real roads, at the person's speed."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Literal

from rules.rulebook import TravelRule

Travel = Literal["walk", "ride", "drive"]


def metres_per_minute(travel: Travel, settings: TravelRule) -> float:
    return {
        "walk": settings.walk_m_per_min,
        "ride": settings.ride_m_per_min,
        "drive": settings.drive_m_per_min,
    }[travel]


def radius(travel: Travel, settings: TravelRule) -> float:
    """How far is near, in metres."""
    return {
        "walk": settings.walk_radius_m,
        "ride": settings.ride_radius_m,
        "drive": settings.drive_radius_m,
    }[travel]


def seconds_per_metre(travel: Travel, settings: TravelRule) -> float:
    """Seconds on the way for each straight metre."""
    return settings.detour * 60 / metres_per_minute(travel, settings)


def minutes(metres: float, travel: Travel, settings: TravelRule) -> int:
    """Minutes on the way as they are shown: rounded up, at least 1."""
    return max(1, math.ceil(metres * seconds_per_metre(travel, settings) / 60))


def arrival(now: datetime, metres: float, travel: Travel, settings: TravelRule) -> datetime:
    """When the person gets there: by exact seconds, never by the rounded minutes."""
    return now + timedelta(seconds=metres * seconds_per_metre(travel, settings))
