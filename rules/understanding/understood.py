"""What was understood: what somebody wants, of which services, where, when, and whether we may act on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Intent = Literal[
    "services",
    "report_problem",
    "fixed",
    "on_it",
    "opening_hours",
    "hotline",
    "navigation",
    "find_any",
    "thanks",
    "greeting",
    "none",
]
"""What somebody wants. Two are told, not asked, and only meant when said plainly, never with a question mark:
`fixed`, what was wrong is over (修好了, 纸杯补上了), or with symptom "open" the whole station is all right
(开着，能用); `on_it`, a promise (我来处理, 明天修), with `when` if a time was named: 10:00 of a bare day, of a part of
it the first hour.
"""
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
    # reports, fixed, on_it: the facility's or the consumable's id, door, place (the station itself) or info (what is
    # told about it); none where it has no id (灯不亮) or was not named. Services: what is wrong, with its symptom,
    # where the words may say that instead of a wish (没水了)
    item: str = ""
    # reports: broken, leaking, empty (a facility with nothing in it), dirty, missing, unsafe, refused; low and gone of
    # consumables; locked of doors, not_found of the place, wrong_info; fixed: open or none
    symptom: str = ""
    topic: str = ""  # hotline: wages, injury, join, legal, contract, dismissal, hardship, platform, complaint
    urgent: bool = False  # heat-stroke, bleeding, unconscious: first aid and 120 before anything else
