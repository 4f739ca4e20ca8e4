"""An area head's look at a station (S13): what is looked at, and what a failed point makes of itself."""

from __future__ import annotations

from rules.parts import Rule, Slug, Word


class PointRule(Rule, frozen=True, kw_only=True):
    """One point of an evaluation. Failed, it opens a ticket: about `item`, or, where that is empty, about the facility
    that is named then."""

    id: Slug
    zh: Word
    en: Word
    icon: Word
    symptom: Slug
    item: str = ""
