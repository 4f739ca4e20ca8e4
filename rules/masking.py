"""A phone number that somebody wrote where everybody reads it is not passed on."""

from __future__ import annotations

import re

# Seven digits and more, however they are set apart; not a date such as 2026-11-21. Full-width digits, too.
_NUMBER = re.compile(r"(?<!\d)(?!\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d))\+?\d(?:[ \-‐–－—()（）\u3000]{0,2}\d){6,}")
MASK = "***"


def mask(text: str) -> str:
    """The same words with everything that may be a phone number hidden (ours): no number of anybody's is kept."""
    return _NUMBER.sub(MASK, text)
