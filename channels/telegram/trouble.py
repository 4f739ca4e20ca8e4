"""What is wrong with receiving right now, said once when it begins and once when it is over, not at every try."""

from __future__ import annotations

import logging
import time

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from channels.telegram.transport import NotSentError

log = logging.getLogger(__name__)

_SENTENCES = {
    "conflict": "Another program receives with the same BOT_TOKEN, or one that was just killed has not let go yet. "
    "Only one can; trying again, slowly.",
    "webhook": "A webhook was set for this bot; it is being removed, because this program asks for its updates itself.",
    "throttled": "Telegram asks us to receive more slowly.",
    "unreachable": "BOT_API_URL cannot be reached; trying again until it can.",
    "telegram": "Telegram does not answer as it should; trying again.",
    "memory": "The database cannot be read or written; nothing is confirmed until it can.",
}


class WrongTokenError(Exception):
    """Telegram refuses BOT_TOKEN: waiting will not help."""

    def __init__(self) -> None:
        super().__init__("Telegram does not accept BOT_TOKEN. Copy it again from @BotFather, and look at BOT_API_URL.")


class Trouble:
    """The state of one loop that must go on whatever happens. Seconds between tries grow from `first` to `longest`."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._state = ""
        self._tries = 0
        self._last = 0.0

    def met(self, error: Exception) -> float:
        """Note a failure; the seconds to wait before the next try. Raises WrongTokenError."""
        if isinstance(error, InvalidToken):
            raise WrongTokenError
        state = kind_of(error)
        if state != self._state:
            log.warning("%s (%s)", _SENTENCES[state], type(error).__name__)
            self._state, self._tries = state, 0
        wait = min(self._first * 2 ** min(self._tries, 20), self._longest)
        self._tries, self._last = self._tries + 1, time.monotonic()
        return max(float(wait), _asked(error))

    def over(self) -> None:
        """It worked. Two programs that take turns at one token both work now and then: that is not over yet."""
        if self._state == "conflict" and time.monotonic() - self._last < 2 * self._longest:
            return
        if self._state:
            log.warning("Working again.")
        self._state, self._tries = "", 0


def kind_of(error: Exception) -> str:
    """Which trouble an exception of a poll or of the database is."""
    if isinstance(error, Conflict):
        return "webhook" if "webhook" in error.message.lower() else "conflict"
    if isinstance(error, RetryAfter):
        return "throttled"
    if isinstance(error, NotSentError):
        return "unreachable"
    return "telegram" if isinstance(error, TelegramError) else "memory"


def _asked(error: Exception) -> float:
    if not isinstance(error, RetryAfter):
        return 0.0
    after = error.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())
