"""送清凉, 送温暖 (H11): extra goods at the stations of an area, for some weeks."""

from __future__ import annotations

from rules.parts import Rule, Slug, Word


class CampaignRule(Rule, frozen=True, kw_only=True):
    """A kind of campaign; `goods` are what is usually given."""

    id: Slug
    zh: Word
    en: Word
    icon: Word
    goods: tuple[Word, ...] = ()
