"""Word of what takes long: one message that changes while somebody waits. Where it cannot be shown, nothing is lost."""

from __future__ import annotations

from handlers.desk import Desk
from messages.delivery import Address, Sent
from messages.message import Message


class Progress:
    """The one message. What is said at the end stands in the reply; this only says that something is being done."""

    def __init__(self, desk: Desk) -> None:
        ask = desk.ask
        self._carrier = desk.city.carriers.get(ask.channel)
        self._to = Address(ask.channel, ask.chat, ask.thread, ask.private)
        self._shown = ""

    async def show(self, message: Message) -> None:
        """Show it, or put it in place of what was shown before."""
        if self._carrier is None:
            return
        if self._shown:
            await self._carrier.edit(self._to, self._shown, message)
            return
        outcome = await self._carrier.send(self._to, message)
        self._shown = outcome.message_id if isinstance(outcome, Sent) else ""

    async def end(self, message: Message) -> bool:
        """The last of it, where there was a first; whether that is to be read now."""
        if self._carrier is None or not self._shown:
            return False
        return isinstance(await self._carrier.edit(self._to, self._shown, message), Sent)
