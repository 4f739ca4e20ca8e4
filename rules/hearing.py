"""Who hears of a station: the nearest who can be reached; whoever stands in receives for whoever is away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rules.parts import RoleKind
from rules.roles import Follows, Role, told
from rules.station import Station

Reach = Mapping[int, int]  # person → who receives for them (a stand-in, it may be); who is missing receives nothing


@dataclass(frozen=True, slots=True)
class Hearer:
    """Somebody who gets the message, and as what: the role is their own, or of whom they stand in for."""

    person: int
    role: Role


def ranks(kinds: Iterable[RoleKind], station: Station, roles: Iterable[Role], follows: Follows) -> Iterator[list[Role]]:
    """Whoever holds these kinds of role over a station: one kind after the other, of each the nearest scope first."""
    held = list(roles)
    for kind in kinds:
        yield from (list(rank) for rank in told(kind, station, held, follows).ranks)


def first_reached(ranks: Iterable[Iterable[Role]], reach: Reach) -> list[Hearer]:
    """Those of the first rank of which anybody can be reached (S13); nobody: empty."""
    return next((found for rank in ranks if (found := reached(rank, reach))), [])


def reached(rank: Iterable[Role], reach: Reach) -> list[Hearer]:
    """Whoever receives for these, once each."""
    found = {reach[one.person]: one for one in reversed(list(rank)) if one.person in reach}
    return [Hearer(person, role) for person, role in reversed(found.items())]
