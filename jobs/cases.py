"""What was complained of is done: whoever entered it hears so, and writes the reply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from messages import case as words
from messages.message import Message
from messages.station import Facts
from messages.ticket import TicketView, buttons, ticket_text
from messages.words import Say
from rules.complaints import may_reply
from rules.roles import MAY
from storage import roles, tickets
from storage.beside import beside
from storage.notices import Owed
from storage.station_memory import StationMemory

TO_ANSWER = "to_answer"


class ToAnswer:
    """Pointless where the reply is written already, or it is broken again, or they may no longer write one."""

    def read(
        self, connection: Connection, said: Sequence[Owed], stations: StationMemory, _facts: Facts, now: datetime
    ) -> TicketView | None:
        one = tickets.find(connection, said[0].ticket or 0)
        station = stations.by_id(one.station) if one is not None else None
        if one is None or station is None or one.state != "answering":
            return None
        if may_reply(roles.held(connection, said[0].person, now), station) is None:
            return None
        return TicketView(one, station, **beside(connection, one, station))

    def write(self, say: Say, facts: Facts, _said: Sequence[Owed], found: TicketView, now: datetime) -> Message | None:
        whole = Message(ticket_text(say, facts, found, now), buttons(say, found, MAY["office"]))
        return words.to_answer(say, whole)
