"""已报送: what was handed in, what it counts for, and what others hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from messages.due import by_when, round_name
from messages.hand_in import MOST_OWED, Owing, Paper, body, place, the_list, went_labels
from messages.message import Button, Message
from messages.sent_back import reason
from messages.station import Facts
from messages.words import Html, Say
from rules.rulebook import Rulebook
from rules.station import Station
from rules.submissions import Credit


def sent(
    say: Say,
    facts: Facts,
    book: Rulebook,
    paper: Paper,
    now: datetime,
    owing: Sequence[Owing] = (),
    *notes: Html,
    undo: bool = True,
    alone: bool = False,
) -> Message:
    """已报送: what it counts for, and what is still owed there; `alone`: looked at later, without that."""
    lines = [_state(say, facts, paper), *notes, *body(say, facts, book, paper, now), *_handed(say, paper)]
    rows: list[tuple[Button, ...]] = []
    if owing and paper.station is not None:
        lines += [_still_owed(say, one, now) for one in owing[:MOST_OWED]]
        rows += [(_to_hand_in(say, one, paper.station),) for one in owing[:MOST_OWED]]
    elif not alone and paper.station is not None:
        lines.append(say("Nothing else is due at this station."))
    id = paper.one.id
    if paper.one.draft.kind == "publicity" and paper.one.withdrawn_at is None:
        labels = went_labels(say, paper.one.draft.publicity)
        rows.append(tuple(Button(label, f"sent:{id}:{state}") for state, label in labels))
    rows.append(((Button(say.plain("↩️ Undo"), f"unsend:{id}"),) if undo else ()) + the_list(say))
    return Message("\n".join(lines), tuple(rows))


def _still_owed(say: Say, one: Owing, now: datetime) -> Html:
    return say("⬜ Still to hand in: {name}; {by}", name=round_name(say, one.round), by=by_when(say, one.round, now))


def _to_hand_in(say: Say, one: Owing, station: Station) -> Button:
    label = say.plain("{icon} Hand in: {duty}", icon=one.round.duty.icon, duty=round_name(say, one.round))
    return Button(label[:60], f"hand_in:{one.id}:{station.code}")


def _state(say: Say, facts: Facts, paper: Paper) -> Html:
    name, where = round_name(say, paper.round), place(facts, paper.station, paper.one.unit)
    credits = paper.one.credits
    back = {one.station for one in credits if one.state == "sent_back"}
    if paper.one.withdrawn_at is not None:
        return say("↩️ <b>Taken back: {title}</b> · {place}", title=name, place=where)
    if back:
        there = [one for one in (paper.station, *paper.joint) if one is not None and one.id in back]
        return say("↩️ <b>Sent back: {title}</b> · {place}", title=name, place=_places(say, facts, paper, there))
    if credits and all(one.state == "accepted" for one in credits):
        return say("✅ <b>Accepted: {title}</b> · {place}", title=name, place=where)
    if len(credits) > 1:
        n = len(credits)
        return say.many("✅ <b>Handed in: {title}</b> · {place}; it counts for {n} station",
                        "✅ <b>Handed in: {title}</b> · {place}; it counts for {n} stations",
                        n, title=name, place=where)  # fmt: skip
    return say("✅ <b>Handed in: {title}</b> · {place}", title=name, place=where)


def _handed(say: Say, paper: Paper) -> list[Html]:
    """After it was sent: late, for others, and by whom."""
    late = any(one.late for one in paper.one.credits)
    signs = [say("⏰ handed in late")] if late else []
    return [*signs, by_proxy(say, paper.by)] if paper.one.proxy else signs


def by_proxy(say: Say, name: str) -> Html:
    """代办：陈经办."""
    return say("🙋 handed in for them by {name}", name=name) if name else say("🙋 handed in for them by their union")


def also_by(say: Say) -> Html:
    """Two at once."""
    return say("Somebody else handed it in meanwhile; both are kept.")


def left_out(say: Say, stations: Sequence[str]) -> Html:
    """Stations it could not count for any more."""
    return say(
        "It does not count for {stations}: you are not responsible there any more.", stations=say.listed(stations)
    )


def taken_back(say: Say, facts: Facts, paper: Paper) -> Message:
    """撤销: nothing was handed in."""
    name, where = round_name(say, paper.round), place(facts, paper.station, paper.one.unit)
    text = say("↩️ Taken back: {title} · {place}. It does not count any more.", title=name, place=where)
    again = Button(say.plain("✏️ Put it right"), f"draft:{paper.one.id}:copy")
    return Message(text, ((again,), the_list(say)), in_place=True)


def too_late_to_undo(say: Say, minutes: int) -> Html:
    """The time is over."""
    return say.many("It can be taken back for {n} minute only. If it is wrong, ask your area's head to send it back.",
                    "It can be taken back for {n} minutes only. If it is wrong, ask your area's head to send it back.",
                    minutes)  # fmt: skip


# ── what others hear ──────────────────────────────────


def _places(say: Say, facts: Facts, paper: Paper, there: Sequence[Station]) -> str:
    """These stations by name; without any, whatever it was handed in for."""
    names = [place(facts, one, "") for one in there]
    return say.listed(names) if names else place(facts, paper.station, paper.one.unit)


def refusal(paper: Paper, there: Sequence[Station] = ()) -> Credit | None:
    """The credit that was sent back last, of these stations if any; None where none is."""
    ids = {one.id for one in there}
    mine = [one for one in paper.one.credits if not ids or one.station in ids]
    back = [one for one in mine if one.state == "sent_back" and one.decided_at is not None]
    return max(back, key=lambda one: one.decided_at or one.at, default=None)


def sent_back_notice(say: Say, facts: Facts, paper: Paper, there: Sequence[Station] = ()) -> Message | None:
    """To whoever handed it in, and to the keepers of these stations: why, and again with one tap."""
    credit = refusal(paper, there)
    if credit is None:
        return None
    name, where = round_name(say, paper.round), _places(say, facts, paper, there)
    by = paper.deciders.get(credit.decided_by or 0, "")
    lines = [say("↩️ <b>Sent back: {title}</b> · {place}", title=name, place=where)]
    lines.append(say("Why: {reason}", reason=reason(say, credit.reason)))
    lines += [say("By: {name}", name=by)] if by else []
    lines.append(say("What was sent is still here: change what is wrong and hand it in again."))
    return Message("\n".join(lines), (*_again(say, facts, paper, there), the_list(say)))


def _again(say: Say, facts: Facts, paper: Paper, there: Sequence[Station]) -> list[tuple[Button, ...]]:
    """A button for each station it was sent back for; the first few, the others are in the list."""
    label = say.plain("✏️ Hand in again")
    if not there:
        return [(Button(label, f"draft:{paper.one.id}:copy"),)]
    named = len(there) > 1
    return [
        (
            Button(
                f"{label} · {place(facts, one, '')}"[:60] if named else label, f"hand_in:{paper.one.round}:{one.code}"
            ),
        )
        for one in there[:MOST_OWED]
    ]


def corrected_notice(say: Say, facts: Facts, paper: Paper, there: Sequence[Station] = ()) -> Message:
    """To whoever was told: it was taken back."""
    name, where = round_name(say, paper.round), _places(say, facts, paper, there)
    by = paper.by or say.plain("whoever handed it in")
    text = say(
        "↩️ Correction: {name} took back {title} · {place}. It is not handed in.", name=by, title=name, place=where
    )
    return Message(text, (the_list(say),))


def proxy_notice(say: Say, facts: Facts, paper: Paper, there: Sequence[Station] = ()) -> Message:
    """To a station's own people: somebody above did it for them."""
    name, where = round_name(say, paper.round), _places(say, facts, paper, there)
    by = paper.by or say.plain("your union")
    text = say("🙋 {name} handed in {title} for {place}. There is nothing left to do for you.", name=by, title=name,
               place=where)  # fmt: skip
    return Message(text, ((Button(say.plain("👀 Look at it"), f"sent:{paper.one.id}"),),))
