"""A cell that a spreadsheet program would take for a formula gets an apostrophe in front, and loses it when read back.

Whoever writes a station's name or a note may write "=HYPERLINK(…)" in it, and an office opens our file with a click.
The apostrophe stands in .xlsx, too, though a text is no formula there: such files are saved on as CSV.
"""

from __future__ import annotations

import re

# What Excel, WPS and LibreOffice begin a formula with, also in full width, after any white or invisible letters. A
# text that has apostrophes before it gets one more, so that taking one away always gives back what was written.
_FORMULA = re.compile(r"'*[\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]*[=+\-@＝＋－＠﹦﹢﹣﹫−]")


def guarded(text: str) -> str:
    """The text as it is written: with one apostrophe before what begins like a formula, however it is disguised."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text as it was before `guarded`; any other is left alone."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text
