"""A long list page by page: what stands on one of them, and the row of buttons that turns them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from messages.message import Button

T = TypeVar("T")
Turn = Callable[[str, int], Button]  # what stands on it and the page it leads to → the button


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What stands on page `number` of `pages`, counted from 1. Of a list without anything: one page with nothing."""

    shown: Sequence[T]
    number: int
    pages: int

    @property
    def last(self) -> bool:
        """Whether none follows."""
        return self.number == self.pages

    def turning(self, button: Turn) -> tuple[tuple[Button, ...], ...]:
        """◀ 2/5 ▶, the middle one to look again; no row where there is one page."""
        return turning(self.number, self.pages, button)


def page_of(items: Sequence[T], number: int, size: int) -> Page[T]:
    """So many a page; the nearest there is, where this one is not there (any more)."""
    pages = max(1, -(-len(items) // size))
    number = min(max(number, 1), pages)
    return Page(items[(number - 1) * size : number * size], number, pages)


def turning(number: int, pages: int, button: Turn) -> tuple[tuple[Button, ...], ...]:
    """The same for a list that is cut otherwise."""
    turns = (("◀", number - 1), (f"{number}/{pages}", number), ("▶", number + 1))
    row = tuple(button(label, n) for label, n in turns if 1 <= n <= pages)
    return (row,) if pages > 1 else ()
