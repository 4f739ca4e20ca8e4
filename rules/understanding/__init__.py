"""Understanding words: what somebody who typed a sentence wants, and how sure we may be of it."""

from rules.understanding.lexicon import Lexicon
from rules.understanding.understanding import Understanding
from rules.understanding.understood import Intent, Understood, When

__all__ = ["Intent", "Lexicon", "Understanding", "Understood", "When"]
