"""What tests/command_line.py forks from: every command, and what a bot reads before it can answer."""

from __future__ import annotations

import bot.__main__
import bot.import_stations
import bot.invite
import bot.people
import bot.print_qr
import bot.run
import bot.tickets
from bot.lexicon import understanding
from messages.words import load_languages

COMMANDS = bot.__main__.app
understanding()
load_languages()
