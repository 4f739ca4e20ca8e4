"""A message that sets out by itself, tried once: what Telegram says to it, as an Outcome the outbox understands.

Nothing here waits to try again, remembers or logs: who is told what, and when, stands in the outbox.
"""

from __future__ import annotations

import re

from telegram import Bot
from telegram import Message as Shown
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from channels.telegram.gone import why_gone
from channels.telegram.pace import Pacer
from channels.telegram.send import FILES, OTHER_KIND, Call, carries, edits, new_calls, seconds_of, too_large
from channels.telegram.transport import NotSentError
from channels.telegram.updates import Place
from messages.delivery import Address, Gone, Later, Moved, Outcome, Refused, Sent, Unclear
from messages.message import Message

OFFLINE_SECONDS = 2.0  # before knocking again where nobody opened
TOKEN_SECONDS = 30.0  # a wrong token ends the receiver, and with it the program
REASON_CUT = 120
# Telegram quotes what it does not like; nobody's words belong into a log.
_QUOTED = re.compile(r""""[^"]*"|(?<!\w)'[^']*'|[^ -~]+""")


class Mail:
    """Telegram as a Carrier. Keeps Telegram's limits for all and for groups; those for a person are the outbox's."""

    def __init__(self, bot: Bot, pacer: Pacer | None = None) -> None:
        self._bot, self._pacer = bot, pacer or Pacer()

    async def send(self, to: Address, message: Message) -> Outcome:
        """Show a new message; it may take several calls."""
        place = _place(to)
        calls = new_calls(place, message) if place is not None else []
        if place is None or not calls:
            return Refused("nothing to show" if place is not None else "no address of Telegram's")
        return self._too_fast(place, len(calls)) or await self._in_order(calls)

    async def edit(self, to: Address, message_id: str, message: Message) -> Outcome:
        """Put other words and buttons into a message. A picture, a pin, a keyboard in `message` are not brought."""
        place = _place(to, message_id)
        if place is None or place.message_id is None:
            return Refused("no address of Telegram's")
        calls = edits(place.chat_id, place.message_id, message)
        return self._too_fast(place, 1) or await self._first_that_fits(calls, message_id)

    def _too_fast(self, place: Place, calls: int) -> Later | None:
        wait = 0.0 if place.private else self._pacer.group_wait(place.chat_id, calls)
        return Later(wait, "the group has had its messages for this minute") if wait > 0.0 else None

    async def _first_that_fits(self, calls: list[Call], message_id: str) -> Outcome:
        for call in calls[:-1]:
            outcome = await self._call(call, message_id)
            if not (isinstance(outcome, Refused) and OTHER_KIND.search(outcome.reason)):
                return outcome
        return await self._call(calls[-1], message_id)

    async def _in_order(self, calls: list[Call]) -> Outcome:
        """All calls, until one fails. What is refused only for its file is said without it."""
        outcome: Outcome = Refused("nothing to show")
        shown: list[str] = []
        for call in calls:
            outcome = await self._call(call)
            spoilt = call.method in FILES and (isinstance(outcome, Refused) or outcome == Gone("no_rights"))
            if spoilt and call.instead:
                outcome = await self._in_order(list(call.instead))
            if not (isinstance(outcome, Sent) or (spoilt and not call.instead)):
                return _halfway(outcome) if any(shown) else outcome
            shown.append(outcome.message_id if isinstance(outcome, Sent) else "")
        known = shown[carries(calls)] or next((number for number in reversed(shown) if number), "")
        return Sent(known) if known else outcome

    async def _call(self, call: Call, message_id: str = "") -> Outcome:
        await self._pacer.turn()
        try:
            shown = await getattr(self._bot, call.method)(**call.values)
        except TelegramError as error:
            return outcome_of(error, message_id)
        except Exception as error:  # an answer the library cannot read comes when the message is shown already
            return Unclear(type(error).__name__)
        return Sent(str(shown.message_id) if isinstance(shown, Shown) else message_id)


def outcome_of(error: TelegramError, message_id: str = "") -> Outcome:
    """What became of the one call that ended in `error`. `message_id` is what it was to change."""
    if isinstance(error, RetryAfter):
        return Later(seconds_of(error), "throttled")
    if isinstance(error, NotSentError | InvalidToken):
        return Later(OFFLINE_SECONDS if isinstance(error, NotSentError) else TOKEN_SECONDS, reason_of(error))
    if isinstance(error, ChatMigrated):
        return Moved(str(error.new_chat_id))
    why = why_gone(error.message)
    if isinstance(error, Forbidden):
        return Gone(why or "no_rights")
    if too_large(error):
        return Refused(reason_of(error))
    if not isinstance(error, BadRequest):
        return Unclear(reason_of(error))
    if "message is not modified" in error.message.lower():
        return Sent(message_id)
    return Gone(why) if why is not None else Refused(reason_of(error))


def reason_of(error: TelegramError) -> str:
    """Telegram's description, without what it quotes of ours."""
    return _QUOTED.sub("…", error.message)[:REASON_CUT]


def _halfway(outcome: Outcome) -> Outcome:
    """A later part failed and the first is shown.

    Said to be sent, the rest would be lost; said to be unsent, the first would come twice without the sign that it
    does. A chat that is gone, or a part that is never taken, stays what it is.
    """
    return Unclear("only the first part was shown") if isinstance(outcome, Later | Moved) else outcome


def _place(to: Address, message_id: str = "") -> Place | None:
    """Where that is on Telegram; None where it is nowhere there."""
    try:
        thread = int(to.thread) if to.thread else None
        return Place(int(to.chat), to.private, int(message_id) if message_id else None, thread_id=thread)
    except ValueError:
        return None
