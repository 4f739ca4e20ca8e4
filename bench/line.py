"""One figure as one line of JSON: what it is, beside what, and how many times that."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """`ratio` is `value` to the same figure of `against`, both measured side by side in this run.

    `target` is what measured.md or the issue wants of the ratio or, where there is no ratio, of the value.
    """

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
    target: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def json(self) -> str:
        """The line as it is printed."""
        known = {"name": self.name, "value": _short(self.value), "unit": self.unit, "against": self.against}
        more = {key: _short(value) for key, value in self.more.items()}
        return json.dumps(known | {"ratio": _short(self.ratio), "target": self.target} | more, ensure_ascii=False)


def _short(value: Any) -> Any:
    """Three digits are more than a shared machine can tell."""
    return float(f"{value:.3g}") if isinstance(value, float) else value
