"""What every part of a rulebook is made of: a clause, words in both languages, and numbers that make sense."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

OURS = "ours"  # the clause of a setting that no document gives

Word = Annotated[str, Meta(min_length=1)]
Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=0)]
Slug = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
Month = Annotated[int, Meta(ge=1, le=12)]
SeasonId = Literal["summer", "winter", "spring_summer", "autumn_winter", "summer_break", "winter_break"]
YEAR = 366 * 24 * 60  # minutes; a delay beyond it is a slip of the pen
Minutes = Annotated[float, Meta(ge=0, le=YEAR)]
QuietHours = Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")]

RoleKind = Literal["manager", "unit_head", "area_head", "office", "general_head", "team", "admin"]
CalendarName = Literal["station_hours", "working_days", "always"]
ItemClass = Literal["facility", "consumable", "door", "place", "info"]


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a rulebook: unknown keys are refused."""


class Rule(Part, frozen=True, kw_only=True):
    """A part that cites its clause: S9, S9.12, H10 … or "ours"."""

    clause: Word


class Setting(Rule, frozen=True, kw_only=True):
    """A rule no document gives, unless it says otherwise."""

    clause: Word = OURS


class Words(Part, frozen=True, kw_only=True):
    """The same words in both languages."""

    zh: Word
    en: Word

    def in_language(self, language: str) -> str:
        """The English words for any English language code, else the Chinese ones."""
        return self.en if language.lower().startswith("en") else self.zh


class Term(Rule, frozen=True, kw_only=True):
    """The city's own word for something."""

    zh: Word
    en: Word

    def in_language(self, language: str) -> str:
        """The English word for any English language code, else the Chinese one."""
        return self.en if language.lower().startswith("en") else self.zh
