"""Which meaning a sentence resembles most, by its characters and words. It only ever offers, it never acts."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

_WORD_COUNTS = 0.2  # a single word of the lexicon beside a whole example sentence; measured, see docs/decisions


class Ranker:
    """Cosine between a sentence and the sum of each label's example sentences and words (TF-IDF, nearest centroid)."""

    def __init__(
        self, examples: Iterable[tuple[str, Sequence[str]]], words: Iterable[tuple[str, Sequence[str]]] = ()
    ) -> None:
        """`examples` and `words`: a label and the features of each sentence, or of each single word, that means it."""
        counted = [(label, Counter(features)) for label, features in examples]
        seen = Counter(feature for _, features in counted for feature in features)
        self._unknown = math.log(2 + len(counted))
        self._rarity = {feature: math.log(1 + len(counted) / times) for feature, times in seen.items()}
        sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for label, features in counted:
            self._add(sums[label], features, 1.0)
        for label, said in words:
            self._add(sums[label], Counter(said), _WORD_COUNTS)
        self._where: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for label, vector in sums.items():
            length = math.sqrt(sum(weight * weight for weight in vector.values()))
            for feature, weight in vector.items():
                self._where[feature].append((label, weight / length))

    def ranked(self, features: Sequence[str]) -> list[tuple[str, float]]:
        """Labels with a likeness above 0 and at most 1, likeliest first."""
        likeness: dict[str, float] = defaultdict(float)
        for feature, weight in self._vector(Counter(features)).items():
            for label, other in self._where.get(feature, ()):
                likeness[label] += weight * other
        return sorted(likeness.items(), key=lambda each: (-each[1], each[0]))

    def _add(self, sums: dict[str, float], features: Counter[str], share: float) -> None:
        for feature, weight in self._vector(features).items():
            sums[feature] += share * weight

    def _vector(self, features: Counter[str]) -> Mapping[str, float]:
        # unknown features lengthen the vector, so that a sentence about something else resembles nothing
        weights = {one: self._rarity.get(one, self._unknown) * (1 + math.log(n)) for one, n in features.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {feature: weight / length for feature, weight in weights.items()}


def features(words: Iterable[str], signs: Iterable[str], meant: Iterable[str]) -> list[str]:
    """The sentence's words of letters, its Chinese characters and pairs of them, its words' classes, what they mean."""
    said = list(words)
    letters = [word for word in said if word.isascii() and word.isalpha()]
    joined = f"^{''.join(word for word in said if not word.isascii())}$"
    pairs = [joined[at : at + 2] for at in range(len(joined) - 1)] if len(joined) > 2 else []
    labels = [f"means {label}" for label in meant]
    return [*letters, *pairs, *joined[1:-1], *signs, *labels, *labels]
