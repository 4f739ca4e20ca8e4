"""Who may send a list of stations, of which of them, and what their own part of the city says of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules.lists.plan import Reach
from rules.parts import RoleKind
from rules.roles import Role, Scope
from rules.rulebook import Rulebook
from rules.station import Station

SENDS: tuple[RoleKind, ...] = ("office", "general_head", "admin")  # whose list it is (H12); ours


def sending(held: Iterable[Role]) -> list[Scope]:
    """The parts of the city whose list somebody keeps; empty for those who keep none."""
    return list(dict.fromkeys(one.scope for one in held if one.kind in SENDS and one.scope.station is None))


def reach(scopes: Sequence[Scope]) -> Reach:
    """Whether a station lies in any of them."""
    return lambda station: any(one.covers(station) for one in scopes)


def own_district(scopes: Sequence[Scope]) -> str:
    """The district of rows that name none: the sender's, where it is only one. Empty: nothing is said of them."""
    named = {one.area.split("/")[0] for one in scopes}
    return named.pop() if len(named) == 1 else ""


def own_rulebook(scopes: Sequence[Scope], known: Iterable[Station], home: Rulebook) -> str:
    """The id of the rulebook of rows that name none: that of most of the sender's stations, else `home`'s."""
    books = [one.rulebook for one in known if any(scope.covers(one) for scope in scopes)]
    return max(sorted(set(books)), key=books.count) if books else home.id
