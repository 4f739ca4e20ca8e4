"""Telegram on your own machine: the Bot API, its limits and faults, and chat windows in the browser."""
