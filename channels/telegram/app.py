"""Telegram as a channel to start and stop: python-telegram-bot parses and dispatches, the rest is ours."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, ExtBot, TypeHandler

from channels.telegram.attempts import Attempts, Pace, Watch
from channels.telegram.carry import Mail
from channels.telegram.fetch import Fetcher
from channels.telegram.lanes import Item
from channels.telegram.pace import Pacer
from channels.telegram.receive import Receiver
from channels.telegram.secrets import quiet_library, unnamed
from channels.telegram.transport import AiohttpRequest, UnclearError
from channels.telegram.trouble import Trouble
from channels.telegram.updates import ALLOWED_UPDATES, Me, Place, ask_of, bare_ask, chat_of, place_of
from handlers.ask import Ask
from messages.message import Reply
from messages.words import DEFAULT
from storage.database import Database

log = logging.getLogger(__name__)

CONTACT_SECONDS = 3.0  # how long a start waits for the first word from Telegram
Commands = Mapping[str, Sequence[tuple[str, str]]]  # our name of a language → each command and what it does


class _Bot(ExtBot[None]):
    """The library's bot, without the token in its name, handing over updates unparsed.

    The library parses a poll as a whole: one update it cannot read would hold up all others, and be logged whole.
    """

    __repr__ = unnamed

    async def fetch(self, offset: int, limit: int, seconds: int) -> list[dict[str, Any]]:
        asked = {"offset": offset or None, "limit": limit, "timeout": seconds, "allowed_updates": ALLOWED_UPDATES}
        updates = await self._post("getUpdates", asked, read_timeout=seconds + 10.0)
        if not isinstance(updates, list):
            raise UnclearError("the answer is no list of updates")
        return updates

    async def remove_webhook(self) -> None:
        await self.delete_webhook(drop_pending_updates=False)

    async def hang_up(self) -> None:
        """Let go of every connection; the library keeps them where it never learned our name."""
        await self.shutdown()
        for request in self._request:
            await request.shutdown()


class Telegram:
    """The channel: `start`, receive `until` told otherwise, `stop`."""

    def __init__(
        self,
        application: Application[Any, Any, Any, Any, Any, Any],
        bot: _Bot,
        answer: Callable[[Ask], Awaitable[Reply]],
        apology: Callable[[Ask], Reply],
        db: Database,
        clock: Callable[[], datetime],
        commands: Commands,
        pace: Pace,
        watch: Watch,
    ) -> None:
        self._application, self._bot, self._answer, self._clock = application, bot, answer, clock
        self._commands, self._pace = commands, pace
        self._me, self._contact = Me(0, ""), asyncio.Event()
        self._outcomes: dict[int, Reply | Exception] = {}
        self._task: asyncio.Task[None] | None = None
        pacer = Pacer()
        self._mail = Mail(bot, pacer)
        self._fetcher = Fetcher(bot)
        attempts = Attempts(bot, db, self._dispatch, apology, clock, pace, watch, pacer.answered)
        self._receiver = Receiver(bot, self._read, attempts, db, clock, pace, watch)
        application.add_handler(TypeHandler(Update, self._on_update))
        application.add_error_handler(self._on_error)

    @property
    def username(self) -> str:
        """Our name on Telegram, without @; empty until we have reached it."""
        return self._me.username

    @property
    def mail(self) -> Mail:
        """What carries messages that set out by themselves; one for all, as it counts what leaves."""
        return self._mail

    @property
    def fetcher(self) -> Fetcher:
        """What brings in the files people sent."""
        return self._fetcher

    async def start(self) -> None:
        """Begin to receive. Where Telegram cannot be reached yet, this returns all the same and goes on trying.

        Raises WrongTokenError where it is reached and refuses the token.
        """
        self._task = asyncio.create_task(self._run())
        contact = asyncio.create_task(self._contact.wait())
        await asyncio.wait([self._task, contact], timeout=CONTACT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        contact.cancel()
        if self._task.done():
            self._task.result()

    async def until(self, told_to_stop: asyncio.Event) -> None:
        """Receive until told to stop. Raises WrongTokenError where Telegram refuses the token in the meantime."""
        if self._task is None:
            raise RuntimeError("start first")
        told = asyncio.create_task(told_to_stop.wait())
        try:
            await asyncio.wait([self._task, told], return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        if self._task.done():
            self._task.result()

    async def stop(self) -> None:
        """End within about five seconds: answers under way leave, the rest waits at Telegram for the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._receiver.stop()
        await self._application.shutdown()
        await self._bot.hang_up()

    async def _run(self) -> None:
        await self._connect()
        await self._introduce()
        await self._receiver.run()

    async def _connect(self) -> None:
        """Learn our own name; for as long as that takes."""
        trouble = Trouble(self._pace.first_retry, self._pace.longest_retry)
        while True:
            problem: Exception | None = None
            try:
                await self._application.initialize()
            except Exception as error:
                problem = error
            if problem is None:
                break
            await asyncio.sleep(trouble.met(problem))
        trouble.over()
        self._me = Me(self._bot.id, self._bot.username)
        self._contact.set()

    async def _introduce(self) -> None:
        """Set the list of commands. Without it people can still type them, so it is tried once."""
        lists = [(language.partition("_")[0], commands) for language, commands in self._commands.items()]
        everybody = [(None, commands) for language, commands in self._commands.items() if language == DEFAULT]
        for code, commands in [*everybody, *lists]:
            try:
                await self._bot.set_my_commands(list(commands), language_code=code)
            except TelegramError as error:
                log.warning("The list of commands stays as it was (%s).", type(error).__name__)
                return

    def _read(self, raw: dict[str, Any]) -> Item | None:
        """An Item of an update as it came; one that cannot be read goes the way of those that fail."""
        update_id, now = int(raw["update_id"]), self._clock()
        try:
            update = Update.de_json(raw, self._bot)
            ask, place = ask_of(update, self._me, now), place_of(update)
        except Exception:
            chat = chat_of(raw)
            place = Place(chat) if chat is not None else None
            return Item(update_id, "unreadable", bare_ask(raw, now), place=place, given_up=place is None)
        return Item(update_id, ask.what, ask, update, place) if ask is not None and place is not None else None

    async def _dispatch(self, item: Item) -> Reply:
        """Through the library to our handlers and back. It swallows what they raise; we do not."""
        if item.update is None:
            raise ValueError("an update that cannot be read")
        await self._application.process_update(item.update)
        outcome = self._outcomes.pop(item.update_id, None)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or Reply()

    async def _on_update(self, update: Update, _context: Any) -> None:
        ask = ask_of(update, self._me, self._clock())
        if ask is not None:
            self._outcomes[update.update_id] = await self._answer(ask)

    async def _on_error(self, update: object, context: Any) -> None:
        if isinstance(update, Update):
            self._outcomes[update.update_id] = context.error


def build_telegram(
    token: str,
    api_url: str,
    answer: Callable[[Ask], Awaitable[Reply]],
    apology: Callable[[Ask], Reply],
    db: Database,
    clock: Callable[[], datetime],
    commands: Commands | None = None,
    pace: Pace | None = None,
    watch: Watch | None = None,
) -> Telegram:
    """The channel, not yet started. `api_url` is a Bot API server's: Telegram's, or one of your own.

    `answer` commits its own effect through receipts.once before it returns. `watch` is told of each update when it
    is received, handled (its handler starts), committed, sent, answered (so noted) and confirmed.
    """
    quiet_library()
    api = api_url.rstrip("/")
    bot = _Bot(
        token,
        base_url=f"{api}/bot",
        base_file_url=f"{api}/file/bot",
        request=AiohttpRequest(token),
        get_updates_request=AiohttpRequest(token, connections=2),
    )
    application = ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()
    return Telegram(application, bot, answer, apology, db, clock, commands or {}, pace or Pace(), watch or _nobody)


def _nobody(_stage: str, _update_id: int) -> None:
    """Nobody watches."""
