"""What we keep, said plainly, and erasing it."""

from __future__ import annotations

from dataclasses import replace

from handlers import papers, staff
from handlers.desk import Desk
from handlers.rights import actor
from messages import campaign, hello, people
from messages.message import Reply
from storage import campaigns, evaluations, handover, submissions


async def privacy(desk: Desk) -> Reply:
    """/privacy."""
    hears = await desk.city.db.read(campaigns.wants_to_hear, desk.person.id)
    return Reply((replace(hello.privacy(desk.say), buttons=((campaign.hear_button(desk.say, hears),),)),))


async def forget(desk: Desk) -> Reply:
    """/forget: asks once more, because it cannot be undone."""
    return Reply((hello.forget(desk.say),))


async def really(desk: Desk) -> Reply:
    """Yes: chat, name, settings and position go, and roles end, handed on. Anything else: nothing does."""
    if desk.ask.press != "forget:yes":
        return Reply((hello.kept(desk.say),))
    desk.city.positions.forget(desk.ask.channel, desk.ask.chat)
    desk.city.visits.forget(desk.ask.channel, desk.ask.chat)
    ask, city = desk.ask, desk.city
    staffed, shown = bool(await staff.held(desk)), await city.db.read(submissions.drafted_photos, desk.person.id)
    shown += await city.db.read(evaluations.drafted_photos, desk.person.id)
    await desk.keep(handover.forget, ask.channel, ask.chat, staff.ground(city), ask.now, actor(desk).origin)
    await papers.forget_photos(desk, await city.db.read(submissions.shown_nowhere, shown))
    keys = (people.a_worker_again(desk.say, city.home),) if staffed else ()
    return Reply((hello.forgotten(desk.say), *keys))
