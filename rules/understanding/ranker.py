"""Which examples a sentence resembles most, by its characters and words. It only ever offers, it never acts."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence


class Ranker:
    """Cosine between TF-IDF vectors of character pairs and words, over example sentences."""

    def __init__(self, examples: Iterable[tuple[str, Sequence[str]]]) -> None:
        """`examples`: label and features of each sentence."""
        counted = [(label, Counter(features)) for label, features in examples]
        seen = Counter(feature for _, features in counted for feature in features)
        self._labels = [label for label, _ in counted]
        self._rarity = {feature: math.log(1 + len(counted) / times) for feature, times in seen.items()}
        self._where: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, (_, features) in enumerate(counted):
            for feature, weight in self._vector(features).items():
                self._where[feature].append((at, weight))

    def ranked(self, features: Sequence[str]) -> list[tuple[str, float]]:
        """Labels with a likeness of 0 to 1, likeliest first: the best example counts, the next best a little."""
        likeness: dict[int, float] = defaultdict(float)
        for feature, weight in self._vector(Counter(features)).items():
            for at, other in self._where.get(feature, ()):
                likeness[at] += weight * other
        by_label: dict[str, list[float]] = defaultdict(list)
        for at, score in likeness.items():
            by_label[self._labels[at]].append(score)
        scores = {label: _best_two(found) for label, found in by_label.items()}
        return sorted(scores.items(), key=lambda each: (-each[1], each[0]))

    def _vector(self, features: Counter[str]) -> dict[str, float]:
        # unknown features lengthen the vector, so that a sentence about something else resembles nothing
        unknown = math.log(1 + len(self._labels))
        weights = {one: self._rarity.get(one, unknown) * (1 + math.log(times)) for one, times in features.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {feature: weight / length for feature, weight in weights.items()}


def _best_two(scores: list[float]) -> float:
    best = sorted(scores, reverse=True)[:2]
    return 0.8 * best[0] + 0.2 * best[-1] if len(best) == 2 else 0.9 * best[0]


def features(text: str, signs: Iterable[str]) -> list[str]:
    """Character pairs of the text without spaces, its single Chinese characters, and the classes of its words."""
    joined = f"^{text.replace(' ', '')}$"
    pairs = [joined[at : at + 2] for at in range(len(joined) - 1)]
    return [*pairs, *(letter for letter in joined if letter > "\u3400"), *signs, *signs]
