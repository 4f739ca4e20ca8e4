"""What was understood: what somebody wants, of which services, where, when, and whether we may act on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Intent = Literal[
    "services",
    "report_problem",
    "opening_hours",
    "hotline",
    "navigation",
    "find_any",
    "thanks",
    "greeting",
    "none",
]
MOST_CHOICES = 3


@dataclass(frozen=True, slots=True)
class When:
    """A time somebody asked for: aware local time; `onwards` where any time from then on will do (十点以后)."""

    at: datetime
    onwards: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """One sentence, read."""

    intent: Intent = "none"
    services: tuple[str, ...] = ()  # what is needed; for a report what the broken thing gives; for hours whose hours
    confident: bool = False  # the chat may act at once
    choices: tuple[str, ...] = ()  # when not confident: at most three service ids or intents to offer, likeliest first
    place: str = ""  # the words that name a place, as typed: 三峡广场
    when: When | None = None
    all_night: bool = False  # asked for stations that never close
    item: str = ""  # reports: the facility id of what is broken
    symptom: str = ""  # reports: broken, leaking, empty, dirty, locked, missing, unsafe, refused, wrong_info
    topic: str = ""  # hotline: wages, injury, join, legal, contract, dismissal, hardship, platform, complaint
    urgent: bool = False  # heat-stroke, bleeding, unconscious: first aid and 120 before anything else
