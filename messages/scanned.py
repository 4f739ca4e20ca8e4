"""What a phone's browser shows where the address on the wall cannot simply open the chat."""

from __future__ import annotations

from messages.message import Button, Message
from messages.words import Say
from rules.station import Station


def unknown_code(say: Say, number: str, bot: str) -> Message:
    """Scanned or typed, no station has it. `number` is the hotline's; `bot` our name, or empty."""
    text = say(
        "<b>No station has this code.</b>\nScan the code on the wall once more. If that does not help, send your "
        "position in the chat: it tells you the nearest open station. Or call {number}.",
        number=number,
    )
    return Message(text, _chat(say, bot))


def no_chat_yet(say: Say, number: str) -> Message:
    """We have not reached the channel since the start, and do not know our own name."""
    return Message(
        say("<b>The chat cannot be reached just now.</b>\nTry again in a minute, or call {number}.", number=number)
    )


def in_wechat(say: Say, station: Station, bot: str) -> Message:
    """WeChat's own browser opens no link to the chat."""
    text = say(
        "<b>{name}</b>\nWeChat cannot open the chat. Tap ··· in the corner and choose to open this page in the "
        "browser; or send the code <code>{code}</code> to @{bot} on Telegram.",
        name=station.name,
        code=station.code,
        bot=bot,
    )
    return Message(text)


def no_such_page(say: Say) -> Message:
    """An address that leads nowhere."""
    return Message(say("<b>There is no such page.</b>\nScan the code on a station's wall."))


def broken(say: Say, number: str) -> Message:
    """An error of ours."""
    text = say(
        "<b>Something went wrong on our side, and it is noted.</b>\nTry again in a minute, or call {number}.",
        number=number,
    )
    return Message(text)


def _chat(say: Say, bot: str) -> tuple[tuple[Button, ...], ...]:
    if not bot:
        return ()
    return ((Button(say.plain("💬 Open the chat"), url=f"https://t.me/{bot}?start=hi"),),)
