"""What administrators hear about the machine: something is stuck, the clock jumped, what could not be delivered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from messages import times
from messages.message import Button, Message
from messages.words import Html, Say, marked

MOST_TICKETS = 8  # buttons under a summary


def notice(say: Say, kind: str, about: Mapping[str, Any], now: datetime) -> Message:
    """An alarm, an all-clear, or the daily summary."""
    if kind == "summary":
        return summary(say, about)
    what = str(about.get("what", ""))
    until = about.get("until")
    when = times.clock(say, datetime.fromisoformat(until), now) if isinstance(until, str) else ""
    return Message(_alarm(say, what, when))


def summary(say: Say, about: Mapping[str, Any]) -> Message:
    """Each morning: how much could not be delivered, why, and which tickets; which years' days off nobody added yet."""
    reasons, n, years = about.get("reasons", {}), int(about.get("n", 0)), about.get("years", ())
    lines = [_calendar(say, years)] if years else []
    if n:
        failed = say.many(
            "📭 <b>{n} notice could not be delivered</b>", "📭 <b>{n} notices could not be delivered</b>", n
        )
        lines.append(failed)
        lines += [marked("· {why} ×{n}", why=undelivered(say, why), n=many) for why, many in reasons.items()]
        lines.append(say("Tickets went on to the next person. See who holds what: /people"))
    rows = tuple((Button(say.plain("Ticket {id}", id=id), f"ticket:{id}"),) for id in about.get("tickets", ()))
    return Message("\n".join(lines), rows[:MOST_TICKETS])


def _calendar(say: Say, years: Iterable[int]) -> Html:
    named = say.listed(str(year) for year in years)
    return say(
        "📆 <b>The holidays of {years} are missing.</b> Until the calendar file is added (rulebooks/calendar), the "
        "days near its holidays are worked out from the law alone and marked provisional.",
        years=named,
    )


def undelivered(say: Say, why: str) -> str:
    """Why somebody was not told, in words."""
    words = {
        "nobody": say.plain("nobody holds this role"),
        "blocked": say.plain("has blocked the bot"),
        "deactivated": say.plain("account deleted"),
        "not_found": say.plain("chat not found"),
        "left": say.plain("the bot is not in the group any more"),
        "no_rights": say.plain("may not write in the group"),
        "no_topic": say.plain("the group's topic is closed"),
        "forgotten": say.plain("had everything erased"),
        "role_ended": say.plain("no longer holds the role"),
        "no_such_line": say.plain("no such outside line is set up"),
        "gave_up": say.plain("not reachable for a whole day"),
        "refused": say.plain("the channel refused the message"),
    }
    return words.get(why, why)


def _alarm(say: Say, what: str, when: str) -> Html:
    if what == "heartbeat_late":
        return say("⏰ The heartbeat is late: notices and escalations may come late. Look at the machine's load.")
    if what == "tickets_stuck":
        return say("🧱 Tickets are due and cannot move. Look at the log.")
    if what == "outbox_stuck":
        return say("📮 Notices have been waiting for over five minutes. Look at the network and at Telegram.")
    if what == "clock_jumped":
        return say("🕰 The machine's clock jumped. Nothing is escalated before {time}; all else goes on.", time=when)
    if what == "away":
        return say("💤 The bot was away. Nothing is escalated before {time}, so that people can catch up.", time=when)
    if what == "clock_back":
        return say("🕰 The machine's clock was set back. Deadlines go on from the latest time seen. Check the clock.")
    return say("✅ All is well again.")
