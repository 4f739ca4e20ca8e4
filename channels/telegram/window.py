"""Which updates came and are not yet confirmed to Telegram, and how far it may be told to forget.

Telegram forgets every update below the offset of a poll, and shows at most a hundred from there on. So the offset
is the lowest update that still needs us; the ones behind it that are over wait with it. Numbers may come twice,
out of order, or start again lower after a quiet week: what counts is the set, never the highest seen.
"""

from __future__ import annotations

from collections.abc import Iterable

LIMIT = 100  # Telegram's own


class Window:
    """Update ids between received and confirmed."""

    def __init__(self) -> None:
        self._over: dict[int, bool] = {}
        self._last_offset = 0

    def fresh(self, update_ids: Iterable[int]) -> list[int]:
        """Those not in the window, each once, in the order given."""
        return [update_id for update_id in dict.fromkeys(update_ids) if update_id not in self._over]

    def take(self, update_id: int) -> None:
        """It came, and needs us."""
        self._over.setdefault(update_id, False)

    def settle(self, update_id: int) -> None:
        """It needs us no more. Settling what was confirmed already changes nothing."""
        if update_id in self._over:
            self._over[update_id] = True

    @property
    def unsettled(self) -> list[int]:
        """Those that still need us, lowest first."""
        return sorted(update_id for update_id, over in self._over.items() if not over)

    @property
    def offset(self) -> int:
        """Where the next poll starts: 0 before anything came."""
        if not self._over:
            return self._last_offset
        unsettled = [update_id for update_id, over in self._over.items() if not over]
        return min(unsettled) if unsettled else max(self._over) + 1

    def movable(self) -> int:
        """How many would be confirmed by a poll now."""
        offset = self.offset
        return sum(update_id < offset for update_id in self._over)

    def confirmed(self, offset: int) -> list[int]:
        """A poll with this offset went through: drop and return what Telegram has now forgotten, lowest first."""
        self._last_offset = offset
        gone = sorted(update_id for update_id in self._over if update_id < offset)
        for update_id in gone:
            del self._over[update_id]
        return gone
