"""What is handed in for a duty: the activity with its photos, the publicity item, a return; and what it counts for."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rules.parts import Count, Rule, Setting, Slug, Word


class Outlet(Rule, frozen=True, kw_only=True):
    """Where publicity may go (S18)."""

    id: Slug
    zh: Word
    en: Word


class SubmissionRule(Setting, frozen=True, kw_only=True):
    """How submissions are taken."""

    undo_seconds: Count
    photos_at_most: Annotated[int, Meta(ge=1, le=20)]
    headcount_at_most: Annotated[int, Meta(ge=1)]
